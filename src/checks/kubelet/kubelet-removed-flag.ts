// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget, Upgrade} from '../../model/check.ts'
import type {KubeletFlag} from '../../model/node/kubelet.ts'
import {isAtLeast} from '../../model/version.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {criTable} from '../lib/docker-target.ts'
import {flagsByName, proofOf} from '../lib/kubelet.ts'
import {REMOVED_FLAGS, type RemovedFlag} from '../tables/kubelet-flags.ts'

const BY_NAME: ReadonlyMap<string, RemovedFlag> = new Map(REMOVED_FLAGS.map((row) => [row.name, row]))
const GENERAL =
  'Remove the flag where it is written, and `systemctl daemon-reload` if that is a unit. The next start of ' +
  'the kubelet shows whether it takes its flags.'

/** pflag takes `_` for `-`. */
function plain(name: string): string {
  return name.replaceAll('_', '-')
}

function isGone(name: string, {kubernetes, oracle}: Upgrade): boolean {
  if (oracle.kubeletFlags !== undefined) return !oracle.kubeletFlags.flags.includes(name)
  const row = BY_NAME.get(name)
  return row !== undefined && isAtLeast(kubernetes, row.version)
}

function textOf(name: string, places: readonly KubeletFlag[], {kubernetes, oracle}: Upgrade): string {
  const row = BY_NAME.get(name)
  const says = oracle.kubeletFlags === undefined
    ? `kubelet ${kubernetes} does not know it (gone ${row?.latest ? 'at the latest in' : 'since'} ${row?.version})`
    : `${oracle.kubeletFlags.source} does not know it`
  const where = places.map(({source}) => source).slice(0, 3).join(', ')
  const effect = places.some(({from}) => from !== 'kubeadm')
    ? `ends at once with "unknown flag: --${name}"`
    : `ends with "unknown flag: --${name}" once kubeadm sets up the node with that file`
  return `--${name} (${where}): ${says}, and ${effect}.`
}

function adviceFor(name: string, value: string, upgrade: Upgrade): PerTarget {
  const row = BY_NAME.get(name)
  if (row === undefined) return GENERAL
  const isDefault = row.defaults?.includes(value) ?? false
  if (isDefault) return 'Remove it: it says what is the default.'
  const fill = (text: string) => text.replaceAll(/\{(value|cni|images)\}/g, (_, part: string) =>
    part === 'value' ? value : part === 'cni' ? criTable(upgrade, 'runtime', 'cni') : criTable(upgrade, 'images'))
  return typeof row.instead === 'string' ? fill(row.instead)
    : {containerd: fill(row.instead.containerd), 'cri-o': fill(row.instead['cri-o']), 'cri-dockerd': fill(row.instead['cri-dockerd'])}
}

/** kubeadm cleans the file that it writes itself, and no other. */
function withKubeadm(advice: PerTarget, places: readonly KubeletFlag[]): PerTarget {
  const written = places.filter(({from}) => from !== 'argv')
  if (written.length === 0 || !written.every(({source}) => source.startsWith('/var/lib/kubelet/kubeadm-flags.env'))) return advice
  const add = (text: string) => `${text} \`kubeadm upgrade\` cleans this file; where the kubelet is upgraded without it, do so before.`
  return typeof advice === 'string' ? add(advice) : {containerd: add(advice.containerd), 'cri-o': add(advice['cri-o']), 'cri-dockerd': add(advice['cri-dockerd'])}
}

function removedFlags(flags: readonly KubeletFlag[], upgrade: Upgrade): readonly Outcome[] {
  return [...flagsByName(flags.map((flag) => ({...flag, name: plain(flag.name)})))].flatMap(([name, places]): readonly Outcome[] => {
    // one letter: short forms, which are few and stay
    if (name.length < 2 || !isGone(name, upgrade)) return []
    return [problem(name, textOf(name, places, upgrade), {evidence: places.map(proofOf), fix: withKubeadm(adviceFor(name, places[0]?.value ?? '', upgrade), places)})]
  })
}

