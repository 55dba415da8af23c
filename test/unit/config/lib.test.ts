// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {Edits} from '../../../src/config/lib/edits.ts'
import {assignmentsIn} from '../../../src/config/lib/env-file.ts'
import {existingAt, matchesOf} from '../../../src/config/lib/existing.ts'
import {editFlags} from '../../../src/config/lib/flag-edit.ts'
import {isPlain} from '../../../src/config/lib/plain-text.ts'
import {effectiveUnit, environmentRegions, unitLines, unitValues} from '../../../src/config/lib/unit-file.ts'
import {absent} from '../../../src/model/observed.ts'
import {limitDropIn} from '../../../src/config/lib/drop-ins.ts'
import {commandWord, environmentLine} from '../../../src/config/lib/unit-write.ts'
import {spliced, wordsIn} from '../../../src/config/lib/words.ts'
import {readYaml, setYaml, yamlScalar} from '../../../src/config/lib/yaml-edit.ts'
import {filesOf} from './node.ts'

const NO_FLAGS: ReadonlySet<string> = new Set(['gone'])
/** What flags are made of, quoting and all. */
const piece = fc.constantFrom('--keep=1', '--gone=2', '--gone 3', '-v', 'word', "'a b'", '--x="c d"', '--keep', '--gone_too=1', String.raw`\ `, '\\\n ', '  ', '\t', '\\\n# gone --gone=9\n ')
const line = fc.array(piece, {maxLength: 12}).map((pieces) => pieces.join(' '))

const whole = (text: string) => ({start: 0, end: text.length, quote: ''} as const)

describe('flags', () => {
  test('go with their values, and every other word stays as it is written', () => {
    fc.assert(fc.property(line, (text) => {
      const edited = spliced(text, editFlags(text, whole(text), NO_FLAGS, ({name}) => (name === 'gone' ? 'remove' : 'keep')))
      const words = wordsIn(text, whole(text)).map(({raw}) => raw)
      const kept = words.filter((word, i) => !/^--gone(?:=|$)/.test(word) && words[i - 1] !== '--gone')
      expect(wordsIn(edited, whole(edited)).map(({raw}) => raw)).toEqual(kept)
    }))
  })

  test.each([
    ['--gone=2 --keep', '--gone=new --keep'], ['--gone 2 --keep', '--gone new --keep'], ['--gone="a b"', '--gone=new'], ['"--gone=a b" x', '"--gone=new" x'], ['--gone_=1', '--gone_=1'],
    ['--gone', '--gone=new'], ['--x --gone=1 \\\n  --gone=2', '--x --gone=new \\\n  --gone=new'],
  ])('get another value where they are: %j', (before, after) => {
    expect(spliced(before, editFlags(before, whole(before), NO_FLAGS, ({name}) => (name === 'gone' ? {value: 'new'} : 'keep')))).toBe(after)
  })
})

describe('Any text is read without harm', () => {
  const text = fc.string({unit: fc.constantFrom('a', '=', '"', "'", '\\', '\n', ' ', '[', ']', '#', ';', '-', '$', 'é', '\u0000', ':', '{', '&', '*'), maxLength: 60})

  test('as a unit, an environment file, and words, with what is found inside of the text', () => {
    fc.assert(fc.property(text, (all) => {
      const lines = unitLines(`[Service]\n${all}`)
      for (const {value, whole: {start, end}} of lines) expect(value.start >= start && value.end <= end && value.start <= value.end).toBe(true)
      for (const {region} of assignmentsIn(all)) if (region !== undefined) expect(region.start <= region.end && region.end <= all.length).toBe(true)
      const words = wordsIn(all, whole(all))
      expect(words.every(({start, end}, i) => start < end && start >= (words[i - 1]?.end ?? 0))).toBe(true)
    }))
  })

  test('as YAML, where an edit changes its own member alone or nothing', () => {
    const lines = fc.array(fc.constantFrom('a: 1', 'key: "x"', 'key:', '  - b', 'endpoint: |', '  text', '# key: no', '', 'b: {key: 2}', 'c: &c [1]', 'd: *c', '---', '...', '"key": 3', '? endpoint', ': 4'), {maxLength: 6}).map((all) => all.join('\n'))
    let edits = 0
    fc.assert(fc.property(fc.oneof(text, lines), fc.constantFrom('a', 'key', 'endpoint'), (all, key) => {
      const edit = setYaml(all, {[key]: 'unix:///run/x.sock'})
      if (!edit.ok) return
      edits++
      const [before, after] = [readYaml(all), readYaml(edit.text)]
      expect(after.ok && after.values.get(key)).toBe('unix:///run/x.sock')
      const others = (read: typeof before) => (read.ok ? [...read.values].filter(([name]) => name !== key) : [])
      expect(others(after)).toEqual(others(before))
    }), {numRuns: 500})
    expect(edits).toBeGreaterThan(20)
  })

  test('as a value of YAML, which comes back as it was', () => {
    fc.assert(fc.property(fc.string(), (value) => {
      const read = readYaml(`key: ${yamlScalar(value)}\n`)
      expect(read.ok && read.values.get('key')).toBe(value)
    }))
    for (const value of ['100Mi', '1e3', '12', 'true', 'no', '-1', 'a: b', '0x10', '1_000', '~', '', 'unix:///a:b', 'x:']) {
      const read = readYaml(`key: ${yamlScalar(value)}\n`)
      expect(read.ok && read.values.get('key'), value).toBe(value)
    }
  })
})

