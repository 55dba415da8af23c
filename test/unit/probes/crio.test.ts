// SPDX-License-Identifier: Apache-2.0
import {describe, expect, it} from 'vitest'
import {probeCrio, probeStorageBundles} from '../../../src/probes/crio.ts'
import {hostWith, processOf, unitOf} from './tree.ts'

describe('probeCrio', () => {
  it('puts flags over drop-ins over crio.conf over storage.conf', () => {
    const host = hostWith({
      '/etc/crio/crio.conf': '[crio]\nrunroot = "/run/main"\n[crio.runtime]\ncgroup_manager = "cgroupfs"\n[crio.runtime.runtimes.runc]\nruntime_path = "/usr/bin/runc"',
      '/etc/crio/crio.conf.d/10-crio.conf': '[crio.runtime]\ndefault_runtime = "crun"\ncgroup_manager = "systemd"\n[crio.runtime.runtimes.crun]\nruntime_path = "/usr/libexec/crio/crun"',
      '/etc/crio/crio.conf.d/20-broken.conf': '[crio',
      '/usr/share/containers/storage.conf': '[storage]\ngraphroot = "/vendor"',
      '/etc/containers/storage.conf': '[storage]\ngraphroot = "/admin"\nrunroot = "/run/admin"',
    })
    expect(probeCrio(host, processOf(3, '/usr/bin/crio --listen unix:///argv.sock --cgroup-manager=cgroupfs'), [])).toMatchObject({
      pid: 3,
      address: {value: '/argv.sock', source: 'argv of pid 3'},
      root: {value: '/admin', source: '/etc/containers/storage.conf'},
      runRoot: {value: '/run/main', source: '/etc/crio/crio.conf'},
      cgroupManager: {value: 'cgroupfs', source: 'argv of pid 3'},
      defaultRuntime: {value: 'crun', source: '/etc/crio/crio.conf.d/10-crio.conf'},
      runtimes: {runc: {path: '/usr/bin/runc'}, crun: {path: '/usr/libexec/crio/crun'}},
      files: ['/etc/crio/crio.conf', '/etc/crio/crio.conf.d/10-crio.conf', '/etc/crio/crio.conf.d/20-broken.conf'],
      bundles: {state: 'absent'},
    })
  })

  it('has defaults, and is not there without process and configuration', () => {
    expect(probeCrio(hostWith({}), processOf(3, 'crio'), [])).toMatchObject({
      address: {value: '/var/run/crio/crio.sock', source: 'default of CRI-O'}, runRoot: {value: '/run/containers/storage'}, runtimes: {}, files: [],
    })
    expect(probeCrio(hostWith({}), undefined, [])).toBeUndefined()
    const units = [unitOf('crio.service', {'Service.ExecStart': ['/usr/bin/crio --root=/unit']})]
    expect(probeCrio(hostWith({'/etc/crio/crio.conf': ''}), undefined, units)?.root).toEqual({value: '/unit', source: '/etc/systemd/system/crio.service:1'})
  })
})

describe('probeStorageBundles', () => {
  it('tells the containers of CRI-O from those of Podman in the same storage', () => {
    const storage = '/run/containers/storage/overlay-containers'
    const host = hostWith({
      [`${storage}/c1/userdata/config.json`]: '{"annotations": {"io.kubernetes.cri-o.SandboxID": "s"}, "process": {"args": ["web"]}}',
      [`${storage}/c1/userdata/pidfile`]: '77',
      '/run/crun/c1/status': '{}',
      [`${storage}/p1/userdata/config.json`]: '{"annotations": {"io.container.manager": "libpod"}}',
      [`${storage}/x1/userdata/config.json`]: 'broken',
      '/run/containers/storage/vfs-layers/l': '',
    })
    expect(probeStorageBundles(host, '/run/containers/storage', 'cri-o')).toMatchObject({state: 'ok', value: [
      {id: 'c1', namespace: '', pid: 77, args: ['web'], path: `${storage}/c1/userdata`, runtimeState: {runtime: 'crun', path: '/run/crun/c1'}},
    ]})
    expect(probeStorageBundles(host, '/run/containers/storage', 'podman')).toMatchObject({state: 'ok', value: [{id: 'p1'}]})
  })
})
