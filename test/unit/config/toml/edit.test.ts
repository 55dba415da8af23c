// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {CannotEditToml, lineOf, openToml, reopen} from '../../../../src/config/toml/document.ts'
import {addTomlTable, removeToml, setToml} from '../../../../src/config/toml/edit.ts'
import {moveToml, normalToml} from '../../../../src/config/toml/move.ts'
import {printSections, scanToml} from '../../../../src/config/toml/scan.ts'
import {parseTomlText, sameToml, tomlAt, type TomlPath, type TomlTable} from '../../../../src/config/toml/value.ts'
import type {NewValue} from '../../../../src/config/toml/write.ts'

const CRI = 'io.containerd.grpc.v1.cri'
const set = (text: string, path: TomlPath, value: NewValue) => setToml(openToml(text), path, value).text
const remove = (text: string, path: TomlPath) => removeToml(openToml(text), path).text

describe('setting a key', () => {
  test('changes the value alone: indentation and the comment behind it stay', () => {
    expect(set('[a]\n\t  b  =  1   # why\nc = 2\n', ['a', 'b'], 'new')).toBe('[a]\n\t  b  =  "new"   # why\nc = 2\n')
  })

  test('finds a key in quotes of either kind, and writes new keys in the kind that headers have', () => {
    expect(set(`[plugins.'${CRI}']\n  x = 1\n`, ['plugins', CRI, 'x'], 2)).toBe(`[plugins.'${CRI}']\n  x = 2\n`)
    expect(set(`[plugins."${CRI}"]\n`, ['plugins', CRI, 'cni', 'conf_dir'], '/a')).toBe(`[plugins."${CRI}"]\n\n[plugins."${CRI}".cni]\n  conf_dir = "/a"\n`)
    expect(set(`[plugins.'${CRI}']\n`, ['plugins', CRI, 'cni', 'conf_dir'], '/a')).toBe(`[plugins.'${CRI}']\n\n[plugins.'${CRI}'.cni]\n  conf_dir = '/a'\n`)
  })

  test('finds a key that is written with dots, and puts another one beside it', () => {
    expect(set('[a]\nb.c = 1\nd = 2\n', ['a', 'b', 'c'], 3)).toBe('[a]\nb.c = 3\nd = 2\n')
    expect(set('[a]\nb.c = 1\n', ['a', 'b', 'x'], 3)).toBe('[a]\nb.c = 1\nb.x = 3\n')
  })

  test('changes and adds entries of inline tables, also nested ones', () => {
    expect(set('a = {b = 1, c = {d = "x"}} # end\n', ['a', 'c', 'd'], 'y')).toBe('a = {b = 1, c = {d = "y"}} # end\n')
    expect(set('a = { b = 1 }\n', ['a', 'e'], true)).toBe('a = {b = 1, e = true}\n')
    expect(set('a = {}\n', ['a', 'e', 'f'], true)).toBe('a = {e.f = true}\n')
  })

  test('replaces a list over several lines as a whole', () => {
    expect(set('a = [ # list\n  "x", # ]\n  "y",\n]\nb = 1\n', ['a'], ['z'])).toBe('a = ["z"]\nb = 1\n')
  })

  test('puts a key of the document before the first table', () => {
    expect(set('# head\nversion = 2\n\n# about a\n[a]\nb = 1\n', ['root'], '/x')).toBe('# head\nversion = 2\nroot = "/x"\n\n# about a\n[a]\nb = 1\n')
    expect(set('# head\n\n[a]\nb = 1\n', ['root'], '/x')).toBe('root = "/x"\n# head\n\n[a]\nb = 1\n')
  })

  test('ends a last line that has no end, and keeps the line ends of Windows', () => {
    expect(set('a = 1', ['b'], 2)).toBe('a = 1\nb = 2\n')
    expect(set('a = 1\r\n[t]\r\nx = 1', ['t', 'y'], 2)).toBe('a = 1\r\n[t]\r\nx = 1\r\ny = 2\r\n')
    expect(set('a = 1\r\n', ['n', 'y'], 2)).toBe('a = 1\r\n\r\n[n]\r\n  y = 2\r\n')
    expect(set('[t]', ['t', 'y'], 2)).toBe('[t]\n  y = 2\n')
    expect(set('a = 1', ['a'], 2)).toBe('a = 2')
    expect(set('', ['t', 'y'], 2)).toBe('[t]\n  y = 2\n')
  })

  test('makes a table beside its relatives, indented as they are', () => {
    const text = '[plugins]\n  [plugins.cri]\n    a = 1\n  [plugins.opt]\n    path = "/x"\n'
    expect(set(text, ['plugins', 'cri', 'cni', 'b'], 1)).toBe('[plugins]\n  [plugins.cri]\n    a = 1\n\n    [plugins.cri.cni]\n      b = 1\n  [plugins.opt]\n    path = "/x"\n')
  })

  test('puts a table before those that lie in it', () => {
    expect(set('[a.b.c]\nx = 1\n', ['a', 'b', 'y'], 2)).toBe('\n[a.b]\n  y = 2\n[a.b.c]\nx = 1\n')
  })

  test('leaves a text alone that says it already, whatever it looks like', () => {
    const text = 'a   =  [ "x",\n "y" ]'
    expect(set(text, ['a'], ['x', 'y'])).toBe(text)
    expect(set("a = '''x'''", ['a'], 'x')).toBe("a = '''x'''")
  })

  test('takes the place of a table', () => {
    expect(set('[a.b]\nc = 1\n[z]\nq = 1\n', ['a', 'b'], 5)).toBe('[z]\nq = 1\n\n[a]\n  b = 5\n')
    expect(set('a = 1\nc = 2\n', ['a', 'b'], 5)).toBe('c = 2\n\n[a]\n  b = 5\n')
  })

  test('does not touch keys in arrays of tables, which have no path', () => {
    expect(() => set('[[a]]\nb = 1\n[[a]]\nb = 2\n', ['a', 'b'], 3)).toThrow(CannotEditToml)
    expect(set('[[a]]\nb = 1\n[a.t]\nc = 1\n[d]\n', ['d', 'b'], 3)).toBe('[[a]]\nb = 1\n[a.t]\nc = 1\n[d]\n  b = 3\n')
  })

  test('is not fooled by what looks like TOML in texts and comments', () => {
    const text = 'a = """\n[b]\nc = 1\n"""\n# [b]\n#c = 1\nd = \'\'\'x\'\'\'\'\n[b] # [x]\nc = "]#" # c = 9\n'
    expect(set(text, ['b', 'c'], 2)).toBe(text.replace('"]#"', '2'))
  })
})

