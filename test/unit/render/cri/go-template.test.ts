// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {UserError} from '../../../../src/model/user-error.ts'
import {executeTemplate} from '../../../../src/render/cri/go-template.ts'

const DATA = JSON.parse(`{
  "id": "ea21122f4921c091", "pid": 6583, "exitCode": 0, "running": true, "nothing": null, "big": 9007199254740991,
  "labels": {"tier": "front", "app.kubernetes.io/name": "<web>"}, "mounts": [{"to": "/a"}, {"to": "/b"}, {"to": "/c"}], "empty": [], "__proto__": "own"
}`)

const text = (template: string) => executeTemplate(template, DATA)

describe('as Go and crictl print it', () => {
  test.each([
    ['plain', 'plain'],
    ['{{.id}} {{.pid}} {{.running}}', 'ea21122f4921c091 6583 true'],
    ['{{.labels}}', 'map[app.kubernetes.io/name:<web> tier:front]'],
    ['{{.mounts}}', '[map[to:/a] map[to:/b] map[to:/c]]'],
    ['{{.nothing}}', '<no value>'],
    ['{{index .labels "tier"}} {{index .labels "no"}}', 'front <no value>'],
    ['{{(index .mounts 1).to}} {{index .mounts 2 "to"}}', '/b /c'],
    ['{{len .labels}} {{len .mounts}} {{len "ä"}}', '2 3 2'],
    ['{{range .mounts}}{{.to}},{{end}}', '/a,/b,/c,'],
    ['{{range $i, $m := .mounts}}{{$i}}{{$m.to}} {{end}}', '0/a 1/b 2/c '],
    ['{{range $k, $v := .labels}}{{$k}}={{$v}};{{end}}', 'app.kubernetes.io/name=<web>;tier=front;'],
    ['{{range .empty}}x{{else}}none{{end}}{{range .nothing}}x{{else}}none{{end}}', 'nonenone'],
    ['{{range .mounts}}{{if eq .to "/b"}}{{continue}}{{end}}{{if eq .to "/c"}}{{break}}{{end}}{{.to}}{{end}}', '/a'],
    ['{{range 3}}{{.}}{{end}}', '012'],
    ['{{if .empty}}a{{else if .running}}b{{else}}c{{end}}', 'b'],
    ['{{with .labels}}{{.tier}}{{end}}{{with .empty}}x{{else with .id}}{{.}}{{else}}y{{end}}', 'frontea21122f4921c091'],
    ['{{$n := 1}}{{range .mounts}}{{$n = .to}}{{end}}{{$n}} {{$.pid}}', '/c 6583'],
    ['{{$n := 1}}{{range .mounts}}{{$n := .to}}{{end}}{{$n}}', '1'],
    ['{{.labels.tier | upper | printf "%-7s|"}}', 'FRONT  |'],
    ['{{printf "%5s|%q|%v|%t|%03d|%.2s|%%" "a" "b" .empty .running 7 "xyz"}}', '    a|"b"|[]|true|007|xy|%'],
    ['{{json .labels}}', '{"app.kubernetes.io/name":"\\u003cweb\\u003e","tier":"front"}\n'],
    ['{{title "hello world-foo"}} {{lower "ÄB"}}', 'Hello World-Foo äb'],
    ['{{eq .id "x" "ea21122f4921c091"}} {{ne 1 2}} {{lt 1 2}} {{ge "b" "a"}} {{not .empty}}', 'true true true true true'],
    ['{{and .id .empty .nope}} {{or .empty .id .nope}}', '[] ea21122f4921c091'],
    ['{{print 1 2 "a" 3}}|{{println "x" 1}}', '1 2a3|x 1\n'],
    ['{{slice .id 0 4}} {{slice .mounts 1 2}}', 'ea21 [map[to:/b]]'],
    ['a {{- " b " -}} c {{/* no */}}{{- /* no */ -}}  d', 'a b c d'],
    ['{{`raw\\n`}} {{"\\u0041\\"\\t"}} {{\'a\'}} {{-3}}', 'raw\\n A"\t 97 -3'],
  ])('%s', (template, printed) => expect(text(template)).toBe(printed))
})

test('a number of the data is text, as crictl gives it to Go: a 0 is there', () => {
  expect(text('{{if .exitCode}}yes{{end}} {{if 0}}yes{{end}}{{eq .exitCode "0"}} {{eq .exitCode 0}} {{.big}}')).toBe('yes true true 9007199254740991')
})

