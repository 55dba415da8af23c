// SPDX-License-Identifier: Apache-2.0
import {describe, expect, it} from 'vitest'
import {probeKubelets} from '../../../src/probes/kubelet.ts'
import {versionIn} from '../../../src/probes/kubelet-version.ts'
import {probeUnits} from '../../../src/probes/units.ts'
import type {Host} from '../../../src/model/host.ts'
import type {KubeletFacts, Process} from '../../../src/model/facts.ts'
import {openLiveHost} from '../../../src/host/live-host.ts'
import {type Entry, hostWith, makeUnreadable, processOf} from './tree.ts'

const UNITS = ['kubelet.service', 'k3s.service', 'k3s-agent.service', 'snap.microk8s.daemon-kubelite.service']

async function probe(files: Readonly<Record<string, Entry>>, ...processes: readonly Process[]): Promise<readonly KubeletFacts[]> {
  const host = hostWith(files)
  return probeKubelets(host, processes, probeUnits(host, UNITS))
}

function endpoints(facts: KubeletFacts | undefined): readonly string[] {
  return facts?.endpoints.map(({value, source}) => `${value} from ${source}`) ?? []
}

/** `/proc/PID/exe` of a process whose program names its version, as rke2 and minikube do. */
function exe(pid: number, version: string): Record<string, Entry> {
  return {[`/proc/${pid}/exe`]: {link: `/var/lib/minikube/binaries/v${version}/kubelet`}}
}

describe('probeKubelets, a running kubelet', () => {
  it('orders endpoints: flag, last drop-in, first drop-in, config.yaml, files for the next start, instance-config.yaml', async () => {
    const [kubelet] = await probe({
      '/k/config.yaml': 'cgroupDriver: cgroupfs\ncontainerRuntimeEndpoint: unix:///main.sock\nfailCgroupV1: false',
      '/k/conf.d/10.conf': 'containerRuntimeEndpoint: unix:///ten.sock\ncgroupDriver: systemd',
      '/k/conf.d/sub/20.conf': 'containerRuntimeEndpoint: unix:///twenty.sock',
      '/k/conf.d/30.yaml': 'containerRuntimeEndpoint: unix:///not-a-drop-in.sock',
      '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///env.sock"',
      '/var/lib/kubelet/instance-config.yaml': 'containerRuntimeEndpoint: unix:///instance.sock',
    }, processOf(5, '/usr/bin/kubelet --config=/k/config.yaml --config-dir /k/conf.d --container-runtime-endpoint=unix:///argv.sock'))
    expect(endpoints(kubelet)).toEqual([
      'unix:///argv.sock from argv of pid 5',
      'unix:///twenty.sock from /k/conf.d/sub/20.conf',
      'unix:///ten.sock from /k/conf.d/10.conf',
      'unix:///main.sock from /k/config.yaml',
      'unix:///env.sock from /var/lib/kubelet/kubeadm-flags.env',
      'unix:///instance.sock from /var/lib/kubelet/instance-config.yaml',
    ])
    expect(kubelet).toMatchObject({
      pid: 5, program: 'kubelet', cgroupDriver: {value: 'systemd', source: '/k/conf.d/10.conf'},
      flags: {config: '/k/config.yaml', 'config-dir': '/k/conf.d', 'container-runtime-endpoint': 'unix:///argv.sock'},
      config: {state: 'ok', value: {failCgroupV1: {value: false, source: '/k/config.yaml'}, cgroupDriver: {value: 'systemd', source: '/k/conf.d/10.conf'}}},
    })
    expect(kubelet?.files).toEqual(expect.arrayContaining([{path: '/etc/default/kubelet', state: 'absent'}, {path: '/k/conf.d/10.conf', state: 'ok'}]))
  })

  it('is dockershim before 1.24 when nothing else is said', async () => {
    const [kubelet] = await probe(exe(5, '1.23.17'), processOf(5, 'kubelet'))
    expect(kubelet).toMatchObject({version: {state: 'ok', value: '1.23.17'}, containerRuntime: {value: 'docker', source: 'default of kubelet before 1.24'}})
    expect(endpoints(kubelet)).toEqual(['unix:///var/run/dockershim.sock from default of kubelet before 1.24'])
  })

  it('is dockershim when it runs with a flag that 1.24 does not know, even if its version is not known', async () => {
    const [kubelet] = await probe({}, processOf(5, 'kubelet --network-plugin=cni'))
    expect(kubelet?.containerRuntime?.value).toBe('docker')
    expect(kubelet?.containerRuntime?.source).toContain('argv of pid 5 has --network-plugin')
    expect(kubelet?.endpoints[0]?.value).toBe('unix:///var/run/dockershim.sock')
  })

  it.each([
    ['remote, before 1.24', '1.20.2', '--container-runtime=remote', 'remote', []],
    ['docker, before 1.24', '1.20.2', '--container-runtime=docker', 'docker', ['unix:///var/run/dockershim.sock']],
    ['nothing, 1.24', '1.24.0', '', undefined, []],
    ['nothing, 1.27', '1.27.0', '', undefined, ['unix:///run/containerd/containerd.sock']],
  ])('knows the default endpoint: %s', async (_, version, flag, runtime, expected) => {
    const [kubelet] = await probe(exe(5, version), processOf(5, `kubelet ${flag}`.trim()))
    expect(kubelet?.containerRuntime?.value).toBe(runtime)
    expect(kubelet?.endpoints.map(({value}) => value)).toEqual(expected)
  })

  it('guesses no runtime where the version is not known', async () => {
    const [kubelet] = await probe({}, processOf(5, 'kubelet --config=/none.yaml'))
    expect(kubelet).toMatchObject({endpoints: [], config: {state: 'absent', source: '/none.yaml'}})
    expect(kubelet).not.toHaveProperty('containerRuntime')
  })

  it('does not fall back to the default configuration file: without --config there is none', async () => {
    const [kubelet] = await probe({'/var/lib/kubelet/config.yaml': 'containerRuntimeEndpoint: unix:///x.sock'}, processOf(5, 'kubelet'))
    expect(kubelet).toMatchObject({config: {state: 'absent'}, endpoints: []})
  })

  it('says that it could not read a configuration file, and still uses the others for the endpoint', async () => {
    const host = hostWith({'/c.yaml': 'x', '/d/1.conf': 'containerRuntimeEndpoint: unix:///d.sock'})
    makeUnreadable(host.directory, '/c.yaml')
    const [kubelet] = await probeKubelets(host, [processOf(5, 'kubelet --config=/c.yaml --config-dir=/d')], [])
    expect(kubelet?.config.state).toBe('unreadable')
    expect(kubelet?.files).toContainEqual({path: '/c.yaml', state: 'unreadable'})
    expect(kubelet?.endpoints[0]?.value).toBe('unix:///d.sock')
  })
})

