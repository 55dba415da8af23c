// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterAll, describe, expect, test} from 'vitest'
import {acceptFlags, readAcceptances} from '../../../../src/cli/preflight/accept-flags.ts'
import {baselineText, readBaseline, writeBaseline} from '../../../../src/cli/preflight/baseline.ts'
import {CONFIG_KEYS, FAIL_ON, readConfig, TARGETS} from '../../../../src/cli/preflight/config-file.ts'
import {readWaivers} from '../../../../src/cli/preflight/waivers.ts'
import {UserError} from '../../../../src/model/user-error.ts'
import {jsonText} from '../../../../src/render/cri/document.ts'
import {ROOT} from '../../../support/node.ts'
import {finding, richReport} from '../../../support/sample-report.ts'

const IDS = ['docker-sock-mount', 'docker-swarm', 'kubelet-removed-flag']
const folder = mkdtempSync(join(tmpdir(), 'rtctl-config-'))
afterAll(() => rmSync(folder, {recursive: true}))

function file(text: string, name = 'settings.yaml'): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const read = async (text: string) => readConfig(file(text), IDS)

/** What a user is told: the message without the folder of the test, and the next step. */
async function told(promise: Promise<unknown> | (() => unknown)): Promise<string> {
  const error: unknown = await Promise.resolve(typeof promise === 'function' ? undefined : promise).then(() => (typeof promise === 'function' ? promise() : undefined)).catch((thrown: unknown) => thrown)
  if (!(error instanceof UserError)) throw new Error(`no UserError: ${String(error)}`)
  expect(error.exitCode).toBe(2)
  return `${error.message} ${error.next}`.replaceAll(`${folder}/`, '')
}

