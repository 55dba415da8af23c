// SPDX-License-Identifier: Apache-2.0
import {describe, expect, it} from 'vitest'
import {probeBundles} from '../../../src/probes/bundles.ts'
import {probeContainerd} from '../../../src/probes/containerd.ts'
import {hostWith, makeUnreadable, processOf} from './tree.ts'

const TASKS = '/run/containerd/io.containerd.runtime.v2.task'

describe('probeContainerd', () => {
  it('takes the command line, then the configuration, then the defaults', () => {
    const host = hostWith({'/etc/c.toml': 'version = 2\nroot = "/toml"\nstate = "/run/toml"\n[grpc]\naddress = "/toml.sock"'})
    expect(probeContainerd(host, processOf(9, '/usr/bin/containerd -c /etc/c.toml --root /argv'))).toMatchObject({
      pid: 9,
      configFile: {value: '/etc/c.toml', source: 'argv of pid 9'},
      root: {value: '/argv', source: 'argv of pid 9'},
      state: {value: '/run/toml', source: '/etc/c.toml'},
      address: {value: '/toml.sock', source: '/etc/c.toml'},
      config: {state: 'ok', value: {version: 2, files: ['/etc/c.toml']}},
    })
    expect(probeContainerd(host, processOf(9, 'containerd'))).toMatchObject({
      address: {value: '/run/containerd/containerd.sock', source: 'default of containerd'}, config: {state: 'absent', source: '/etc/containerd/config.toml'},
    })
  })

  it.each([
    ['docker-containerd --config /var/run/docker/containerd/containerd.toml', '/var/run/docker/containerd/containerd.sock', '/var/run/docker/containerd/daemon'],
    ['containerd -c /var/lib/rancher/rke2/agent/etc/containerd/config.toml', '/run/k3s/containerd/containerd.sock', '/run/k3s/containerd'],
    ['/var/lib/k0s/bin/containerd --address=/run/k0s/containerd.sock', '/run/k0s/containerd.sock', '/run/k0s/containerd'],
    ['docker-containerd -l unix:///var/run/docker/libcontainerd/docker-containerd.sock --state-dir /var/run/docker/libcontainerd/containerd', '/var/run/docker/libcontainerd/docker-containerd.sock', '/var/run/docker/libcontainerd/containerd'],
  ])('knows where a platform puts things: %s', (line, address, state) => {
    expect(probeContainerd(hostWith({}), processOf(9, line))).toMatchObject({address: {value: address}, state: {value: state}})
  })

  it('follows imports: globs, relative paths, cycles, missing files', () => {
    const host = hostWith({
      '/etc/containerd/config.toml': 'version = 3\nimports = ["conf.d/*.toml", "/none.toml", "../other/./x.toml"]\ndisabled_plugins = ["a.b"]',
      '/etc/containerd/conf.d/20.toml': "version = 3\n[plugins.'io.containerd.cri.v1.images']\nsnapshotter = 'zfs'",
      '/etc/containerd/conf.d/10.toml': "version = 3\n[plugins.'io.containerd.cri.v1.images']\nsnapshotter = 'btrfs'",
      '/etc/containerd/conf.d/10.toml.bak': 'nonsense',
      '/etc/other/x.toml': 'version = 3\nimports = ["/etc/containerd/config.toml", "x.toml"]\ndisabled_plugins = ["cri"]',
    })
    expect(probeContainerd(host, processOf(9, 'containerd'))?.config).toMatchObject({
      state: 'ok',
      value: {
        snapshotter: 'zfs', disabledPlugins: ['a.b', 'cri'], criDisabled: true, imports: expect.arrayContaining(['conf.d/*.toml']),
        files: ['/etc/containerd/config.toml', '/etc/containerd/conf.d/10.toml', '/etc/containerd/conf.d/20.toml', '/etc/other/x.toml'],
      },
    })
  })

  it('does not guess around a file or an import that it cannot read', () => {
    const host = hostWith({'/etc/containerd/config.toml': 'version = 2\nimports = ["x.toml"]', '/etc/containerd/x.toml': 'a = ['})
    expect(probeContainerd(host, processOf(9, 'containerd'))?.config).toMatchObject({state: 'unreadable', reason: 'malformed', source: '/etc/containerd/x.toml'})
    makeUnreadable(host.directory, '/etc/containerd/config.toml')
    expect(probeContainerd(host, processOf(9, 'containerd'))?.config).toMatchObject({state: 'unreadable', source: '/etc/containerd/config.toml'})
  })

  it('knows a containerd that is gone from its shims', () => {
    expect(probeContainerd(hostWith({}), undefined, {address: '/srv/ctd/containerd.sock', directories: new Map()})).toMatchObject({
      address: {value: '/srv/ctd/containerd.sock', source: 'argv of its shims'}, state: {value: '/srv/ctd'},
    })
  })

  it('finds the state of a containerd that is gone where its shims work, not where its socket was', () => {
    const directories = new Map([[7, '/'], [8, '/srv/ctd/state/io.containerd.runtime.v2.task/k8s.io/c1'], [9, '/elsewhere']])
    expect(probeContainerd(hostWith({}), undefined, {address: '/srv/ctd.sock', directories})).toMatchObject({
      state: {value: '/srv/ctd/state', source: 'working directory of pid 8'},
    })
    for (const directory of ['/io.containerd.runtime.v2.task/k8s.io/c1', '/srv/io.containerd.runtime.v2.task/c1', '/srv/tasks/k8s.io/c1', '']) {
      expect(probeContainerd(hostWith({}), undefined, {address: '/srv/ctd.sock', directories: new Map([[8, directory]])})).toMatchObject({state: {value: '/srv'}})
    }
  })

  it('does not take the configuration of another containerd for that of the one that is gone', () => {
    const orphaned = {address: '/srv/ctd/containerd.sock', directories: new Map()}
    const host = (address: string) => hostWith({'/etc/containerd/config.toml': `version = 2\nstate = "/run/other"\n${address}`})
    expect(probeContainerd(host(''), undefined, orphaned)).toMatchObject({state: {value: '/srv/ctd'}, config: {state: 'absent'}})
    expect(probeContainerd(host('[grpc]\naddress = "/srv/ctd/containerd.sock"'), undefined, orphaned)).toMatchObject({
      state: {value: '/run/other'}, config: {state: 'ok'},
    })
  })

  it('is not there where nothing speaks of it', () => {
    expect(probeContainerd(hostWith({}), undefined)).toBeUndefined()
    for (const path of ['/etc/containerd/config.toml', `${TASKS}/default/x/config.json`]) {
      expect(probeContainerd(hostWith({[path]: ''}), undefined)).toMatchObject({address: {value: '/run/containerd/containerd.sock'}})
      expect(probeContainerd(hostWith({[path]: ''}), undefined)).not.toHaveProperty('pid')
    }
  })
})

