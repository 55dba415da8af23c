// SPDX-License-Identifier: Apache-2.0
import {existsSync, readFileSync, readdirSync} from 'node:fs'
import {Ajv2020} from 'ajv/dist/2020.js'
import {describe, expect, test} from 'vitest'
import {inspectHost} from '../../src/app/inspect-host.ts'
import {readNode} from '../../src/app/preflight/nodes.ts'
import {recordHost} from '../../src/host/recording-host.ts'
import {readSnapshot} from '../../src/host/snapshot-file.ts'
import {replaySnapshot} from '../../src/host/snapshot-host.ts'
import type {InspectReport} from '../../src/model/chain.ts'
import {renderDot} from '../../src/render/dot.ts'
import {renderHtml} from '../../src/render/html.ts'
import {renderJson} from '../../src/render/json.ts'
import {FIXTURES, fixtureNames, goldenPath, makeGoldens, openFixture, OPTIONS} from './goldens.ts'

/** Exit status 4: something could not be looked at. Everywhere else the answer is whole. */
const PARTIAL = ['hung-dockerd', 'unprivileged']

const CHANGED = 'run `npm run fixtures:update` and review the diff'
const schema = JSON.parse(readFileSync(new URL('../../schemas/inspect-report.schema.json', import.meta.url), 'utf8')) as object
const validate = new Ajv2020({strict: true}).compile(schema)

function stored(name: string, file: string): string | undefined {
  const path = goldenPath(name, file)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** No nodes: answers of CRI runtimes (test/cli/parity.test.ts), and manifests (manifests.test.ts). */
const OTHERS = ['cri', 'manifests']

test('every folder in fixtures holds a captured node, and the README names it', () => {
  const folders = readdirSync(FIXTURES, {withFileTypes: true}).flatMap((one) => (one.isDirectory() && !OTHERS.includes(one.name) ? [one.name] : []))
  expect(folders.sort()).toEqual(fixtureNames())
  expect(readFileSync(`${FIXTURES}/README.md`, 'utf8').match(/(?<=^\| `)[a-z0-9-]+(?=`)/gm)?.sort()).toEqual(folders)
})

describe.each(fixtureNames().map((name) => ({name})))('the captured node $name', ({name}) => {
  test('looks as its golden outputs say', async () => {
    const made = await makeGoldens(name)
    expect(readdirSync(goldenPath(name, '.')).sort(), CHANGED).toEqual([...made.keys()].sort())
    for (const [file, text] of made) expect(text, `fixtures/${name}/golden/${file}: ${CHANGED}`).toBe(stored(name, file))
  })

  test('gives the same report twice, byte for byte', async () => {
    const [one, two] = [await inspectHost(openFixture(name), OPTIONS), await inspectHost(openFixture(name), OPTIONS)]
    expect(renderJson(one)).toBe(renderJson(two))
  })

  test('holds every answer that is asked for', async () => {
    const {host, records} = recordHost(openFixture(name))
    await readNode(host, name)
    const missing = records.sorted().filter(({outcome}) => outcome.state === 'unreadable' && outcome.reason === 'not-captured').map(({kind, key}) => `${kind} ${key}`)
    expect(missing, 'a probe reads more than was captured: capture the node again').toEqual([])
  })

  test('replays a recording of its own replay to the same report', async () => {
    const {host, records} = recordHost(openFixture(name))
    const first = await inspectHost(host, OPTIONS)
    expect(renderJson(await inspectHost(replaySnapshot('again', records), OPTIONS))).toBe(renderJson(first))
  })

  test('fits the shipped schema', () => {
    validate(JSON.parse(stored(name, 'report.json') ?? 'null'))
    expect(validate.errors).toBeNull()
  })

  test('is whole, or says what could not be seen', () => {
    const {chain} = JSON.parse(stored(name, 'report.json') ?? 'null') as InspectReport
    expect(chain.gaps.length > 0).toBe(PARTIAL.includes(name))
  })

  test('fits 80 columns, and no output holds a control character', () => {
    const lines = (stored(name, 'tree.txt') ?? '').split('\n')
    expect(lines.filter((line) => [...line].length > 80)).toEqual([])
    for (const file of readdirSync(goldenPath(name, '.'))) {
      expect([...(stored(name, file) ?? '')].filter((character) => character !== '\n' && /\p{Cc}/u.test(character)), file).toEqual([])
    }
  })

  test('is drawn whole as dot and as a page of its own', async () => {
    const report = await inspectHost(openFixture(name), OPTIONS)
    const [dot, html] = [renderDot(report), renderHtml(report)]
    const labels = report.chain.nodes.map(({label}) => label)
    expect(labels.filter((label) => !dot.includes(label))).toEqual([])
    expect(labels.filter((label) => !html.includes(label))).toEqual([])
    expect(report.chain.containers.filter(({id}) => !html.includes(id.slice(0, 12)))).toEqual([])
    expect(html).not.toMatch(/(?:src|href)="https?:/)
  })

  test('carries no secret', () => {
    const {records} = readSnapshot(`${FIXTURES}/${name}/snapshot.jsonl`)
    const text = JSON.stringify(records.sorted())
    expect(text.match(/-----BEGIN [A-Z ]+-----|\beyJ[\w-]{8,}\.[\w-]+\.|[?&](?:token|password)=[^&[]/g)).toBeNull()
  })
})