describe('removing', () => {
  test('takes a key with its line, and leaves the comments above', () => {
    expect(remove('[a]\n# one\nb = 1 # b\nc = 2\n', ['a', 'b'])).toBe('[a]\n# one\nc = 2\n')
  })

  test('takes a table with all that lies in it', () => {
    expect(remove('[a]\nx = 1\n\n# about b\n[a.b]\ny = 1\n[a.b.c]\nz = 1\n\n[d]\nq = 1\n', ['a', 'b'])).toBe('[a]\nx = 1\n\n[d]\nq = 1\n')
  })

  test('takes dotted keys, entries of inline tables and arrays of tables', () => {
    expect(remove('[a]\nb.c = 1\nb.d = 2\ne = 1\n', ['a', 'b'])).toBe('[a]\ne = 1\n')
    expect(remove('a = {b = 1, c = 2}\n', ['a', 'b'])).toBe('a = {c = 2}\n')
    expect(remove('x = 1\n[[a]]\nb = 1\n[[a]]\nb = 2\n[z]\n', ['a'])).toBe('x = 1\n[z]\n')
  })

  test('does nothing where there is nothing', () => {
    expect(remove('a = 1', ['b', 'c'])).toBe('a = 1')
  })
})

describe('moving', () => {
  const toNew = (path: TomlPath) => ({path: path[0] === 'old' ? ['new', ...path.slice(1)] : path})

  test('renames the header of a table whose values all go along, comments and all', () => {
    const text = '# head\n\n# about\n[old] # here\n  # a\n  a = 1 # one\n  [old.sub]\n  b = {c = 1}\n'
    expect(moveToml(openToml(text), toNew).text).toBe(text.replace('[old]', '[new]').replace('[old.sub]', '[new.sub]'))
  })

  test('takes a table apart where its values part, each with the comment above it', () => {
    const text = '[old]\n# one\na = 1\n# two\nb = 2\nc = {d = 3, e = 4}\n'
    const moved = moveToml(openToml(text), (path) => ({path: path.at(-1) === 'b' || path.at(-1) === 'd' ? ['other', path.at(-1) ?? ''] : path}))
    expect(moved.text).toBe('[old]\n# one\na = 1\n\n[other]\n# two\nb = 2\nd = 3\n\n[old.c]\ne = 4\n')
  })

  test('moves arrays of tables as a whole', () => {
    expect(moveToml(openToml('[[old.list]]\na = 1\n[old.list.sub]\nb = 1\n[[old.list]]\na = 2\n'), toNew).text)
      .toBe('[[new.list]]\na = 1\n[new.list.sub]\nb = 1\n[[new.list]]\na = 2\n')
  })

  test('keeps empty tables', () => {
    expect(moveToml(openToml('[old.empty]\n[x]\n'), toNew).text).toBe('[new.empty]\n[x]\n')
  })

  test('refuses to put two values in one place', () => {
    expect(() => moveToml(openToml('a = 1\nb = 2\n'), () => ({path: ['c']}))).toThrow(CannotEditToml)
  })

  test('puts a dotted key into a table that has a header already, where both cannot be', () => {
    const moved = moveToml(openToml('x.y.z = 1\n[t.y]\nq = 1\n'), (path) => ({path: path[0] === 'x' ? ['t', ...path.slice(1)] : path}))
    expect(moved.text).toBe('[t.y]\nz = 1\nq = 1\n'.replace('[t.y]', '\n[t.y]'))
  })

  test('is refused where the text would mean something else', () => {
    const document = openToml('a = 1\n')
    expect(() => reopen(document, document.sections, parseTomlText('a = 2'))).toThrow(CannotEditToml)
  })

  test('writes a table plainly', () => {
    expect(normalToml(openToml('a.b = 1\na.c = {d = 2}\ne = 3\n'), ['a']).text).toBe('e = 3\n\n[a]\nb = 1\n\n[a.c]\nd = 2\n')
  })
})

