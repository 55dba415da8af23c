// SPDX-License-Identifier: Apache-2.0
import type {NodeContext} from '../../model/check.ts'
import {compareVersions} from '../../model/version.ts'
import {activeNetwork} from '../lib/cni.ts'
import {containerdToCome} from '../lib/containerd.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'

/** In the releases 0.8 of the reference plugins (https://github.com/containernetworking/plugins/releases). `vrf` came with 0.9.0. */
const RELEASE_08 = [
  'bandwidth', 'bridge', 'dhcp', 'firewall', 'host-device', 'host-local', 'ipvlan', 'loopback', 'macvlan', 'portmap', 'ptp', 'sbr',
  'static', 'tuning', 'vlan',
]
const SINCE_09 = 'vrf'
const FIRST_WITH_1_0 = '1.0.0'
const FOLDER = (names: readonly string[]) => Object.fromEntries(names.map((name) => [`/opt/cni/bin/${name}`, 'binary']))
const NETWORK = (version: string) => ({'/etc/cni/net.d/10-net.conflist': `{"cniVersion":"${version}","name":"net","plugins":[{"type":"bridge","ipam":{"type":"host-local"}}]}`})

export const checks = [
  nodeCheck({
    id: 'cni-plugins-too-old',
    title: {
      pass: 'The CNI plugins know the version that they are called with',
      fail: 'The CNI plugins are too old for the version that they are called with',
    },
    why:
      'Plugins before 1.0 refuse a configuration of CNI 1.0 ("incompatible CNI versions"), and containerd 1.6.0 to 1.6.3 calls the ' +
      'loopback plugin with one whatever the network says: no pod sandbox can be made.',
    severity: 'blocker',
    fix:
      'Put plugins of 1.0 or later into the folder (https://github.com/containernetworking/plugins/releases), or set a lower ' +
      '`cniVersion` ("0.4.0") in the network, and use containerd 1.6.4 or later.',
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/troubleshooting-cni-plugin-related-errors/',
    unproven:
      'No plugin is run. A release before 0.9 is told by its set of plugins: all that 0.8 had, and not vrf. Other sets, and 0.9 ' +
      'itself, are taken for new enough.',
    needs: ['cniConfigs', 'cniBinFolders', 'cniPrograms'],
    run({cniConfigs, cniBinFolders, cniPrograms = {}}, node) {
      const folders = cniBinFolders?.[node.upgrade.target].value ?? []
      const network = activeNetwork(node.facts, cniConfigs)
      const wanted = [
        ...(network !== undefined && compareVersions(network.version || '0.1.0', FIRST_WITH_1_0) >= 0 ? network.programs : []),
        ...(callsLoopbackWith1(node) ? ['loopback'] : []),
      ]
      // the first folder that has a plugin is the one it is taken from
      const old = wanted.find((name) => isOld(cniPrograms[folders.find((folder) => cniPrograms[folder]?.includes(name)) ?? ''], name))
      if (old === undefined) return network === undefined ? (cniConfigs?.unread ?? []).flatMap(unreadableOf) : []
      const folder = folders.find((one) => cniPrograms[one]?.includes(old)) ?? ''
      const asked = old === 'loopback' ? `containerd ${containerdToCome(node)} calls it with CNI 1.0.0` : `${network?.file} is of CNI ${network?.version}`
      return [problem(folder, `The CNI plugins in ${folder} are of a release before 0.9, which knows CNI 0.4.0 at most; ${asked}.`, {
        evidence: [
          {source: folder, text: `the plugins of 0.8, and no ${SINCE_09}`},
          ...(network === undefined ? [] : [{source: network.file, text: `cniVersion: ${network.version || 'none'}`}]),
        ],
      })]
    },
    examples: {
      fail: [
        {files: {...NETWORK('1.0.0'), ...FOLDER(RELEASE_08)}},
        {files: {...NETWORK('0.4.0'), ...FOLDER(RELEASE_08)}, upgrade: {containerd: '1.6.2'}},
      ],
      pass: [
        {files: {...NETWORK('1.0.0'), ...FOLDER([...RELEASE_08, SINCE_09])}}, {files: {...NETWORK('0.3.1'), ...FOLDER(RELEASE_08)}},
        {files: {...NETWORK('1.0.0'), ...FOLDER(['bridge', 'host-local', 'loopback', 'portmap'])}},
      ],
    },
  }),
]

function isOld(names: readonly string[] | undefined, name: string): boolean {
  return names !== undefined && RELEASE_08.includes(name) && !names.includes(SINCE_09) && RELEASE_08.every((one) => names.includes(one))
}

/** containerd 1.6.0 to 1.6.3 (kubernetes, "Troubleshooting CNI plugin-related errors"). */
function callsLoopbackWith1(node: NodeContext): boolean {
  const version = node.upgrade.target === 'containerd' ? containerdToCome(node) : undefined
  return version !== undefined && compareVersions(version, '1.6.0') >= 0 && compareVersions(version, '1.6.4') < 0
}
