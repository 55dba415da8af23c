// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {Json} from '../../../src/model/json.ts'
import {DAEMON_KEYS} from '../../../src/checks/tables/daemon-keys.ts'
import {withoutSecrets, withoutUsers} from '../../../src/needs/secrets.ts'
import {dockerNode, needsOf} from './support.ts'

describe('a hostile daemon.json', () => {
  test('with any value of any key gives needs, with a row for each key', async () => {
    const keys = fc.constantFrom(...DAEMON_KEYS.map(({key}) => key), '__proto__', 'constructor', 'x')
    await fc.assert(fc.asyncProperty(fc.dictionary(keys, fc.jsonValue({maxDepth: 3})), async (daemon) => {
      const text = JSON.stringify(daemon)
      const needs = await needsOf(dockerNode({daemon: text}))
      for (const key of Object.keys(JSON.parse(text) as object)) expect(needs.verdicts.some(({setting}) => setting === `daemon.json ${key}`)).toBe(true)
      for (const {host} of needs.registries) expect(host).not.toMatch(/[/\\\s"']|\.\./)
      for (const {handler} of needs.runtimes) expect(handler).toMatch(/^[a-z0-9-]{1,63}$/)
      expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    }), {numRuns: 60})
  })
})

describe('what is printed', () => {
  test.each([
    ['registry-mirrors', ['https://me:geheim@m.example'], ['https://…@m.example']], ['auths', {'r.example': {auth: 'geheim'}}, '…'], ['a', {apiKey: 'geheim', 'splunk-token': 'geheim', tlskey: '/path'}, {apiKey: '…', 'splunk-token': '…', tlskey: '/path'}],
    ['log-opt', 'splunk-token=geheim', 'splunk-token=…'], ['log-opt', 'tag=a=b', 'tag=a=b'], ['n', 7, 7], ['n', null, null], ['x', 'http://a@b@c/', 'http://…@c/'],
  ])('of %s has no secret: %j', (name, value, shown) => expect({v: withoutSecrets(name, value as Json)}).toMatchObject({v: shown}))

  test('of a text without a user is as it was', () => expect(withoutUsers('https://m.example/path@2')).toBe('https://m.example/path@2'))
})
