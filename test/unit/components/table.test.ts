// SPDX-License-Identifier: Apache-2.0
import {globSync, readFileSync} from 'node:fs'
import {basename} from 'node:path'
import {describe, expect, test} from 'vitest'
import {componentsIndex, glossaryFile} from '../../../scripts/generate-components-index.ts'
import {findComponent} from '../../../src/components/find.ts'
import {components} from '../../../src/components/index.ts'
import {componentOf} from '../../../src/components/match.ts'

const names = new Set(components.map(({name}) => name))
const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const fold = (text: string) => text.toLowerCase().replace(/[\s_.-]+/g, ' ')

describe('what is generated from the entries', () => {
  test('src/components/index.ts is current: if this fails, run scripts/generate-components-index.ts', () => {
    expect(read('src/components/index.ts')).toBe(componentsIndex())
  })

  test('docs/glossary.md is current: if this fails, run scripts/generate-components-index.ts', async () => {
    expect(read('docs/glossary.md')).toBe(await glossaryFile())
  })

  test('each file is named after its entry', () => {
    const kebab = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
    const files = globSync('src/components/entries/*.ts', {cwd: new URL('../../..', import.meta.url)})
    expect(files.map((file) => basename(file, '.ts')).sort()).toEqual(components.map(({name}) => kebab(name)).sort())
  })
})

describe('the table of components', () => {
  test('no name or alias means two things', () => {
    const terms = components.flatMap(({name, aliases}) =>
      [...new Set([name, ...aliases].map(fold))].map((term) => ({term, name})),
    )
    const clashes = [...Map.groupBy(terms, ({term}) => term)].filter(([, meanings]) => meanings.length > 1)
    expect(clashes).toEqual([])
  })

  test('every standard that an entry names has an entry', () => {
    const unknown = components.flatMap(({name, standards}) =>
      standards.filter((standard) => !names.has(standard)).map((standard) => `${name}: ${standard}`),
    )
    expect(unknown).toEqual([])
  })

  test('what is meant to be an entry in "called by" and "calls" is written as the entry is', () => {
    const misspelt = components.flatMap(({name, calledBy, calls}) =>
      [...calledBy, ...calls]
        .filter((other) => !names.has(other) && 'match' in findComponent(other))
        .map((other) => `${name}: ${other}`),
    )
    expect(misspelt).toEqual([])
  })

  test('every entry says what, why, its history, how to see it, and where that is from', () => {
    for (const {name, brief, what, why, history, see, sources} of components) {
      expect(brief.length, name).toBeGreaterThan(5)
      expect(brief.length, name).toBeLessThanOrEqual(52)
      for (const text of [what, why]) expect(text, name).toMatch(/^.{20,}[.)]$/s)
      expect(history, name).toMatch(/\b(19|20)\d\d\b/)
      expect(see, name).not.toBe('')
      expect(sources.length, name).toBeGreaterThan(0)
      for (const source of sources) expect(source, name).toMatch(/^https:\/\/[^\s]+$/)
    }
  })

  test('no date is written that cannot be one', () => {
    for (const {name, history} of components) {
      for (const [, month, day] of history.matchAll(/\b\d{4}-(\d\d)(?:-(\d\d))?\b/g)) {
        expect(Number(month), `${name}: ${history}`).toBeLessThanOrEqual(12)
        expect(Number(day ?? 1), `${name}: ${history}`).toBeLessThanOrEqual(31)
      }
    }
  })

  test('standards never run', () => {
    const standards = components.filter(({layer}) => layer === 'standard')
    expect(standards.filter(({fingerprints}) => fingerprints.length > 0)).toEqual([])
  })
})

describe('fingerprints', () => {
  const all = components.flatMap((component) => component.fingerprints.map((fingerprint) => ({component, fingerprint})))

  test('each one asks for something', () => {
    expect(all.filter(({fingerprint}) => Object.keys(fingerprint).length === 0)).toEqual([])
  })

  test('a program named by just its name is the component that names it', () => {
    const plain = all.filter(({fingerprint}) => Object.keys(fingerprint).join() === 'program')
    const wrong = plain.flatMap(({component, fingerprint: {program}}) => {
      if (typeof program !== 'string') return []
      const found = componentOf({comm: program.slice(0, 15), argv: [`/usr/bin/${program}`]})
      return found === component ? [] : [`${program}: ${found?.name} instead of ${component.name}`]
    })
    expect(wrong).toEqual([])
  })

  test('no pattern keeps state between uses, or can be fooled by a line break', () => {
    const patterns = all.flatMap(({fingerprint}) => Object.values(fingerprint).filter((value) => value instanceof RegExp))
    expect(patterns.length).toBeGreaterThan(10)
    expect(patterns.filter(({flags}) => flags !== '')).toEqual([])
  })
})
