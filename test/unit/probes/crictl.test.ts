// SPDX-License-Identifier: Apache-2.0
import {describe, expect, it} from 'vitest'
import {parseCrictlConfig, probeCrictl} from '../../../src/probes/crictl.ts'
import {hostWith} from './tree.ts'

describe('probeCrictl', () => {
  it('reads the endpoints', () => {
    const host = hostWith({'/etc/crictl.yaml': 'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: ""\ntimeout: 10\n'})
    expect(probeCrictl(host)).toEqual({state: 'ok', value: {runtimeEndpoint: 'unix:///run/containerd/containerd.sock'}, source: '/etc/crictl.yaml'})
  })

  it('tells an absent file from a broken one', () => {
    expect(probeCrictl(hostWith({}))).toEqual({state: 'absent', source: '/etc/crictl.yaml'})
    expect(probeCrictl(hostWith({'/etc/crictl.yaml': '- a'}))).toMatchObject({state: 'unreadable', reason: 'malformed'})
  })

  it('takes an empty file for one without settings', () => {
    expect(parseCrictlConfig('')).toEqual({})
    expect(parseCrictlConfig('# nothing\n')).toEqual({})
  })
})
