// SPDX-License-Identifier: Apache-2.0
import {createServer} from 'node:net'
import {mkdirSync} from 'node:fs'
import {describe, expect, it, onTestFinished} from 'vitest'
import {probeDockerConfig} from '../../../src/probes/docker-config.ts'
import {hostWith, makeUnreadable, processOf, unitOf} from './tree.ts'

describe('probeDockerConfig', () => {
  it('resolves fd:// through docker.socket', () => {
    const units = [unitOf('docker.socket', {'Socket.ListenStream': ['%t/docker.sock', '2375']})]
    const facts = probeDockerConfig(hostWith({}), processOf(7, '/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock'), units)
    expect(facts?.hosts).toEqual([
      {value: 'unix:///run/docker.sock', source: 'argv of pid 7 (fd://), /etc/systemd/system/docker.socket:1'},
      {value: 'tcp://0.0.0.0:2375', source: 'argv of pid 7 (fd://), /etc/systemd/system/docker.socket:1'},
    ])
    expect(facts?.containerdAddress).toEqual({value: '/run/containerd/containerd.sock', source: 'argv of pid 7'})
  })

  it('keeps fd:// where the socket unit is not known', () => {
    expect(probeDockerConfig(hostWith({}), processOf(7, 'dockerd -H fd://'), [])?.hosts).toEqual([{value: 'fd://', source: 'argv of pid 7'}])
  })

  it('puts the command line before daemon.json, and that before the defaults', () => {
    const host = hostWith({'/etc/docker/daemon.json': '{"data-root": "/json", "exec-root": "/run/json", "hosts": ["tcp://1.2.3.4:2375"], "containerd": "/json.sock"}'})
    expect(probeDockerConfig(host, processOf(7, 'dockerd --data-root /argv -Hunix:///a.sock --host=unix:///b.sock'), [])).toMatchObject({
      pid: 7,
      hosts: [
        {value: 'unix:///a.sock', source: 'argv of pid 7'}, {value: 'unix:///b.sock', source: 'argv of pid 7'},
        {value: 'tcp://1.2.3.4:2375', source: '/etc/docker/daemon.json'},
      ],
      dataRoot: {value: '/argv', source: 'argv of pid 7'},
      execRoot: {value: '/run/json', source: '/etc/docker/daemon.json'},
      containerdAddress: {value: '/json.sock', source: '/etc/docker/daemon.json'},
    })
  })

  it('reads old names and another configuration file', () => {
    const host = hostWith({'/x.json': '{"graph": "/old"}'})
    expect(probeDockerConfig(host, processOf(7, 'dockerd --config-file=/x.json'), [])).toMatchObject({
      dataRoot: {value: '/old', source: '/x.json'}, execRoot: {value: '/var/run/docker', source: 'default of dockerd'},
      hosts: [{value: 'unix:///var/run/docker.sock', source: 'default of dockerd'}], config: {state: 'ok', value: {graph: '/old'}},
    })
    expect(probeDockerConfig(host, processOf(7, 'dockerd -g /older'), [])?.dataRoot.value).toBe('/older')
  })

  it('says that a broken daemon.json is malformed and one it may not read unreadable', () => {
    const broken = hostWith({'/etc/docker/daemon.json': '{"hosts": ['})
    expect(probeDockerConfig(broken, processOf(7, 'dockerd'), [])?.config).toMatchObject({state: 'unreadable', reason: 'malformed'})
    makeUnreadable(broken.directory, '/etc/docker/daemon.json')
    expect(probeDockerConfig(broken, processOf(7, 'dockerd'), [])?.config.state).toBe('unreadable')
    expect(probeDockerConfig(hostWith({}), processOf(7, 'dockerd'), [])?.config).toEqual({state: 'absent', source: '/etc/docker/daemon.json'})
  })

  it('takes a daemon.json that is nested without end for malformed', () => {
    const host = hostWith({'/etc/docker/daemon.json': `{"a": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`})
    expect(probeDockerConfig(host, processOf(7, 'dockerd'), [])?.config).toMatchObject({state: 'unreadable', reason: 'malformed'})
  })

  it('knows that dockerd uses the containerd it finds, and not where it has started one of its own', async () => {
    const host = hostWith({'/run/docker/x': ''})
    mkdirSync(`${host.directory}/run/containerd`)
    const server = createServer().listen(`${host.directory}/run/containerd/containerd.sock`)
    onTestFinished(() => void server.close())
    await new Promise((listening) => server.once('listening', listening))
    expect(probeDockerConfig(host, processOf(7, 'dockerd --exec-root=/run/docker'), [])?.containerdAddress?.value).toBe('/run/containerd/containerd.sock')
    mkdirSync(`${host.directory}/run/docker/containerd/containerd.toml`, {recursive: true})
    expect(probeDockerConfig(host, processOf(7, 'dockerd --exec-root=/run/docker'), [])?.containerdAddress).toBeUndefined()
  })

  it('without a process speaks only where Docker has left something', () => {
    expect(probeDockerConfig(hostWith({}), undefined, [])).toBeUndefined()
    expect(probeDockerConfig(hostWith({'/var/lib/docker/containers': {directory: true}}), undefined, [])?.dataRoot.value).toBe('/var/lib/docker')
    const host = hostWith({'/etc/docker/daemon.json': '{}'})
    const units = [unitOf('docker.service', {'Service.ExecStart': ['/usr/bin/dockerd --data-root=/unit']})]
    expect(probeDockerConfig(host, undefined, units)).toMatchObject({dataRoot: {value: '/unit', source: '/etc/systemd/system/docker.service:1'}})
    expect(probeDockerConfig(host, undefined, units)).not.toHaveProperty('pid')
  })
})