test('a key called __proto__ is one like any other, and what every object inherits is none', () => {
  expect(text('{{.__proto__}}')).toBe('own')
  expect(() => text('{{.toString}}')).toThrow('there is no "toString" in the data')
  expect(text('{{index .labels "constructor"}}')).toBe('<no value>')
})

describe('a template that cannot be read is told with line and column, and is wrong usage', () => {
  test.each([
    ['x\n {{.a', 'line 2, column 2: the {{ has no }}.'],
    ['{{foo .}}', 'line 1, column 3: there is no function foo.'],
    ['{{$y}}', 'there is no variable $y.'],
    ['{{with $x := .id}}{{end}}{{$x}}', 'there is no variable $x.'],
    ['{{if .id}}{{$x := 1}}{{else}}{{$x}}{{end}}', 'there is no variable $x.'],
    ['{{range .mounts}}', 'the {{range}} has no {{end}}.'],
    ['{{if .id}}{{else}}', 'the {{else}} has no {{end}}.'],
    ['{{end}}', 'there is no block that {{end}} could belong to.'],
    ['{{break}}', '{{break}} stands outside of {{range}}.'],
    ['{{}}', 'a value is missing.'],
    ['{{.id .pid}}', 'only a function can be given something.'],
    ['{{.id | 1}}', 'only a function can be given something.'],
    ['{{(.id}}', 'the ( has no ).'],
    ['{{template "x"}}', '{{template}} is not supported.'],
    ['{{1.5}}', '"1.5" is no whole number.'],
    ['{{"\\q"}}', 'a string cannot have \\q.'],
    ['{{/* x }}', 'the comment does not end with */}}.'],
    ['{{.id ! 1}}', '"!" means nothing here.'],
    [`{{${'('.repeat(200)}.id${')'.repeat(200)}}}`, 'this is nested too deeply.'],
  ])('%s', (template, reason) => {
    expect(() => text(template)).toThrow(expect.objectContaining({message: expect.stringContaining(reason), exitCode: 2}))
  })
})

describe('a template that does not fit the data fails with status 1', () => {
  test.each([
    ['{{.nope}}', 'line 1, column 3: there is no "nope" in the data.'],
    ['{{.nothing.x}}', 'nil has no field "x".'],
    ['{{.id.x}}', 'a string has no field "x".'],
    ['{{index .mounts 3}}', 'index: there is no position 3.'],
    ['{{index .nothing 1}}', 'index: nil has no elements.'],
    ['{{len .pid}}', 'len: a number has no length.'],
    ['{{lt .id 1}}', 'lt: a string cannot be compared with a number.'],
    ['{{eq .labels "x"}}', 'eq: an object cannot be compared.'],
    ['{{not}}', 'not takes 1 value, not 0.'],
    ['{{printf "%s"}}', 'printf: there is no value for %s.'],
    ['{{printf "x" 1}}', 'printf has 1 more values than the format takes.'],
    ['{{printf "%99999s" "x"}}', 'printf: %99999s is too wide.'],
    ['{{range .id}}{{end}}', '{{range}} goes through no string.'],
    ['{{range 999999999}}{{range 999999999}}{{end}}{{end}}', 'the template does not come to an end.'],
  ])('%s', (template, reason) => {
    expect(() => text(template)).toThrow(expect.objectContaining({message: expect.stringContaining(reason), exitCode: 1}))
  })
})

test('what could drive a terminal is printed as escapes, line ends and tabs are not', () => {
  expect(executeTemplate('{{.}}\n\t', '\u001b[2J\u202e')).toBe('\\x1b[2J\\u202e\n\t')
})

test('text without braces is printed as it is', () => {
  fc.assert(fc.property(fc.string().filter((string) => !string.includes('{{')), (string) => executeTemplate(string, null) === executeTemplate('{{.}}', string)))
})

test('no template does anything but print or fail with a UserError', () => {
  const piece = fc.constantFrom('{{', '}}', '{{-', '-}}', ' ', '.', '.a', '$', '$x', ':=', '=', '|', '(', ')', ',', 'if', 'else', 'end', 'range', 'with', 'index', 'len', '"s"', '`', '1', '/*', '*/', '\n')
  fc.assert(fc.property(fc.array(piece, {maxLength: 25}), fc.jsonValue(), (pieces, data) => {
    try {
      return typeof executeTemplate(pieces.join(''), data) === 'string'
    } catch (error) {
      return error instanceof UserError
    }
  }), {numRuns: 3000})
})