describe('the configuration of preflight', () => {
  test('has every setting, and versions stay text', async () => {
    const config = await read(`
target: cri-o
kubernetes: 1.30
containerd: 2.10
docker: '29'
fail-on: medium
paths: [deploy, ../charts/out]
ignore:
  - docker-swarm
waivers:
  - id: docker-sock-mount
    file: deploy/**
    object: DaemonSet logging/*
    node: node-1
    reason: moves next week
    expires: 2026-12-31
baseline: .rtctl-baseline.json
`)
    expect({...config, path: undefined}).toEqual({
      path: undefined, target: 'cri-o', kubernetes: '1.30', containerd: '2.10', docker: '29', 'fail-on': 'medium',
      paths: [join(folder, 'deploy'), join(folder, '../charts/out')], ignore: ['docker-swarm'],
      waivers: [{
        id: 'docker-sock-mount', file: 'deploy/**', object: 'DaemonSet logging/*', node: 'node-1', reason: 'moves next week', expires: '2026-12-31',
        source: {file: join(folder, 'settings.yaml'), line: 11, column: 5},
      }],
      baseline: join(folder, '.rtctl-baseline.json'),
    })
  })

  test.each(['', '# nothing yet\n', 'ignore:\nwaivers:\npaths:\n'])('may be empty: %j', async (text) => {
    expect(await read(text)).toEqual({path: join(folder, 'settings.yaml'), ignore: [], waivers: [], paths: []})
  })

  test('is looked for in the working directory, and need not be there', async () => {
    const before = process.cwd()
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    try {
      process.chdir(empty)
      expect(await readConfig(undefined, IDS)).toEqual({ignore: [], waivers: [], paths: []})
      writeFileSync('.rtctl.yaml', 'kubernetes: 1.35\npaths: [deploy]\n')
      expect(await readConfig(undefined, IDS)).toEqual({path: '.rtctl.yaml', kubernetes: '1.35', ignore: [], waivers: [], paths: ['deploy']})
    } finally {
      process.chdir(before)
    }
  })

  test.each<[string, string]>([
    ['kubernets: 1.30', 'settings.yaml:1: The configuration has no `kubernets`. Did you mean kubernetes?'],
    ['\n\nexec: rm -rf /', 'settings.yaml:3: The configuration has no `exec`. It has: target, kubernetes, containerd, docker, fail-on, paths, ignore, waivers, baseline.'],
    ['__proto__: {}', 'settings.yaml:1: The configuration has no `__proto__`. It has: target,'],
    ['target: docker', 'settings.yaml:1: `target` cannot be `docker`. It is one of containerd, cri-o, cri-dockerd.'],
    ['target: crio', 'settings.yaml:1: `target` cannot be `crio`. Did you mean cri-o? It is'],
    ['fail-on: always', 'settings.yaml:1: `fail-on` cannot be `always`.'],
    ['kubernetes: latest', 'settings.yaml:1: `latest` is no version. Write it as 1.35.'],
    ['kubernetes: [1.30]', 'settings.yaml:1: `kubernetes` is no text.'],
    ['kubernetes:', 'settings.yaml:1: `kubernetes` is empty.'],
    ['- a', 'settings.yaml:1: The configuration is no mapping.'],
    ['ignore: docker-swarm', 'settings.yaml:1: `ignore` is no list.'],
    ['ignore:\n  - docker-swam', 'settings.yaml:2: there is no check `docker-swam`. Did you mean docker-swarm?'],
    ['ignore: [zzz]', 'settings.yaml:1: there is no check `zzz`. `rtctl preflight --list-checks` has all of them.'],
    ['waivers:\n  - reason: x', 'settings.yaml:2: a waiver without `id`. Name the check that it is for.'],
    ['waivers:\n  - id: docker-swarm', 'settings.yaml:2: a waiver without `reason`. Say why what was found may stay.'],
    ['waivers:\n  - id: docker-swarm\n    reason: " "', 'settings.yaml:3: `reason` is empty.'],
    ['waivers:\n  - id: docker-swarm\n    reason: x\n    expires: 2026-02-30', 'settings.yaml:4: `2026-02-30` is no date. Write it as 2026-12-31.'],
    ['waivers:\n  - id: docker-swarm\n    reason: x\n    expires: tomorrow', 'settings.yaml:4: `tomorrow` is no date.'],
    ['waivers:\n  - id: docker-swarm\n    reasn: x', 'settings.yaml:3: A waiver has no `reasn`. Did you mean reason?'],
    ['waivers: [docker-swarm]', 'settings.yaml:1: A waiver is no mapping.'],
    ['a: [', 'settings.yaml:1: this is no YAML:'],
    ['target: cri-o\ntarget: cri-o', 'settings.yaml:2: this is no YAML: Map keys must be unique'],
    ['a: 1\n---\nb: 2', 'settings.yaml:2: this is no YAML:'],
    ['target: &a cri-o\nkubernetes: *a', 'settings.yaml:2: *a is an alias, which settings may not have.'],
    ['? [a]\n: b', 'settings.yaml:1: a key that is no text.'],
    ['['.repeat(100_000), 'settings.yaml'],
    [`a: ${'x'.repeat(1024 * 1024)}`, 'settings.yaml has 1048579 bytes, more than such a file can have.'],
  ])('is refused with the line and the next step: %#', async (text, expected) => {
    expect(await told(read(text))).toContain(expected)
  })

  test('is refused when it is named and not there, or is a folder', async () => {
    expect(await told(readConfig(join(folder, 'missing.yaml'), IDS))).toBe('missing.yaml cannot be read: ENOENT. Check the path.')
    expect(await told(readConfig(folder, IDS))).toContain('is no file. Name a file.')
  })

  test('is read or refused, whatever is in it', async () => {
    await fc.assert(fc.asyncProperty(fc.string({unit: fc.constantFrom('a', ':', ' ', '\n', '-', '[', '{', '&', '*', '!', '"', '|', '\t', '\u0000')}), async (text) => {
      await read(text).catch((error: unknown) => expect(error).toBeInstanceOf(UserError))
    }))
  })

  test('has the keys and values that its JSON Schema has', () => {
    const schema = JSON.parse(readFileSync(join(ROOT, 'schemas/preflight-config.schema.json'), 'utf8')) as {properties: Record<string, {enum?: string[]; items?: {properties: object}}>}
    expect(Object.keys(schema.properties)).toEqual([...CONFIG_KEYS])
    expect(schema.properties.target!.enum).toEqual([...TARGETS])
    expect(schema.properties['fail-on']!.enum).toEqual([...FAIL_ON])
    expect(Object.keys(schema.properties.waivers!.items!.properties)).toEqual(['id', 'file', 'object', 'node', 'reason', 'expires'])
  })
})

