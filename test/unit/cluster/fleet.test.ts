// SPDX-License-Identifier: Apache-2.0
import {afterEach, describe, expect, test} from 'vitest'
import {openFleetCluster, openPublisher} from '../../../src/cluster/fleet.ts'
import {UserError} from '../../../src/model/user-error.ts'
import {EMPTY_LISTS, type FakeApiServer, type FakeApiServerOptions, listOf, refusal, startApiServer} from '../../support/api-server.ts'
import {noWaits} from './support.ts'

let server: FakeApiServer | undefined
afterEach(() => server?.close())

const PATH = '/api/v1/namespaces/rtctl/configmaps'
const object = (text = 'x') => ({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'web', namespace: 'rtctl'}, data: {text}})

async function start(more: Partial<FakeApiServerOptions> = {}) {
  server = await startApiServer({lists: EMPTY_LISTS, tls: true, token: 'sesame', ...more})
  const patience = noWaits()
  const options = {kubeconfig: [{path: 'config', text: server.kubeconfig()}], environment: {}, patience, timeoutMs: 500}
  return {server, patience, options, publisher: await openPublisher(options, 'rtctl')}
}

describe('a ConfigMap', () => {
  test('that is not there is created, and replaced the next time', async () => {
    const {publisher, server: {writes, written}} = await start()
    await publisher.put('web', object('one'))
    await publisher.put('web', object('two'))
    expect(writes).toEqual([`PUT ${PATH}/web`, `POST ${PATH}`, `PUT ${PATH}/web`])
    expect(written.get(`${PATH}/web`)).toMatchObject({data: {text: 'two'}})
  })
  test('that somebody creates in between is replaced', async () => {
    const {publisher, server: {writes, written}} = await start({fault: (_, __, method) => {
      if (method === 'POST') server?.written.set(`${PATH}/web`, object('theirs'))
      return undefined
    }})
    await publisher.put('web', object('ours'))
    expect(writes.map((each) => each.split(' ')[0])).toEqual(['PUT', 'POST', 'PUT'])
    expect(written.get(`${PATH}/web`)).toMatchObject({data: {text: 'ours'}})
  })
  test('that two write at once is that of the last, and neither fails', async () => {
    const {publisher, options, server: {written}} = await start()
    const other = await openPublisher(options, 'rtctl')
    await Promise.all([publisher.put('web', object('one')), other.put('web', object('two'))])
    expect(written.size).toBe(1)
    other.close()
  })
  test('that comes and goes for ever is given up with a sentence', async () => {
    const {publisher, server: {writes}} = await start({fault: (_, __, method) => refusal(method === 'POST' ? 409 : 404, 'now you see me')})
    await expect(publisher.put('web', object())).rejects.toThrow(UserError)
    expect(writes).toHaveLength(4)
  })
  test('is written again where the server is busy, after the time that it asks for', async () => {
    const {publisher, patience} = await start({fault: (_, nth) => (nth < 3 ? {status: 429, headers: {'retry-after': '7'}} : undefined)})
    await publisher.put('web', object())
    // The first two for PUT; POST is another question.
    expect(patience.waits).toEqual([7000, 7000, 7000, 7000])
  })
  test.each<[string, NonNullable<FakeApiServerOptions['fault']>]>([
    ['fails once', (_, nth) => (nth === 1 ? {status: 500} : undefined)], ['cuts the connection once', (_, nth) => (nth === 1 ? 'reset' : undefined)], ['hangs once', (_, nth) => (nth === 1 ? 'hang' : undefined)],
  ])('is written again where the server %s', async (_, fault) => {
    const {publisher, server: {written}} = await start({fault})
    await publisher.put('web', object())
    expect(written.size).toBe(1)
  })
  test.each<[string, NonNullable<FakeApiServerOptions['fault']>, RegExp]>([
    ['forbids it', () => refusal(403, 'not you'), /create and update of configmaps in namespace rtctl/],
    ['knows nobody of that token', () => refusal(401, 'who?'), /token/],
    ['has no such namespace', () => refusal(404, 'namespaces "rtctl" not found'), /Create the namespace rtctl/],
    ['takes no object of that size', () => refusal(413, 'too large'), /webhook or a quota/],
    ['is gone', () => 'die', /network/],
    ['stays busy', () => ({status: 429}), /less busy/],
  ])('is not written where the server %s, and the sentence says what to do', async (_, fault, next) => {
    const {publisher} = await start({fault})
    const error = await publisher.put('web', object()).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect([(error as UserError).exitCode, next.test((error as UserError).next)]).toEqual([8, true])
  })
})

describe('reports', () => {
  const LABELLED = {metadata: {name: 'n1', namespace: 'rtctl', labels: {app: 'web'}}}
  const all = async (reads: AsyncIterable<unknown>) => {
    const found: unknown[] = []
    for await (const read of reads) found.push(read)
    return found
  }
  test('are those of the namespace with the labels, and no others', async () => {
    const others = [{metadata: {name: 'n2', namespace: 'rtctl'}}, {metadata: {name: 'n3', namespace: 'other', labels: {app: 'web'}}}]
    const {options} = await start({lists: [listOf('/api/v1/configmaps', [LABELLED, ...others])]})
    const cluster = await openFleetCluster(options)
    expect(await all(cluster.configMaps('rtctl', 'app=web'))).toEqual([{kind: 'object', value: LABELLED}])
    cluster.close()
  })
  test('that may not be read are a gap that names the right', async () => {
    const {options} = await start({fault: ({pathname}) => (pathname === '/version' ? undefined : refusal(403, 'no'))})
    const cluster = await openFleetCluster(options)
    expect(await all(cluster.nodes())).toMatchObject([{kind: 'gap', gap: {what: 'nodes of the cluster', next: expect.stringContaining('Grant list of nodes') as string}}])
    cluster.close()
  })
})