describe('units', () => {
  const text = '[Unit]\nAfter=a.service \\\n# b.service\n  c.service\n[Service]\nEnvironment="A=1 2" B=3 \'C=4\' D="5 6" E=\nExecStart=\nExecStart=/bin/x \\\n  --y\n# ExecStart=no\nbad\n'

  test('are read as systemd reads them: joined lines, comments among them', () => {
    const values = unitLines(text).map(({section, key, value}) => [section, key, text.slice(value.start, value.end)])
    expect(values).toEqual([
      ['Unit', 'After', 'a.service \\\n# b.service\n  c.service'], ['Service', 'Environment', '"A=1 2" B=3 \'C=4\' D="5 6" E='], ['Service', 'ExecStart', ''],
      ['Service', 'ExecStart', '/bin/x \\\n  --y'],
    ])
    const after = unitLines(text)[0]
    expect(after && wordsIn(text, after.value).map(({raw}) => raw)).toEqual(['a.service', 'c.service'])
  })

  test('have their variables found inside of any quotes', () => {
    const environment = unitLines(text)[1]
    const found = environment === undefined ? [] : environmentRegions(text, environment)
    expect(found.map(({name, region}) => [name, text.slice(region.start, region.end)])).toEqual([['A', '1 2'], ['B', '3'], ['C', '4'], ['D', '5 6'], ['E', '']])
  })

  test('are put together by name over all places, an empty assignment clearing what came before', () => {
    const wanted = {files: ['/etc/systemd/system/a.service', '/run/systemd/system/a.service', '/usr/local/lib/systemd/system/a.service', '/usr/lib/systemd/system/a.service', '/lib/systemd/system/a.service'], patterns: ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((place) => `${place}/systemd/system/a.service.d/*.conf`)}
    const files = filesOf({...wanted, patterns: wanted.patterns.map((pattern) => pattern.replace(/^\/(etc|run)\/systemd\/system\/a\.service\.d/, '/$1/systemd/system/a.service.d'))}, {
      '/usr/lib/systemd/system/a.service': '[Service]\nX=1\n', '/lib/systemd/system/a.service': '[Service]\nX=wrong\n',
      '/usr/lib/systemd/system/a.service.d/20.conf': '[Service]\nX=wrong\n', '/etc/systemd/system/a.service.d/20.conf': '[Service]\nX=\nX=2\n', '/lib/systemd/system/a.service.d/30.conf': '[Service]\nX=3\n',
    })
    const {parts, remarks} = effectiveUnit(files, 'a.service')
    expect(remarks).toEqual([])
    expect(parts.map(({path, writePath}) => [path, writePath])).toEqual([
      ['/usr/lib/systemd/system/a.service', '/etc/systemd/system/a.service'], ['/etc/systemd/system/a.service.d/20.conf', '/etc/systemd/system/a.service.d/20.conf'],
      ['/lib/systemd/system/a.service.d/30.conf', '/etc/systemd/system/a.service.d/30.conf'],
    ])
    expect(unitValues(parts, 'Service', 'X').map(({value}) => value)).toEqual(['2', '3'])
  })
})

test('Words for systemd lose the meaning of %, $, quotes and backslashes', () => {
  expect(commandWord('--a=b')).toBe('--a=b')
  expect(commandWord('--a=%h $X "q" \\')).toBe(String.raw`"--a=%%h $$X \"q\" \\"`)
  expect(environmentLine('A', '%h $X "q" \\')).toBe(String.raw`Environment="A=%%h $X \"q\" \\"` + '\n')
})

test('Limits of a unit are one number where soft and hard are the same, and infinity where there is none', () => {
  const unit = {runtime: 'X', limits: '/etc/x', proxies: '/etc/y'}
  const written = (soft: number, hard: number) => limitDropIn(unit, [{name: 'nofile', soft, hard, source: '/s'}], [], {files: {'/etc/x': absent('/etc/x')}, matches: {}}).files[0]?.text?.split('\n').at(-2)
  expect([written(-1, -1), written(1, -1), written(5, 5)]).toEqual(['LimitNOFILE=infinity', 'LimitNOFILE=1:infinity', 'LimitNOFILE=5'])
})

test('Plain is one line of well-formed text that is no longer than a setting', () => {
  expect(['', 'ü 10.0.0.0/8', 'x'.repeat(4096)].map(isPlain)).toEqual([true, true, true])
  expect(['a\nb', 'a\rb', '\u001B[0m', '\u0085', '\u2028', '\uD800', 'x'.repeat(4097)].map(isPlain)).toEqual([false, false, false, false, false, false, false])
})

test('What nobody read is unreadable, never absent, whatever its name', () => {
  const files = {files: {}, matches: {}}
  expect(existingAt(files, '/etc/x')).toMatchObject({state: 'unreadable', reason: 'not-captured'})
  expect(existingAt(files, '__proto__')).toMatchObject({state: 'unreadable'})
  expect(matchesOf(files, 'constructor')).toMatchObject({paths: [], remarks: [{level: 'blocker'}]})
})

test('A file that is not open for changes cannot be changed', () => {
  expect(() => new Edits([]).change('/etc/x', 'a', 'why')).toThrow('/etc/x')
})