export const checks = [
  nodeCheck({
    id: 'kubelet-removed-flag',
    title: {pass: 'The kubelet to come knows every flag that it will be given', fail: 'The kubelet to come does not know one of its flags'},
    why:
      'A kubelet ends at once with "unknown flag" when it is given a flag that its version does not have. kubeadm cleans up ' +
      'its own /var/lib/kubelet/kubeadm-flags.env only, not ' +
      'KUBELET_EXTRA_ARGS, drop-ins, kubeletExtraArgs, nor the arguments of k3s and rke2. The node goes NotReady right after ' +
      'the upgrade.',
    severity: 'blocker',
    fix: GENERAL,
    learnMore: 'https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/',
    unproven:
      'Which flags are gone is known from release notes and source code, unless --kubelet-bin names the kubelet to come. ' +
      'Flags of the platform packages that are not listed are found with --kubelet-bin only.',
    needs: ['kubeletFlags'],
    run: ({kubeletFlags = []}, {upgrade}) => removedFlags(kubeletFlags, upgrade),
    examples: {
      fail: [
        {
          files: {
            '/var/lib/kubelet/config.yaml': 'kind: KubeletConfiguration\n',
            '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--network-plugin=cni --pod-infra-container-image=k8s.gcr.io/pause:3.2"\n',
          },
        },
        {
          upgrade: {kubernetes: '1.35'}, processes: {812: '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --pod-infra-container-image=registry.k8s.io/pause:3.10'},
          files: {'/etc/default/kubelet': '# by hand\nKUBELET_EXTRA_ARGS=--pod-infra-container-image=registry.k8s.io/pause:3.10\n'},
        },
        {
          upgrade: {kubernetes: '1.27'}, processes: {7: '/usr/local/bin/k3s server'},
          files: {'/etc/rancher/k3s/config.yaml': 'kubelet-arg:\n- "container-runtime=remote"\n'},
        },
        {
          upgrade: {oracle: {kubeletFlags: {source: '/opt/kubelet-1.30 --help', flags: ['config', 'node-ip']}}},
          processes: {812: '/usr/bin/kubelet --config=/c.yaml --alsologtostderr=true'},
        },
      ],
      pass: [
        {
          processes: {
            812:
              '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml ' +
              '--container-runtime-endpoint=unix:///run/containerd/containerd.sock ' +
              '--pod-infra-container-image=registry.k8s.io/pause:3.9',
          },
          upgrade: {kubernetes: '1.34'},
        },
        {processes: {812: '/usr/bin/kubelet --config=/c.yaml --network-plugin=cni'}, upgrade: {kubernetes: '1.23'}},
        {
          processes: {812: '/usr/bin/kubelet --config=/c.yaml --network-plugin=cni'},
          upgrade: {oracle: {kubeletFlags: {source: '/opt/kubelet-1.23 --help', flags: ['config', 'network-plugin']}}},
        },
        {
          processes: {812: '/usr/bin/kubelet --config=/c.yaml'},
          files: {
            '/usr/lib/systemd/system/kubelet.service': '[Service]\nEnvironmentFile=-/etc/default/kubelet\nExecStart=/usr/bin/kubelet --config=/c.yaml $KUBELET_EXTRA_ARGS\n',
            '/etc/default/kubelet': 'UNUSED="--network-plugin=cni"\n',
          },
        },
      ],
    },
  }),
  nodeCheck({
    id: 'kubeadm-removed-flag',
    title: {
      pass: 'No kubeadm configuration gives the kubelet a flag that it does not know',
      fail: 'A kubeadm configuration gives the kubelet a flag that the one to come does not know',
    },
    why:
      'kubeadm writes nodeRegistration.kubeletExtraArgs to /var/lib/kubelet/kubeadm-flags.env without looking at them. A node ' +
      'that is set up or joined again with that file has a kubelet that ends at once with "unknown flag".',
    severity: 'high',
    fix: GENERAL,
    learnMore: 'https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/',
    unproven: 'Which flags are gone is known from release notes and source code, unless --kubelet-bin names the kubelet to come.',
    needs: ['kubeadmFlags'],
    run: ({kubeadmFlags = []}, {upgrade}) => removedFlags(kubeadmFlags, upgrade),
    examples: {
      fail: [{
        upgrade: {kubernetes: '1.35'},
        files: {
          '/etc/kubernetes/kubeadm-config.yaml': 'apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nnodeRegistration:\n  kubeletExtraArgs:\n  - name: pod-infra-container-image\n    value: registry.k8s.io/pause:3.9\n',
        },
      }],
      pass: [{
        files: {
          '/etc/kubernetes/kubeadm-config.yaml': 'apiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\nnodeRegistration:\n  kubeletExtraArgs:\n    node-ip: 10.0.0.1\n',
        },
      }],
    },
  }),
]
