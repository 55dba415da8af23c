// SPDX-License-Identifier: Apache-2.0
import {describe, expect, it} from 'vitest'
import {probeDockerContainers} from '../../../src/probes/docker-disk.ts'
import {hostWith} from './tree.ts'

describe('probeDockerContainers', () => {
  it('reads every container; a broken file costs that one only, a left-over directory is none', async () => {
    const containers = '/var/lib/docker/containers'
    const host = hostWith({
      [`${containers}/a1/config.v2.json`]: '{"Name": "/web", "State": {"Running": true, "Pid": 5}, "Config": {"Image": "nginx"}}',
      [`${containers}/a1/hostconfig.json`]: '{"Runtime": "runsc"}',
      [`${containers}/b2/config.v2.json`]: '{"Name": "/tru',
      [`${containers}/c3/c3-json.log`]: '',
      [`${containers}/d4`]: 'a file',
    })
    expect(await probeDockerContainers(host, '/var/lib/docker')).toEqual({
      state: 'ok',
      source: containers,
      value: [
        {id: 'a1', name: 'web', image: 'nginx', pid: 5, runtime: 'runsc', state: 'running', labels: {}, ports: [], source: `${containers}/a1/config.v2.json`},
        {id: 'b2', name: '', state: 'unknown', labels: {}, ports: [], source: `${containers}/b2/config.v2.json`},
      ],
    })
  })

  it('says that there are none where the directory is not there', async () => {
    expect(await probeDockerContainers(hostWith({}), '/var/lib/docker')).toEqual({state: 'absent', source: '/var/lib/docker/containers'})
  })
})