describe('a file of waivers', () => {
  const one = '- id: docker-swarm\n  reason: until it is moved\n'

  test('is a list, or has one under `waivers`', async () => {
    const expected = (line: number) => [{id: 'docker-swarm', reason: 'until it is moved', source: {file: join(folder, 'waivers.yaml'), line, column: 3}}]
    expect(await readWaivers(file(one, 'waivers.yaml'), IDS)).toEqual(expected(1))
    expect(await readWaivers(file(`waivers:\n${one}`, 'waivers.yaml'), IDS)).toEqual(expected(2))
  })

  test('is refused when it has none', async () => {
    expect(await told(readWaivers(file('', 'waivers.yaml'), IDS))).toContain('waivers.yaml has no waivers.')
    expect(await told(readWaivers(file('{}', 'waivers.yaml'), IDS))).toContain('waivers.yaml:1: there is no `waivers`.')
    expect(await told(readWaivers(file('target: cri-o', 'waivers.yaml'), IDS))).toContain('waivers.yaml:1: A file of waivers has no `target`.')
  })
})

describe('a baseline', () => {
  test('that was written is read back, without what waivers and --ignore accept', () => {
    const path = join(folder, 'baseline.json')
    writeBaseline(path, richReport().findings)
    const expected = richReport().findings.filter(({accepted}) => accepted === undefined || accepted.by === 'baseline').map(({fingerprint}) => fingerprint)
    expect([...readBaseline(path)].toSorted()).toEqual(expected.toSorted())
  })

  test('is the same for the same findings in another order, and names each once', () => {
    const findings = [finding({fingerprint: 'b'}), finding({fingerprint: 'a'}), finding({check: 'a', fingerprint: 'c'}), finding({fingerprint: 'b'})]
    expect(baselineText(findings)).toBe(baselineText(findings.toReversed()))
    expect((JSON.parse(baselineText(findings)) as {findings: {fingerprint: string}[]}).findings.map(({fingerprint}) => fingerprint)).toEqual(['c', 'a', 'b'])
    expect(JSON.parse(baselineText([]))).toEqual({rtctlBaseline: 1, findings: []})
  })

  test('may be a report of -o json', () => {
    expect(readBaseline(file(jsonText(richReport()), 'report.json')).size).toBe(richReport().findings.length)
  })

  test.each<[string, string]>([
    ['nonsense', 'b.json is no JSON.'],
    ['{}', 'b.json is no baseline and no report: it has no findings.'],
    ['null', 'b.json is no baseline and no report'],
    ['{"findings": {}}', 'b.json is no baseline and no report'],
    ['{"findings": [{"fingerprint": "a"}, {"fingerprint": 1}]}', 'b.json: finding 2 has no fingerprint.'],
    ['{"findings": [null]}', 'b.json: finding 1 has no fingerprint.'],
  ])('is refused when it is none: %s', async (text, expected) => {
    expect(await told(() => readBaseline(file(text, 'b.json')))).toContain(expected)
  })

  test('is refused when it cannot be read or written', async () => {
    expect(await told(() => readBaseline(join(folder, 'missing.json')))).toContain('missing.json cannot be read: ENOENT.')
    expect(await told(() => writeBaseline(join(folder, 'no/such/folder.json'), []))).toContain('no/such/folder.json cannot be written: ENOENT.')
  })
})

describe('what flags and configuration accept together', () => {
  const config = {ignore: ['docker-swarm'], waivers: [], paths: [], baseline: '/nowhere/baseline.json'}

  test('is the baseline of the flags, and the ignored checks and waivers of both', async () => {
    const flags = {
      baseline: file('{"findings": [{"fingerprint": "a"}]}', 'baseline.json'),
      waivers: file('- {id: docker-swarm, reason: x}', 'waivers.yaml'),
      ignore: ['docker-sock-mount', 'docker-swarm'],
    }
    const accepted = await readAcceptances(flags, config, IDS)
    expect(accepted).toMatchObject({baseline: new Set(['a']), waivers: [{id: 'docker-swarm'}], ignore: ['docker-swarm', 'docker-sock-mount']})
  })

  test('is the baseline of the configuration without the flag, which has to be there', async () => {
    expect(await told(readAcceptances({}, config, IDS))).toContain('/nowhere/baseline.json cannot be read: ENOENT.')
  })

  test('does not ignore a check that does not exist', async () => {
    expect(await told(readAcceptances({ignore: ['docker-swam']}, {...config, ignore: []}, IDS))).toBe('--ignore: there is no check `docker-swam`. Did you mean docker-swarm?')
  })

  test('has a flag for each setting of the configuration that is about accepting', () => {
    expect(Object.keys(acceptFlags)).toEqual(expect.arrayContaining(['fail-on', 'ignore', 'waivers', 'baseline']))
  })
})