describe('probeKubelets, platforms', () => {
  it('unpacks k3s, whose title hides the arguments, from its unit and configuration', async () => {
    const [k3s] = await probe({
      '/etc/systemd/system/k3s.service': '[Service]\nExecStart=/usr/local/bin/k3s \\\n  server \\\n  --kubelet-arg=max-pods=99',
      '/etc/rancher/k3s/config.yaml': 'token: SECRET\nkubelet-arg:\n- cgroup-driver=systemd\n- max-pods=1',
      '/etc/rancher/k3s/config.yaml.d/x.yaml': 'kubelet-arg: [v=9]',
    }, processOf(5, '/usr/local/bin/k3s server'))
    expect(k3s).toMatchObject({
      program: 'k3s', flags: {'max-pods': '99', 'cgroup-driver': 'systemd', v: '9'}, cgroupDriver: {value: 'systemd', source: '/etc/rancher/k3s/config.yaml'},
    })
    expect(endpoints(k3s)).toEqual(['unix:///run/k3s/containerd/containerd.sock from built into k3s'])
    expect(JSON.stringify(k3s)).not.toContain('SECRET')
  })

  it('does not know what serves k3s --docker without the version', async () => {
    const [k3s] = await probe({}, processOf(5, 'k3s server --docker'))
    expect(k3s).toMatchObject({containerRuntime: {value: 'docker', source: 'argv of pid 5 (docker)'}, endpoints: []})
  })

  it('reads the args file of microk8s and fills in its paths', async () => {
    const [microk8s] = await probe({
      '/var/snap/microk8s/7/args/kubelet': '--container-runtime-endpoint=${SNAP_COMMON}/run/containerd.sock\n--cluster-dns=10.152.183.10\n',
    }, processOf(5, '/snap/microk8s/7/kubelite --kubelet-args-file=/var/snap/microk8s/7/args/kubelet'))
    expect(microk8s).toMatchObject({program: 'kubelite', flags: {'cluster-dns': '10.152.183.10'}})
    expect(endpoints(microk8s)[0]).toBe('/var/snap/microk8s/common/run/containerd.sock from /var/snap/microk8s/7/args/kubelet')
  })

  it('counts the kubelet that rke2 starts, not rke2 as well', async () => {
    const found = await probe({}, processOf(5, 'rke2 server'), processOf(6, 'kubelet --container-runtime-endpoint=unix:///run/k3s/containerd/containerd.sock', 5))
    expect(found.map(({pid, program}) => [pid, program])).toEqual([[6, 'kubelet']])
  })

  it('keeps two kubelets that have nothing to do with each other', async () => {
    expect(await probe({}, processOf(5, 'kubelet'), processOf(6, 'kubelet', 5))).toHaveLength(2)
  })

  it('takes the endpoint of k0s from its flag', async () => {
    const [k0s] = await probe({}, processOf(5, 'k0s worker --cri-socket=remote:unix:///x.sock --config=/etc/k0s.yaml'))
    expect(endpoints(k0s)).toEqual(['unix:///x.sock from argv of pid 5', 'unix:///run/k0s/containerd.sock from built into k0s'])
    expect(k0s?.config.state).toBe('absent')
  })
})

