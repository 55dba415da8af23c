// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import * as kubelet from '../../../src/config/kubelet/generate.ts'
import type {Target} from '../../../src/model/migration/config.ts'
import type {KubeletNeeds, NodeNeeds} from '../../../src/model/migration/needs.ts'
import {applied, CONTAINERD, CRI_DOCKERD, CRIO, needsOf, type NodeFile, run, textOf} from './node.ts'

const KUBEADM_FLAGS = '/var/lib/kubelet/kubeadm-flags.env'
const CONFIG = '/var/lib/kubelet/config.yaml'
const INSTANCE = '/var/lib/kubelet/instance-config.yaml'
const UNIT = '/lib/systemd/system/kubelet.service'
const DROP_IN = '/etc/systemd/system/kubelet.service.d/20-rtctl-runtime.conf'

/** What the packages of Kubernetes bring (kubernetes/release). */
const PACKAGED: Record<string, string> = {
  [UNIT]: '[Unit]\nDescription=kubelet: The Kubernetes Node Agent\nWants=network-online.target\nAfter=network-online.target\n\n[Service]\nExecStart=/usr/bin/kubelet\nRestart=always\n\n[Install]\nWantedBy=multi-user.target\n',
  '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': [
    '# Note: This dropin only works with kubeadm and kubelet v1.11+',
    '[Service]',
    'Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"',
    'Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"',
    'EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env',
    'EnvironmentFile=-/etc/default/kubelet',
    'ExecStart=',
    'ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS',
    '',
  ].join('\n'),
}
const CONFIG_YAML = 'apiVersion: kubelet.config.k8s.io/v1beta1\n# ours\ncgroupDriver: cgroupfs\nclusterDNS:\n- 10.96.0.10\nkind: KubeletConfiguration\n'

function generated(version: string | undefined, texts: Record<string, NodeFile>, {target = CONTAINERD, needs = {}, kubelet: more = {}}: {target?: Target; needs?: Partial<NodeNeeds>; kubelet?: Partial<KubeletNeeds>} = {}) {
  const all = needsOf(needs, {...more, ...(version !== undefined && {version})})
  return run(kubelet, all, target, texts)
}

function noFlagsNeeds(version: string, texts: Record<string, NodeFile>) {
  return generated(version, {...PACKAGED, [CONFIG]: CONFIG_YAML, ...texts})
}

