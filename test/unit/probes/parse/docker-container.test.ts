// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {dockerState, parseDockerContainer} from '../../../../src/probes/parse/docker-container.ts'

const ID = 'a'.repeat(64)

/** As dockerd 20.10 writes it for `docker run --init -p 18080:8080 --name web`, shortened. */
const CONFIG = {
  State: {Running: true, Paused: false, Restarting: false, Dead: false, RemovalInProgress: false, Pid: 375, StartedAt: '2026-11-21T03:59:50Z'},
  ID,
  Config: {Image: 'lab/busybox:1.35', Labels: {app: 'web'}},
  Image: 'sha256:07bf',
  LogPath: `/var/lib/docker/containers/${ID}/${ID}-json.log`,
  Name: '/web',
  NetworkSettings: {Ports: {'8080/tcp': [{HostIp: '0.0.0.0', HostPort: '18080'}, {HostIp: '::', HostPort: '18080'}], '53/udp': null}},
}
const HOST = {
  LogConfig: {Type: 'json-file', Config: {}},
  Runtime: 'runc',
  CgroupParent: '/kubepods',
  Init: true,
  PortBindings: {'8080/tcp': [{HostIp: '', HostPort: '0'}]},
}

function parse(config: unknown, host?: unknown) {
  return parseDockerContainer(ID, JSON.stringify(config), host === undefined ? undefined : JSON.stringify(host), '/s')
}

describe('parseDockerContainer', () => {
  it('reads what dockerd writes', () => {
    expect(parse(CONFIG, HOST)).toEqual({
      id: ID,
      name: 'web',
      image: 'lab/busybox:1.35',
      imageId: 'sha256:07bf',
      pid: 375,
      runtime: 'runc',
      logDriver: 'json-file',
      logPath: CONFIG.LogPath,
      cgroupParent: '/kubepods',
      init: true,
      state: 'running',
      labels: {app: 'web'},
      ports: ['18080->8080/tcp'],
      source: '/s',
    })
  })

  it('says what it can without hostconfig.json, and with a broken one', () => {
    expect(parse(CONFIG)).not.toHaveProperty('runtime')
    expect(parseDockerContainer(ID, JSON.stringify(CONFIG), '{"Runtime": "ru', '/s').name).toBe('web')
  })

  it('takes the ports asked for where none are in use', () => {
    const stopped = {...CONFIG, NetworkSettings: {Ports: null}}
    const host = {PortBindings: {'80/tcp': [{HostIp: '127.0.0.1', HostPort: '8000'}, {HostIp: 'fd00::1', HostPort: '8000'}]}}
    expect(parse(stopped, host).ports).toEqual(['127.0.0.1:8000->80/tcp', '[fd00::1]:8000->80/tcp'])
  })

  it.each([
    ['running', {Running: true, StartedAt: '2026-11-21T00:00:00Z'}],
    ['paused', {Running: true, Paused: true}],
    ['exited', {Running: true, Restarting: true, StartedAt: '2026-11-21T00:00:00Z'}],
    ['exited', {Running: false, StartedAt: '2026-11-21T00:00:00Z'}],
    ['exited', {Dead: true, StartedAt: '0001-01-01T00:00:00Z'}],
    ['exited', {RemovalInProgress: true}],
    ['created', {Running: false, StartedAt: '0001-01-01T00:00:00Z'}],
    ['unknown', undefined],
  ])('is %s for %j', (state, docker) => {
    expect(dockerState(docker)).toBe(state)
  })

  it('drops values of the wrong type', () => {
    const odd = parse({Name: 7, Config: [], State: {Running: 'yes', Pid: -1}, NetworkSettings: {Ports: {'1/tcp': [3, {HostPort: 5}]}}}, {Init: 'no', Runtime: ''})
    expect(odd).toEqual({id: ID, name: '', state: 'created', labels: {}, ports: [], source: '/s'})
  })

  it('keeps hostile labels as they are, without touching prototypes', () => {
    const text = '{"Config": {"Labels": {"__proto__": "x", "n": 1, "esc": "\\u001b[2J"}}, "State": {}}'
    const {labels} = parseDockerContainer(ID, text, undefined, '/s')
    expect(Object.entries(labels)).toEqual([['__proto__', 'x'], ['esc', '\u001b[2J']])
  })

  it('throws only what a caller can name malformed: text that is no JSON object', () => {
    expect(() => parseDockerContainer(ID, '[]', undefined, '/s')).toThrow('not a JSON object')
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('State', 'Config', 'Name', 'NetworkSettings', '__proto__'), fc.jsonValue()), fc.jsonValue(), (config, host) => {
      expect(parse(config, host).id).toBe(ID)
    }))
  })
})