describe('probeKubelets, nothing runs', () => {
  const KUBEADM = {
    '/etc/systemd/system/kubelet.service': '[Service]\nExecStart=/usr/bin/kubelet',
    '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': '[Service]\nEnvironment="C=--config=/var/lib/kubelet/config.yaml"\nEnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\n'
      + 'EnvironmentFile=-/etc/default/kubelet\nExecStart=\nExecStart=/usr/bin/kubelet $C $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS',
    '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///kubeadm.sock --v=1"',
    '/etc/default/kubelet': 'KUBELET_EXTRA_ARGS=--v=5',
    '/var/lib/kubelet/config.yaml': 'cgroupDriver: systemd',
  }

  it('tells what the unit would start', async () => {
    const [kubelet, ...more] = await probe(KUBEADM)
    expect(more).toEqual([])
    expect(kubelet).toMatchObject({program: 'kubelet', flags: {v: '5', config: '/var/lib/kubelet/config.yaml'}, cgroupDriver: {value: 'systemd'}, version: {state: 'unreadable'}})
    expect(kubelet).not.toHaveProperty('pid')
    expect(endpoints(kubelet)[0]).toBe('unix:///kubeadm.sock from /etc/systemd/system/kubelet.service.d/10-kubeadm.conf:6')
  })

  it('uses what kubeadm left where there is no unit', async () => {
    const [kubelet] = await probe({'/var/lib/kubelet/kubeadm-flags.env': KUBEADM['/var/lib/kubelet/kubeadm-flags.env'], '/var/lib/kubelet/config.yaml': 'cgroupDriver: systemd'})
    expect(endpoints(kubelet)).toEqual(['unix:///kubeadm.sock from /var/lib/kubelet/kubeadm-flags.env'])
    expect(kubelet?.cgroupDriver).toEqual({value: 'systemd', source: '/var/lib/kubelet/config.yaml'})
  })

  it('has none on a host without any, or with a masked unit only', async () => {
    expect(await probe({})).toEqual([])
    expect(await probe({'/etc/systemd/system/kubelet.service': {link: '/dev/null'}})).toEqual([])
  })
})

describe('versions', () => {
  it.each([
    ['Kubernetes v1.20.2', '1.20.2'],
    ['k3s version v1.28.3+k3s1 (abcdef)\ngo version go1.20', '1.28.3+k3s1'],
    ['v1.29.1+k0s.0', '1.29.1+k0s.0'],
    ['v1.27.3-rke2r1-0123abc', '1.27.3-rke2r1-0123abc'],
    ['nothing', undefined],
  ])('finds the version in %j', (text, version) => {
    expect(versionIn(text)).toBe(version)
  })

  it('takes the version of a kind node from its file', async () => {
    const [kubelet] = await probe({'/proc/5/exe': {link: '/usr/bin/kubelet'}, '/kind/version': 'v1.27.3'}, processOf(5, 'kubelet'))
    expect(kubelet?.version).toEqual({state: 'ok', value: '1.27.3', source: '/kind/version'})
  })

  it('starts no program of a host that is only mounted here', async () => {
    const [kubelet] = await probe({'/proc/5/exe': {link: '/usr/bin/kubelet'}, '/usr/bin/kubelet': '#!/bin/sh\necho Kubernetes v1.99.0\n'}, processOf(5, 'kubelet'))
    expect(kubelet?.version).toMatchObject({reason: 'unsupported', detail: 'rtctl starts no program of a host that is mounted'})
  })

  it('starts no program on the live host that is not a kubelet', async () => {
    const live: Host = openLiveHost({askTimeoutMs: 1000})
    const [kubelet] = await probeKubelets(live, [processOf(process.pid, 'kubelet')], [])
    expect(kubelet?.version.state).not.toBe('ok')
  })
})