describe('flags that kubeadm wrote', () => {
  test.each([
    // kubeadm 1.20 with Docker, a kubelet that stays what it is: its dockershim has to be switched off
    ['1.20', 'KUBELET_KUBEADM_ARGS="--network-plugin=cni --pod-infra-container-image=k8s.gcr.io/pause:3.2"\n', 'KUBELET_KUBEADM_ARGS="--pod-infra-container-image=k8s.gcr.io/pause:3.2 --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock"\n'],
    ['1.23', 'KUBELET_KUBEADM_ARGS="--cgroup-driver=cgroupfs --network-plugin=cni"\n', 'KUBELET_KUBEADM_ARGS="--cgroup-driver=cgroupfs --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock"\n'],
    ['1.23', 'KUBELET_KUBEADM_ARGS="--container-runtime=docker --v=2"\n', 'KUBELET_KUBEADM_ARGS="--container-runtime=remote --v=2 --container-runtime-endpoint=unix:///run/containerd/containerd.sock"\n'],
    ['1.24', 'KUBELET_KUBEADM_ARGS="--network-plugin=cni --pod-infra-container-image=k8s.gcr.io/pause:3.5"\n', 'KUBELET_KUBEADM_ARGS="--pod-infra-container-image=k8s.gcr.io/pause:3.5 --container-runtime-endpoint=unix:///run/containerd/containerd.sock"\n'],
    // from cri-dockerd
    ['1.26', 'KUBELET_KUBEADM_ARGS="--container-runtime=remote --container-runtime-endpoint=unix:///var/run/cri-dockerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.9"\n', 'KUBELET_KUBEADM_ARGS="--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.9"\n'],
    ['1.27', 'KUBELET_KUBEADM_ARGS="--container-runtime=remote --container-runtime-endpoint=unix:///var/run/cri-dockerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.9"\n', 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.9"\n'],
    ['1.35', 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///var/run/cri-dockerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.10"\n', 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock"\n'],
  ])('of a kubelet %s become those that it starts with', (version, before, after) => {
    const made = noFlagsNeeds(version, {[KUBEADM_FLAGS]: before})
    expect(textOf(made, KUBEADM_FLAGS)).toBe(after)
    expect(made.remarks).toEqual([])
  })

  test('keep the mode of their file', () => {
    const made = noFlagsNeeds('1.24', {[KUBEADM_FLAGS]: 'KUBELET_KUBEADM_ARGS="--network-plugin=cni"\n'})
    expect(made.files.find(({path}) => path === KUBEADM_FLAGS)).toMatchObject({mode: 0o640, part: 'kubelet'})
  })

  test('are left alone where the kubelet is pointed at the runtime already', () => {
    const flags = 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.9"\n'
    const from = {runtime: 'containerd', versions: {kubelet: '1.28.1'}, foreignContainers: [], systemd: true} as const
    const made = generated('1.28', {...PACKAGED, [CONFIG]: CONFIG_YAML, [KUBEADM_FLAGS]: flags}, {needs: {from}})
    expect(made).toMatchObject({files: [], remarks: []})
  })
})

describe('flags elsewhere', () => {
  const EIGHT = '--experimental-dockershim-root-directory=/var/lib/dockershim --docker-endpoint=unix:///var/run/docker.sock --image-pull-progress-deadline=2m --network-plugin=cni --cni-conf-dir=/etc/cni/net.d --cni-bin-dir=/opt/cni/bin,/usr/lib/cni --cni-cache-dir=/var/lib/cni --network-plugin-mtu=1450'

  test.each([
    ['double quotes', `KUBELET_EXTRA_ARGS="--node-ip=10.0.0.1 ${EIGHT} --v=2"\n`, 'KUBELET_EXTRA_ARGS="--node-ip=10.0.0.1 --v=2"\n'],
    ['single quotes', `KUBELET_EXTRA_ARGS='${EIGHT} --v=2'\n`, 'KUBELET_EXTRA_ARGS=\'--v=2\'\n'],
    ['no quotes', `KUBELET_EXTRA_ARGS=--v=2 ${EIGHT}\n# end\n`, 'KUBELET_EXTRA_ARGS=--v=2\n# end\n'],
    ['nothing else', `KUBELET_EXTRA_ARGS="${EIGHT}"\n`, 'KUBELET_EXTRA_ARGS=""\n'],
    ['values in words of their own', 'KUBELET_EXTRA_ARGS="--network-plugin cni --v 2 --cni-bin-dir /opt/cni/bin"\n', 'KUBELET_EXTRA_ARGS="--v 2"\n'],
    ['underscores, as the kubelet takes them', 'KUBELET_EXTRA_ARGS="--network_plugin=cni --v=2"\n', 'KUBELET_EXTRA_ARGS="--v=2"\n'],
    ['lines that go on', 'KUBELET_EXTRA_ARGS="--v=2 \\\n  --network-plugin=cni \\\n  --node-ip=10.0.0.1"\n', 'KUBELET_EXTRA_ARGS="--v=2 \\\n  --node-ip=10.0.0.1"\n'],
    ['quotes inside', 'KUBELET_EXTRA_ARGS="--node-labels=\\"a b=c\\" --network-plugin=cni"\n', 'KUBELET_EXTRA_ARGS="--node-labels=\\"a b=c\\""\n'],
    ['a comment that names them', '# --network-plugin=cni was here\nKUBELET_EXTRA_ARGS=--network-plugin=cni\n', '# --network-plugin=cni was here\nKUBELET_EXTRA_ARGS=\n'],
    ['export', 'export KUBELET_EXTRA_ARGS="--network-plugin=cni"\nOTHER="--network-plugin=cni"\n', 'export KUBELET_EXTRA_ARGS=""\nOTHER="--network-plugin=cni"\n'],
  ])('of /etc/default/kubelet with %s go, and nothing else changes', (_name, before, after) => {
    const made = noFlagsNeeds('1.24', {[KUBEADM_FLAGS]: 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock"\n', '/etc/default/kubelet': before})
    expect(textOf(made, '/etc/default/kubelet')).toBe(after)
  })

  test('of /etc/sysconfig/kubelet go on Red Hat\'s systems', () => {
    const made = noFlagsNeeds('1.24', {'/etc/sysconfig/kubelet': 'KUBELET_EXTRA_ARGS=--network-plugin=cni --fail-swap-on=false\n'})
    expect(textOf(made, '/etc/sysconfig/kubelet')).toBe('KUBELET_EXTRA_ARGS=--fail-swap-on=false\n')
  })

  test('of a drop-in in /etc go out of their Environment= and ExecStart=', () => {
    const path = '/etc/systemd/system/kubelet.service.d/20-extra.conf'
    const text = '[Service]\n# docker\nEnvironment="KUBELET_EXTRA_ARGS=--network-plugin=cni --v=2" \'OTHER=--network-plugin=cni\'\nEnvironment=KUBELET_KUBEADM_ARGS=--network-plugin=cni\nExecStart=\nExecStart=/usr/bin/kubelet \\\n  --network-plugin=cni \\\n  # the runtime\n  --container-runtime=docker \\\n  --v=4 $KUBELET_EXTRA_ARGS\n'
    expect(textOf(noFlagsNeeds('1.24', {[path]: text}), path)).toBe(
      '[Service]\n# docker\nEnvironment="KUBELET_EXTRA_ARGS=--v=2" \'OTHER=--network-plugin=cni\'\nEnvironment=KUBELET_KUBEADM_ARGS=\nExecStart=\nExecStart=/usr/bin/kubelet \\\n  # the runtime\n   \\\n  --v=4 $KUBELET_EXTRA_ARGS --container-runtime-endpoint=unix:///run/containerd/containerd.sock\n',
    )
  })

  test('of a package\'s drop-in go out of a copy in /etc that says why it is there', () => {
    const made = generated('1.24', {
      [UNIT]: PACKAGED[UNIT] ?? '', [CONFIG]: CONFIG_YAML,
      '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf': '[Service]\nExecStart=\nExecStart=/usr/bin/kubelet --network-plugin=cni\n',
    })
    const text = textOf(made, '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf') ?? ''
    expect(text).toMatch(/^# Copy of \/usr\/lib\/systemd\/system\/kubelet\.service\.d\/10-kubeadm\.conf, made by rtctl/)
    expect(text).toContain('ExecStart=/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock\n')
    expect(made.files.map(({path}) => path)).not.toContain('/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf')
  })

  test('of a drop-in that a higher place hides are not looked at', () => {
    const made = noFlagsNeeds('1.24', {[KUBEADM_FLAGS]: '', '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf': '[Service]\nExecStart=/usr/bin/kubelet --network-plugin=cni\n'})
    expect(made.files.map(({path}) => path)).not.toContain('/etc/systemd/system/kubelet.service.d/10-kubeadm.conf')
  })

  test('that a script hides are told as a blocker that names the place', () => {
    const path = '/etc/systemd/system/kubelet.service.d/99-wrap.conf'
    const flag = {name: 'network-plugin', value: 'cni', source: `${path}:3`}
    const made = generated('1.24', {...PACKAGED, [CONFIG]: CONFIG_YAML, [path]: '[Service]\nExecStart=\nExecStart=/bin/sh -c "exec kubelet --network-plugin=cni"\n'}, {kubelet: {flags: [flag]}})
    expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: `${path}:3`}))
  })

  test('of a script that the unit starts are the script\'s, and stay', () => {
    const path = '/etc/systemd/system/kubelet.service.d/99-wrap.conf'
    const flag = {name: 'network-plugin', value: 'cni', source: `${path}:3`}
    const made = generated('1.24', {...PACKAGED, [CONFIG]: CONFIG_YAML, [KUBEADM_FLAGS]: '', [path]: '[Service]\nExecStart=\nExecStart=/opt/wrap.sh --network-plugin=cni\n'}, {kubelet: {flags: [flag]}})
    expect(textOf(made, path)).toBeUndefined()
    expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: `${path}:3`}))
  })

  test('of a drop-in for all services are told: it is not the kubelet\'s alone', () => {
    const flag = {name: 'network-plugin', value: 'cni', source: '/etc/systemd/system/service.d/10-all.conf:2'}
    const made = generated('1.24', {...PACKAGED, [CONFIG]: CONFIG_YAML, '/etc/systemd/system/service.d/10-all.conf': '[Service]\nEnvironment=KUBELET_EXTRA_ARGS=--network-plugin=cni\n'}, {kubelet: {flags: [flag]}})
    expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: flag.source}))
  })

  test('that are written in a file nobody wants to read are told', () => {
    const flag = {name: 'network-plugin', value: 'cni', source: '/opt/start-kubelet.sh:4'}
    const made = generated('1.24', {...PACKAGED, [CONFIG]: CONFIG_YAML, '/opt/start-kubelet.sh': 'exec kubelet --network-plugin=cni\n'}, {kubelet: {flags: [flag]}})
    expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', text: expect.stringContaining('--network-plugin=cni')}))
  })

  test('that are on the command line of the running kubelet only need nothing', () => {
    const flag = {name: 'network-plugin', value: 'cni', source: 'argv of pid 812'}
    expect(generated('1.24', {...PACKAGED, [CONFIG]: CONFIG_YAML}, {kubelet: {flags: [flag]}}).remarks).toEqual([])
  })

  test('name the runtime\'s cgroup instead of Docker\'s, but not with cri-dockerd', () => {
    const texts = {...PACKAGED, [CONFIG]: CONFIG_YAML, '/etc/default/kubelet': 'KUBELET_EXTRA_ARGS="--runtime-cgroups=/system.slice/docker.service"\n'}
    expect(textOf(generated('1.24', texts), '/etc/default/kubelet')).toContain('--runtime-cgroups=/system.slice/containerd.service')
    expect(textOf(generated('1.24', texts, {target: CRI_DOCKERD}), '/etc/default/kubelet')).toContain('--runtime-cgroups=/system.slice/docker.service')
  })
})