describe('the line of a path', () => {
  const document = openToml('# x\nversion = 2\n\n[a."b.c"]\n  d = [\n    1,\n  ]\n  e = {f = 1}\n[a.g.h]\n')

  test.each([[['version'], 2], [['a', 'b.c'], 4], [['a', 'b.c', 'd'], 5], [['a', 'b.c', 'e', 'f'], 8], [['a', 'g'], 9], [['a', 'zzz'], undefined]] as const)('%j is %s', (path, line) => {
    expect(lineOf(document, path)).toBe(line)
  })
})

describe('hostile texts', () => {
  test('__proto__ and constructor are keys like any other', () => {
    const document = openToml('[__proto__]\npolluted = 1\n[constructor.prototype]\npolluted = 1\n')
    const edited = setToml(document, ['__proto__', 'more'], 2)
    expect(edited.text).toContain('more = 2')
    expect(tomlAt(edited.value, ['__proto__', 'polluted'])).toBe(1)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(tomlAt(openToml('a = 1\n').value, ['__proto__'])).toBeUndefined()
  })

  test('what is no TOML, too large or nested without end is refused, not followed', () => {
    expect(() => openToml('a = [')).toThrow(CannotEditToml)
    expect(() => openToml(`a = "${'x'.repeat(600_000)}"`)).toThrow(/larger than 512 KiB/)
    expect(() => openToml(`a = ${'['.repeat(50_000)}${']'.repeat(50_000)}`)).toThrow(CannotEditToml)
    expect(() => openToml(`${Array.from({length: 5000}, () => 'a').join('.')} = 1`)).toThrow(CannotEditToml)
  })

  test('values that are written cannot end their quotes', () => {
    const value = 'a"\n[b]\nc = \'1\'\\'
    expect(tomlAt(openToml(set('[x]\n', ['x', 'y'], value)).value, ['x', 'y'])).toBe(value)
    expect(tomlAt(openToml(set("[x.'a.b']\n", ['x', 'a.b', 'it\'s'], "it's")).value, ['x', 'a.b', "it's"])).toBe("it's")
  })
})

// ---------------------------------------------------------------- any document

const key = fc.constantFrom('a', 'b', 'c', 'd.e', '__proto__', 'x"y', "q'q", '')
const scalar = fc.oneof(fc.integer({min: -1000, max: 1000}), fc.boolean(), fc.string({maxLength: 6}), fc.double({noNaN: true, noDefaultInfinity: true, noInteger: true, min: -1e6, max: 1e6}))
const {value: anyTable} = fc.letrec<{value: Record<string, unknown>; member: unknown}>((tie) => ({
  value: fc.dictionary(key, tie('member'), {maxKeys: 4}),
  member: fc.oneof({depthSize: 'small', withCrossShrink: true}, scalar, fc.array(scalar, {maxLength: 3}), tie('value')),
}))

