// SPDX-License-Identifier: Apache-2.0
// Precision and recall of all checks over fixtures/manifests: what labels.yaml says breaks, against what the scan finds.
import {readdirSync, readFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import {describe, expect, test} from 'vitest'
import {load} from 'js-yaml'
import {Scan} from '../../src/app/preflight/scan.ts'
import {checks} from '../../src/checks/index.ts'
import {readManifests} from '../../src/manifests/read.ts'
import type {Upgrade} from '../../src/model/check.ts'
import type {Finding} from '../../src/model/preflight.ts'
import {ROOT} from '../support/node.ts'

interface Label {
  readonly check: string
  /** `Deployment ci/agent`; `-` where the file is a text of its own */
  readonly object: string
}

interface LabelledFile {
  readonly upgrade?: Partial<Upgrade>
  readonly findings: readonly Label[]
  /** findings that are missed, or made although nothing is wrong, with the reason */
  readonly known?: readonly (Label & {readonly is: 'miss' | 'extra'; readonly why: string})[]
}

const FOLDER = join(ROOT, 'fixtures/manifests')
const LABELS = (load(readFileSync(join(FOLDER, 'labels.yaml'), 'utf8')) as {readonly files: Readonly<Record<string, LabelledFile>>}).files
const GIVEN = readdirSync(FOLDER, {recursive: true, withFileTypes: true}).filter((entry) => entry.isFile())
  .map((entry) => relative(FOLDER, join(entry.parentPath, entry.name))).filter((file) => file !== 'labels.yaml').toSorted()

async function scanned(file: string): Promise<Scan> {
  const scan = new Scan(checks, {target: 'containerd', kubernetes: '1.30', oracle: {}, ...LABELS[file]?.upgrade})
  for await (const item of readManifests([join(FOLDER, file)])) scan.item(item)
  return scan
}

/** `docker-socket-mount @ Deployment ci/agent` */
function nameOf(finding: Finding): string {
  const object = finding.place.kind === 'manifest' ? finding.place.object : undefined
  return object === undefined ? `${finding.check} @ -` : `${finding.check} @ ${object.kind} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}`
}

const labelName = ({check, object}: Label) => `${check} @ ${object}`
const without = (all: Iterable<string>, some: ReadonlySet<string>) => [...all].filter((one) => !some.has(one))

describe('the labelled manifests', async () => {
  const results = await Promise.all(GIVEN.map(async (file) => {
    const scan = await scanned(file)
    const expected = new Set((LABELS[file]?.findings ?? []).map(labelName))
    const found = new Set(scan.found.findings.map(nameOf))
    return {file, expected, found, scan, misses: without(expected, found), extras: without(found, expected)}
  }))
  const sum = (count: (result: (typeof results)[number]) => number) => results.reduce((total, result) => total + count(result), 0)

  test('are labelled, every one, and every label has its file', () => {
    expect(Object.keys(LABELS).toSorted()).toEqual(GIVEN)
    expect(GIVEN.length).toBeGreaterThanOrEqual(60)
  })

  test('are read without a bug of a check', () => expect(results.flatMap(({file, scan}) => scan.found.undecided.map((one) => ({file, ...one})))).toEqual([]))

  test('name checks that exist', () => {
    const ids = new Set(checks.map(({id}) => id))
    const named = Object.values(LABELS).flatMap(({findings, known = []}) => [...findings, ...known].map(({check}) => check))
    expect(named.filter((id) => !ids.has(id))).toEqual([])
  })

  test.each(results.map((result) => [result.file, result] as const))('%s: every miss and every extra finding is explained', (file, {misses, extras}) => {
    const known = LABELS[file]?.known ?? []
    expect({misses, extras}).toEqual({
      misses: known.filter(({is}) => is === 'miss').map(labelName), extras: known.filter(({is}) => is === 'extra').map(labelName),
    })
    for (const {why} of known) expect(why.length).toBeGreaterThan(20)
  })

  test('are found with precision and recall of at least 0.98', () => {
    const hits = sum(({found, expected}) => [...found].filter((one) => expected.has(one)).length)
    const precision = hits / sum(({found}) => found.size)
    const recall = hits / sum(({expected}) => expected.size)
    const clean = results.filter(({expected}) => expected.size === 0).length
    console.log(`${GIVEN.length} manifests (${clean} with nothing to find), ${hits} findings: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`)
    expect(precision).toBeGreaterThanOrEqual(0.98)
    expect(recall).toBeGreaterThanOrEqual(0.98)
  })
})
