// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {activeNetwork} from '../lib/cni.ts'

const PROGRAMS = Object.fromEntries(['loopback', 'bridge', 'host-local', 'portmap'].map((name) => [`/opt/cni/bin/${name}`, 'binary']))
const NETWORK = {'/etc/cni/net.d/10-net.conflist': '{"cniVersion":"0.4.0","name":"net","plugins":[{"type":"bridge","ipam":{"type":"host-local"}},{"type":"portmap"}]}'}
const DEBIAN = '[plugins."io.containerd.grpc.v1.cri".cni]\n  bin_dir = "/usr/lib/cni"\n  conf_dir = "/etc/cni/net.d"\n'

export const checks = [
  nodeCheck({
    id: 'cni-plugin-missing',
    title: {pass: 'Every CNI plugin is where the new runtime looks', fail: 'CNI plugins are not where the new runtime looks'},
    why:
      'The runtime executes the plugins that the CNI configuration names from its own folders, which may be others than those of ' +
      'dockershim: the packages of Debian and Ubuntu set ' +
      '/usr/lib/cni for containerd. Without one of them no pod sandbox can be made: \'failed to find plugin "…" in path\'.',
    severity: 'blocker',
    fix: {
      containerd:
        'Set `bin_dir = "/opt/cni/bin"` (containerd 2: `bin_dirs`) in the `cni` part of the CRI plugin in /etc/containerd/config.toml, ' +
        'or put the plugins there (https://github.com/containernetworking/plugins, 1.0 or later).',
      'cri-o':
        'Set `plugin_dirs` in the `[crio.network]` part of crio.conf, or put the plugins there ' +
        '(https://github.com/containernetworking/plugins).',
      'cri-dockerd': 'Start cri-dockerd with `--cni-bin-dir`, or put the plugins there (https://github.com/containernetworking/plugins).',
    },
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/troubleshooting-cni-plugin-related-errors/',
    unproven: 'Whether a plugin works, and its version, is not tried out. `--cni-bin-dir` of a cri-dockerd is not looked at.',
    needs: ['cniConfigs', 'cniBinFolders', 'cniPrograms', 'internalLoopback'],
    run({cniConfigs, cniBinFolders, cniPrograms = {}, internalLoopback}, {facts, upgrade}) {
      const network = activeNetwork(facts, cniConfigs)
      const folders = cniBinFolders?.[upgrade.target]
      if (network === undefined || folders === undefined) return (cniConfigs?.unread ?? []).flatMap(unreadableOf)
      const loopback = upgrade.target === 'cri-o' || internalLoopback === true ? [] : ['loopback']
      const missing = [...new Set([...network.programs, ...loopback])].filter((name) => !folders.value.some((folder) => cniPrograms[folder]?.includes(name)))
      if (missing.length === 0) return []
      const elsewhere = Object.entries(cniPrograms).find(([folder, names]) => !folders.value.includes(folder) && missing.every((name) => names.includes(name)))
      const where = elsewhere === undefined ? '' : ` ${missing.length === 1 ? 'It is' : 'They are'} in ${elsewhere[0]}.`
      return [problem(folders.value.join(':'), `${upgrade.target} looks for CNI plugins in ${folders.value.join(', ')}, and there is no ${missing.join(', ')}.${where}`, {
        evidence: [
          {source: folders.source, text: `plugins in ${folders.value.join(', ')}`},
          {source: network.file, text: `network ${network.name}: ${network.programs.join(', ')}`},
        ],
      })]
    },
    examples: {
      fail: [
        {processes: {640: '/usr/bin/containerd'}, files: {...NETWORK, ...PROGRAMS, '/etc/containerd/config.toml': `version = 2\n${DEBIAN}`}},
        {files: {...NETWORK, '/opt/cni/bin/bridge': 'binary', '/opt/cni/bin/host-local': 'binary', '/opt/cni/bin/portmap': 'binary'}},
        {files: {'/etc/cni/net.d/10-flannel.conflist': '{"cniVersion":"0.3.1","name":"cbr0","plugins":[{"type":"flannel","delegate":{"hairpinMode":true}}]}', '/opt/cni/bin/flannel': 'binary', '/opt/cni/bin/loopback': 'binary'}},
      ],
      pass: [
        {files: {...NETWORK, ...PROGRAMS}},
        {
          processes: {640: '/usr/bin/containerd'},
          files: {
            ...NETWORK, ...PROGRAMS,
            '/etc/containerd/config.toml': 'version = 3\n[plugins."io.containerd.cri.v1.runtime".cni]\n  bin_dirs = ["/usr/lib/cni", "/opt/cni/bin/"]\n',
          },
        },
      ],
    },
  }),
]