const quoted = (name: string) => (/^[a-z]+$/.test(name) ? name : JSON.stringify(name))
const written = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(written).join(',\n  ')}] # list`.replace(/ # list$/, '')
  if (typeof value === 'object' && value !== null) return `{${Object.entries(value).map(([name, member]) => `${quoted(name)} = ${written(member).replaceAll('\n', ' ')}`).join(', ')}}`
  if (typeof value === 'number') return Number.isInteger(value) && !Object.is(value, -0) ? String(value) : value.toExponential()
  return JSON.stringify(value).replaceAll('\u007F', String.raw`\u007F`)
}

/** Any document as TOML, with tables in each of the ways there are: header, dotted keys, inline. `style` chooses. */
function toText(table: Record<string, unknown>, style: readonly number[], path: readonly string[] = [], at = {n: 0}): string {
  const choose = () => (style[at.n++ % Math.max(1, style.length)] ?? 0) % 3
  const lines: string[] = []
  const tables: string[] = []
  for (const [name, value] of Object.entries(table)) {
    const isTable = typeof value === 'object' && value !== null && !Array.isArray(value)
    const way = isTable ? choose() : 1
    if (isTable && way === 0) {
      const own = [...path, name]
      tables.push(`# about ${own.length}\n[${own.map(quoted).join('.')}]\n${toText(value as Record<string, unknown>, style, own, at)}`)
    } else if (isTable && way === 2 && Object.keys(value).length > 0) {
      for (const [inner, member] of Object.entries(value as Record<string, unknown>)) lines.push(`${quoted(name)} . ${quoted(inner)} = ${written(member)}\n`)
    } else lines.push(`  ${quoted(name)} = ${written(value)} # ${lines.length}\n`)
  }
  return [...lines, ...tables].join('')
}

const document = fc.tuple(anyTable, fc.array(fc.nat(2), {minLength: 1, maxLength: 7})).map(([table, style]) => toText(table, style))
const path = fc.array(key, {minLength: 1, maxLength: 4})

function opened(text: string): ReturnType<typeof openToml> {
  return openToml(text)
}

describe('any document', () => {
  test('is the text of its pieces', () => {
    fc.assert(fc.property(document, (text) => {
      expect(printSections(scanToml(text))).toBe(text)
    }))
  })

  test('has a key set, or is refused; nothing else changes', () => {
    let refused = 0
    fc.assert(fc.property(document, path, fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string())), (text, at, value) => {
      const before = opened(text)
      try {
        const after = setToml(before, at, value)
        expect(sameToml(tomlAt(after.value, at), parseTomlText(`v = ${JSON.stringify(value).replaceAll('\u007F', String.raw`\u007F`)}`)['v'])).toBe(true)
        expect(sameToml(removeToml(after, at).value, removedFrom(after.value, at))).toBe(true)
      } catch (error) {
        if (!(error instanceof CannotEditToml)) throw error
        refused++
      }
    }), {numRuns: 500})
    expect(refused).toBe(0)
  })

  test('has a table renamed', () => {
    fc.assert(fc.property(document, key, (text, name) => {
      const before = opened(text)
      const after = moveToml(before, (from) => ({path: from[0] === name ? ['renamed', ...from.slice(1)] : from}))
      expect(sameToml(tomlAt(after.value, ['renamed']), tomlAt(before.value, [name]))).toBe(true)
    }), {numRuns: 300})
  })

  test('has everything written plainly, and means the same', () => {
    fc.assert(fc.property(document, (text) => {
      expect(sameToml(normalToml(opened(text), []).value, opened(text).value)).toBe(true)
    }), {numRuns: 300})
  })

  test('has an empty table added', () => {
    fc.assert(fc.property(document, (text) => {
      expect(tomlAt(addTomlTable(opened(text), ['new', 'one']).value, ['new', 'one'])).toEqual(Object.create(null))
    }))
  })

  test('is never misread: rubbish is refused with the one error there is', () => {
    fc.assert(fc.property(fc.string({unit: fc.constantFrom('[', ']', '{', '}', '"', "'", '=', '.', '#', '\n', '\r', ' ', 'a', '1', ',', '\\', '\uFEFF')}), (text) => {
      try {
        expect(printSections(openToml(text).sections)).toBe(text)
      } catch (error) {
        expect(error).toBeInstanceOf(CannotEditToml)
      }
    }), {numRuns: 2000})
  })
})

/** What is left of the value after a key was set and taken away again: the tables around it stay. */
function removedFrom(after: TomlTable, at: TomlPath): TomlTable {
  const [name = '', ...rest] = at
  const copy = Object.assign(Object.create(null) as Record<string, never>, after)
  if (rest.length === 0) delete copy[name]
  else copy[name] = removedFrom(after[name] as TomlTable, rest) as never
  return copy
}