describe('probeBundles', () => {
  it('reads bundles of every namespace, with the OCI runtime each shim was told', async () => {
    const host = hostWith({
      [`${TASKS}/k8s.io/s1/config.json`]: '{"annotations": {"io.kubernetes.cri.container-type": "sandbox"}, "process": {"args": ["/pause"]}, "linux": {"cgroupsPath": "p:cri-containerd:s1"}}',
      [`${TASKS}/k8s.io/s1/init.pid`]: '42',
      [`${TASKS}/k8s.io/s1/options.json`]: '{"systemd_cgroup":true}',
      '/run/containerd/runc/k8s.io/s1/state.json': '{}',
      [`${TASKS}/moby/d1/config.json`]: '{}',
      [`${TASKS}/moby/d1/options.json`]: '{"binary_name":"/usr/bin/crun","root":"/run/d2/runtime-crun"}',
      '/run/d2/runtime-crun/moby/d1/status': '',
      [`${TASKS}/k8s.io/g1/config.json`]: '{}',
      [`${TASKS}/k8s.io/g1/shim-binary-path`]: '/usr/bin/containerd-shim-runsc-v1',
      '/run/containerd/runsc/k8s.io/g1_sandbox:g0.state': '{}',
    })
    const bundles = await probeBundles(host, '/run/containerd')
    expect(bundles).toMatchObject({state: 'ok', value: [
      {id: 'g1', namespace: 'k8s.io', runtimeBinary: {value: 'runsc'}, runtimeState: {runtime: 'runsc', path: '/run/containerd/runsc/k8s.io/g1_sandbox:g0.state'}},
      {
        id: 's1', namespace: 'k8s.io', path: `${TASKS}/k8s.io/s1`, pid: 42, args: ['/pause'], cgroupsPath: 'p:cri-containerd:s1', annotations: {'io.kubernetes.cri.container-type': 'sandbox'},
        runtimeBinary: {value: 'runc', source: `${TASKS}/k8s.io/s1/options.json`}, runtimeState: {runtime: 'runc', path: '/run/containerd/runc/k8s.io/s1'}, source: `${TASKS}/k8s.io/s1/config.json`,
      },
      {id: 'd1', namespace: 'moby', runtimeBinary: {value: '/usr/bin/crun'}, runtimeState: {runtime: 'crun', path: '/run/d2/runtime-crun/moby/d1'}},
    ]})
  })

  it('reads the layout of the v1 shim, and finds the state under Docker', async () => {
    const host = hostWith({
      '/run/containerd/io.containerd.runtime.v1.linux/moby/v1/config.json': '{}',
      '/var/run/docker/runtime-nvidia/moby/v1/state.json': '{}',
    })
    expect(await probeBundles(host, '/run/containerd')).toMatchObject({state: 'ok', value: [{id: 'v1', namespace: 'moby', runtimeState: {runtime: 'nvidia'}}]})
  })

  it('keeps a broken bundle with what is known of it', async () => {
    const host = hostWith({[`${TASKS}/default/x/config.json`]: '{"proc', [`${TASKS}/default/x/init.pid`]: '-1', [`${TASKS}/default/y`]: {directory: true}})
    expect(await probeBundles(host, '/run/containerd')).toEqual({state: 'ok', source: '/run/containerd', value: [
      {id: 'x', namespace: 'default', path: `${TASKS}/default/x`, annotations: {}, args: [], source: `${TASKS}/default/x/config.json`},
      {id: 'y', namespace: 'default', path: `${TASKS}/default/y`, annotations: {}, args: [], source: `${TASKS}/default/y/config.json`},
    ]})
  })

  it('tells "cannot look" from "not there"', async () => {
    expect(await probeBundles(hostWith({}), '/run/containerd')).toEqual({state: 'absent', source: TASKS})
    expect((await probeBundles(hostWith({[TASKS]: 'a file where a directory should be'}), '/run/containerd')).state).not.toBe('ok')
  })
})