describe('the endpoint', () => {
  test('is written by flag where kubeadm\'s file is not there: into the command in /etc', () => {
    const path = '/etc/systemd/system/kubelet.service'
    const made = generated('1.23', {[path]: '[Unit]\nRequires=docker.service\n\n[Service]\nExecStart=/usr/local/bin/kubelet --kubeconfig=/k\n', [CONFIG]: CONFIG_YAML}, {kubelet: {kubeadm: false}})
    expect(textOf(made, path)).toBe('[Unit]\n\n[Service]\nExecStart=/usr/local/bin/kubelet --kubeconfig=/k --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock\n')
  })

  test('is a member of the configuration from 1.27 on, where no flag says it', () => {
    const made = noFlagsNeeds('1.34', {})
    expect(textOf(made, CONFIG)).toBe(`${CONFIG_YAML}containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n`)
    expect(made.files.map(({path}) => path)).not.toContain('/etc/default/kubelet')
  })

  test('is changed where the configuration has it, comments kept', () => {
    const yaml = 'containerRuntimeEndpoint: "unix:///var/run/cri-dockerd.sock" # ours\nkind: KubeletConfiguration\n'
    expect(textOf(generated('1.36', {...PACKAGED, [CONFIG]: yaml}), CONFIG)).toBe('containerRuntimeEndpoint: unix:///run/containerd/containerd.sock # ours\nkind: KubeletConfiguration\n')
  })

  test('is changed in the drop-in of --config-dir that has the last word', () => {
    const flag = {name: 'config-dir', value: '/etc/kubernetes/kubelet.conf.d/', source: '/etc/default/kubelet:1'}
    const path = '/etc/kubernetes/kubelet.conf.d/20-runtime.conf'
    const made = generated('1.30', {...PACKAGED, [CONFIG]: `${CONFIG_YAML}containerRuntimeEndpoint: unix:///run/old.sock\n`, [path]: 'containerRuntimeEndpoint: unix:///var/run/cri-dockerd.sock\n'}, {kubelet: {flags: [flag]}})
    expect(textOf(made, path)).toBe('containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n')
    expect(textOf(made, CONFIG)).toBeUndefined()
  })

  test('goes into kubeadm\'s file of the node from 1.34 on, which is made where it is missing', () => {
    expect(parse(textOf(noFlagsNeeds('1.34', {}), INSTANCE) ?? '')).toEqual({
      apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    })
    expect(textOf(noFlagsNeeds('1.33', {}), INSTANCE)).toBeUndefined()
    expect(textOf(noFlagsNeeds('1.33', {[INSTANCE]: 'containerRuntimeEndpoint: unix:///var/run/cri-dockerd.sock\n'}), INSTANCE)).toBe('containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n')
  })

  test('of an image service of its own goes: images are with the runtime', () => {
    const made = noFlagsNeeds('1.26', {[KUBEADM_FLAGS]: 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///var/run/cri-dockerd.sock --image-service-endpoint=unix:///var/run/cri-dockerd.sock"\n'})
    expect(textOf(made, KUBEADM_FLAGS)).toBe('KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock"\n')
  })

  test('that nothing can be given is a blocker', () => {
    expect(generated('1.24', {}).remarks).toContainEqual(expect.objectContaining({level: 'blocker', text: expect.stringContaining('nothing is found that starts the kubelet')}))
  })

  test.each(['unix:///run/a b.sock', 'unix:///run/x.sock\nExecStart=/bin/sh', 'tcp://10.0.0.1:1', 'unix:///run/$(id).sock'])('%j is refused, and no file is made', (endpoint) => {
    const made = generated('1.24', PACKAGED, {target: {...CONTAINERD, endpoint}})
    expect(made.files).toEqual([])
    expect(made.remarks).toEqual([expect.objectContaining({level: 'blocker'})])
  })
})

describe('the configuration file', () => {
  const logs = {maxSize: {value: '100Mi', source: '/etc/docker/daemon.json:3'}, maxFiles: {value: 3, source: '/etc/docker/daemon.json:4'}}

  test('gets the rotation that Docker had, at its end, and keeps the rest byte for byte', () => {
    const made = generated('1.23', {...PACKAGED, [CONFIG]: CONFIG_YAML, [KUBEADM_FLAGS]: 'KUBELET_KUBEADM_ARGS=""\n'}, {needs: {logs}})
    expect(textOf(made, CONFIG)).toBe(`${CONFIG_YAML}containerLogMaxSize: 100Mi\ncontainerLogMaxFiles: 3\n`)
    expect(made.rows).toContainEqual({
      name: 'log rotation', declared: {value: '100Mi × 3', source: '/etc/docker/daemon.json:3'}, after: {value: '100Mi × 3', source: `${CONFIG} containerLogMaxSize, containerLogMaxFiles`},
    })
  })

  test('keeps the rotation that is set already, which counts from now on', () => {
    const yaml = `${CONFIG_YAML}containerLogMaxSize: 5Mi\n`
    const made = generated('1.23', {...PACKAGED, [CONFIG]: yaml, [KUBEADM_FLAGS]: ''}, {needs: {logs}})
    expect(parse(textOf(made, CONFIG) ?? '')).toMatchObject({containerLogMaxSize: '5Mi', containerLogMaxFiles: 3})
    expect(made.rows).toContainEqual(expect.objectContaining({name: 'log rotation', after: expect.objectContaining({value: '5Mi × 3'})}))
  })

  test('leaves rotation to Docker with cri-dockerd, which cannot do it for the kubelet', () => {
    const texts = {...PACKAGED, [CONFIG]: CONFIG_YAML, [KUBEADM_FLAGS]: ''}
    const made = generated('1.24', texts, {needs: {logs}, target: CRI_DOCKERD})
    expect(parse(textOf(made, CONFIG) ?? '')).toMatchObject({containerLogMaxSize: '-1'})
    expect(made.rows).toContainEqual(expect.objectContaining({name: 'log rotation', after: {value: '100Mi × 3', source: 'Docker, as before'}}))
    const set = generated('1.24', {...texts, [CONFIG]: `${CONFIG_YAML}containerLogMaxSize: 5Mi\n`}, {needs: {logs}, target: CRI_DOCKERD})
    expect(textOf(set, CONFIG)).toBeUndefined()
    expect(set.remarks).toContainEqual(expect.objectContaining({level: 'note', source: `${CONFIG} containerLogMaxSize`}))
  })

  test.each(['10Mi\nevictionHard: {}', '1Zi', 'huge'])('does not get %j as the size of logs', (value) => {
    const made = generated('1.23', {...PACKAGED, [CONFIG]: CONFIG_YAML, [KUBEADM_FLAGS]: ''}, {needs: {logs: {maxSize: {value, source: 'daemon.json'}}}})
    expect(textOf(made, CONFIG)).toBeUndefined()
    expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: 'daemon.json'}))
  })

  test('gets another cgroup driver where it has to change, in the line that has it', () => {
    const cgroup = {driver: {value: 'systemd', source: 'rtctl'}, mode: 'v2'} as const
    const made = generated('1.23', {...PACKAGED, [CONFIG]: CONFIG_YAML, [KUBEADM_FLAGS]: ''}, {needs: {cgroup}})
    expect(textOf(made, CONFIG)).toBe(CONFIG_YAML.replace('cgroupDriver: cgroupfs', 'cgroupDriver: systemd'))
  })

  test('says nothing of the cgroup driver where the flag does', () => {
    const cgroup = {driver: {value: 'systemd', source: 'rtctl'}, mode: 'v2'} as const
    const made = generated('1.23', {...PACKAGED, [CONFIG]: 'kind: KubeletConfiguration\n', [KUBEADM_FLAGS]: 'KUBELET_KUBEADM_ARGS="--cgroup-driver=cgroupfs"\n'}, {needs: {cgroup}})
    expect(textOf(made, KUBEADM_FLAGS)).toContain('--cgroup-driver=systemd')
    expect(textOf(made, CONFIG)).toBeUndefined()
  })

  test('that is no plain YAML is left alone and told', () => {
    for (const text of ['{"kind": "KubeletConfiguration"}\n', 'a: 1\n---\nb: 2\n', 'a: [1\n', '- a\n', '&a a: *b\n']) {
      const made = generated('1.34', {...PACKAGED, [CONFIG]: text})
      expect(textOf(made, CONFIG)).toBeUndefined()
      expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: CONFIG}))
    }
  })

  test('of a kubelet without one becomes flags', () => {
    const {configFile: _none, ...bare} = needsOf({logs}, {version: '1.23'}).kubelet
    const made = run(kubelet, {...needsOf({logs}), kubelet: bare}, CONTAINERD, {...PACKAGED, [KUBEADM_FLAGS]: 'KUBELET_KUBEADM_ARGS="--v=2"\n'})
    expect(textOf(made, KUBEADM_FLAGS)).toBe('KUBELET_KUBEADM_ARGS="--v=2 --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock --container-log-max-size=100Mi --container-log-max-files=3"\n')
  })

  test('that names Docker\'s cgroup for reservations is told', () => {
    const made = generated('1.23', {...PACKAGED, [CONFIG]: `${CONFIG_YAML}kubeReservedCgroup: /system.slice/docker.service\n`, [KUBEADM_FLAGS]: ''})
    expect(made.remarks).toContainEqual(expect.objectContaining({level: 'note', source: `${CONFIG} kubeReservedCgroup`}))
  })
})

describe('the unit', () => {
  test.each([
    [CONTAINERD, 'containerd.service'], [CRIO, 'crio.service'], [CRI_DOCKERD, 'cri-docker.service'],
  ])('has the runtime started before the kubelet', (target, name) => {
    expect(textOf(generated('1.24', {...PACKAGED, [CONFIG]: CONFIG_YAML}, {target}), DROP_IN)).toContain(`[Unit]\nWants=${name}\nAfter=${name}\n`)
  })

  test('is no longer tied to Docker: in its file in /etc, or in a copy of the package\'s file', () => {
    const unit = '[Unit]\nAfter=docker.service network.target\nRequires=docker.service docker.socket\nBindsTo=cri-docker.service\n\n[Service]\nExecStart=/usr/bin/kubelet\n'
    const untied = '[Unit]\nAfter=network.target\n\n[Service]\n'
    expect(textOf(generated('1.24', {'/etc/systemd/system/kubelet.service': unit, [KUBEADM_FLAGS]: ''}), '/etc/systemd/system/kubelet.service')).toContain(untied)
    const copy = textOf(generated('1.24', {'/usr/lib/systemd/system/kubelet.service': unit}), '/etc/systemd/system/kubelet.service')
    expect(copy).toContain(untied)
    expect(copy).toMatch(/^# Copy of \/usr\/lib\/systemd\/system\/kubelet\.service[\s\S]*no longer depends on cri-docker\.service and docker\.service and docker\.socket/)
  })

  test('stays tied to Docker with cri-dockerd, which needs it', () => {
    const unit = '[Unit]\nAfter=docker.service\n\n[Service]\nExecStart=/usr/bin/kubelet --container-runtime-endpoint=unix:///run/cri-dockerd.sock\n'
    expect(textOf(generated('1.24', {'/etc/systemd/system/kubelet.service': unit}, {target: CRI_DOCKERD}), '/etc/systemd/system/kubelet.service')).toBeUndefined()
  })

  test('gets no drop-in where it waits for the runtime by itself', () => {
    const unit = '[Unit]\nAfter=containerd.service\nRequires=containerd.service\n\n[Service]\nExecStart=/usr/bin/kubelet\n'
    expect(textOf(generated('1.24', {'/etc/systemd/system/kubelet.service': unit}), DROP_IN)).toBeUndefined()
  })

  test('is not looked at without systemd', () => {
    const needs = {from: {...needsOf().from, systemd: false}}
    expect(textOf(generated('1.24', {...PACKAGED, [CONFIG]: CONFIG_YAML, [KUBEADM_FLAGS]: ''}, {needs}), DROP_IN)).toBeUndefined()
  })
})

describe('what could not be read', () => {
  test.each([KUBEADM_FLAGS, '/etc/default/kubelet', CONFIG, INSTANCE, DROP_IN, '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf'])('%s is a blocker and is not written', (path) => {
    const made = generated('1.34', {...PACKAGED, [CONFIG]: CONFIG_YAML, [KUBEADM_FLAGS]: '', [path]: {unreadable: true}})
    expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: path}))
    expect(textOf(made, path)).toBeUndefined()
  })

  test('a version that is not known is a blocker, as flags depend on it', () => {
    const {version: _none, ...unknown} = needsOf().kubelet
    const made = run(kubelet, {...needsOf({from: {...needsOf().from, versions: {}}}), kubelet: unknown}, CONTAINERD, PACKAGED)
    expect(made).toMatchObject({files: [], remarks: [{level: 'blocker', next: expect.stringContaining('--kubernetes')}]})
  })

  test('a kubelet in a container is a blocker', () => {
    const made = generated('1.24', PACKAGED, {kubelet: {embedded: {value: 'it runs in a container of Docker', source: 'argv of pid 7'}}})
    expect(made).toMatchObject({files: [], remarks: [{level: 'blocker', source: 'argv of pid 7'}]})
  })
})

test.each(['1.20', '1.23', '1.24', '1.26', '1.27', '1.33', '1.34', '1.36'])('done once for a kubelet %s, nothing is left to do', (version) => {
  const texts: Record<string, NodeFile> = {
    ...PACKAGED, [CONFIG]: CONFIG_YAML, [KUBEADM_FLAGS]: 'KUBELET_KUBEADM_ARGS="--network-plugin=cni --pod-infra-container-image=k8s.gcr.io/pause:3.2"\n',
    '/etc/default/kubelet': 'KUBELET_EXTRA_ARGS=--cni-bin-dir=/opt/cni/bin --runtime-cgroups=/system.slice/docker.service\n',
    '/usr/lib/systemd/system/kubelet.service': '[Unit]\nRequires=docker.service\n[Service]\nExecStart=/usr/bin/kubelet\n',
  }
  const options = {needs: {logs: {maxSize: {value: '10Mi', source: 'daemon.json'}}, cgroup: {driver: {value: 'systemd', source: 'rtctl'}, mode: 'v2'} as const}}
  const first = generated(version, texts, options)
  expect(first.files.length).toBeGreaterThan(2)
  expect(generated(version, applied(texts, first), options).files).toEqual([])
})
