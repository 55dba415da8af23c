// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {Config} from '@oclif/core'
import {beforeAll, describe, expect, test} from 'vitest'
import {exitStatuses, manPages, type ManSource} from '../../../../scripts/pack/man.ts'
import {EXIT} from '../../../../src/cli/exit-codes.ts'
import {developmentOptions} from '../../../../src/main.ts'
import {ROOT} from '../../../support/node.ts'

const exitCodes = readFileSync(join(ROOT, 'docs/exit-codes.md'), 'utf8')

const FLAG = {name: 'flag', type: 'boolean', allowNo: false} as const
const COMMAND = {
  id: 'look', aliases: [], hiddenAliases: [], args: {}, flags: {}, hasDynamicHelp: false, pluginName: 'rtctl', pluginType: 'core', strict: true,
  summary: 'Look at it',
} as unknown as ManSource['commands'][string]

/** Pages of made-up commands, by file name. */
function pagesOf(commands: Readonly<Record<string, object>>, topics: ManSource['topics'] = {}): ReadonlyMap<string, string> {
  const all = Object.fromEntries(Object.entries(commands).map(([id, command]) => [id, {...COMMAND, id, ...command}]))
  const pages = manPages({commands: all, topics, description: 'Tells the truth', exitCodes, version: '1.2.3', epoch: 86_400})
  return new Map(pages.map(({file, text}) => [file, text]))
}

describe('a page', () => {
  test('has the name, the version and the date that it was given', () => {
    const [title, ...rest] = pagesOf({look: {}}).get('rtctl-look.1')?.split('\n').slice(1) ?? []
    expect(title).toBe(String.raw`.TH "RTCTL\-LOOK" 1 1970-01-02 "rtctl 1.2.3" "rtctl manual"`)
    expect(rest.slice(0, 2)).toEqual(['.SH NAME', String.raw`rtctl\-look \- Look at it`])
  })

  test('gives each option with its short form, its value, its choices, its default and its variable', () => {
    const flags = {
      output: {name: 'output', type: 'option', char: 'o', summary: 'How to write it.', options: ['a-b', 'c'], default: 'c', env: 'FORM', helpValue: 'FORM', multiple: true},
      color: {...FLAG, name: 'color', allowNo: true, summary: 'In colour.', dependsOn: ['output'], aliases: ['colour']},
    }
    const page = pagesOf({look: {flags}}).get('rtctl-look.1') ?? ''
    expect(page).toContain(String.raw`.TP
\fB\-o\fR, \fB\-\-output\fR=\fIFORM\fR...
How to write it.
One of \fBa\-b\fR, \fBc\fR.
The default is c.
Where it is not given, the variable FORM of the environment is taken.`)
    expect(page).toContain(String.raw`.TP
\fB\-\-[no\-]color\fR
In colour.
Only with \fB\-\-output\fR.
Also spelled \fB\-\-colour\fR.`)
  })

  test("puts a command's own options first, and those of scripts last", () => {
    const flags = {
      a: {...FLAG, name: 'json', helpGroup: 'GLOBAL'}, b: {...FLAG, name: 'config', helpGroup: 'ENDPOINT'},
      c: {...FLAG, name: 'pod', helpGroup: 'SELECTION'}, d: {...FLAG, name: 'watch'},
    }
    const page = pagesOf({look: {flags}}).get('rtctl-look.1') ?? ''
    expect(page.match(/\\-\\-(?:json|config|pod|watch)/g)?.map((flag) => flag.slice(4))).toEqual(['watch', 'pod', 'config', 'json'])
  })

  test('fills in the examples, and shows them as they are typed', () => {
    const examples = [{description: 'what it is', command: "<%= config.bin %> <%= command.id %> -o '~'"}, 'rtctl\n.next \\line']
    const page = pagesOf({'cri:look': {examples}}, {cri: {description: 'Ask'}}).get('rtctl-cri-look.1') ?? ''
    expect(page).toContain(String.raw`what it is:
.RS 4
.EX
rtctl cri look \-o \(aq\(ti\(aq
.EE
.RE
.PP
.RS 4
.EX
rtctl
\&.next \eline
.EE
.RE`)
  })

  test('names the arguments in the synopsis, and takes the words of a command that has its own', () => {
    const args = {a: {name: 'file', required: true, description: 'a file'}, b: {name: 'more', description: 'and more'}}
    const pages = pagesOf({look: {args, strict: false, flags: {flag: FLAG}}, rm: {usage: '<%= command.id %> ID... | -a'}})
    expect(pages.get('rtctl-look.1')).toContain(String.raw`\fBrtctl look\fR \fIFILE\fR... [\fIMORE\fR...] [\fIFLAGS\fR]`)
    expect(pages.get('rtctl-rm.1')).toContain(String.raw`\fBrtctl rm\fR ID... | \-a`)
  })

  test('does not take text for macros, whatever is in it', () => {
    const summary = `.so /etc/passwd ' \\fB "x" naïve\u001b[31m ${'.long '.repeat(40)}`
    const page = pagesOf({look: {summary}}).get('rtctl-look.1') ?? ''
    expect(page).not.toMatch(/^\.(?:so|long)/m)
    expect(page).not.toMatch(/[^\x20-\x7e\n]/)
    expect(page).toContain(String.raw`na\[u00EF]ve`)
    for (const line of page.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})

describe('the pages together', () => {
  test('are one for each command and topic that users see, and one for rtctl', () => {
    const pages = pagesOf({look: {}, 'cri:ps': {}, 'cri:ps:more': {}, secret: {hidden: true}}, {cri: {description: 'Ask a runtime'}})
    expect([...pages.keys()]).toEqual(['rtctl-cri-ps-more.1', 'rtctl-cri-ps.1', 'rtctl-cri.1', 'rtctl-look.1', 'rtctl.1'])
    expect(pages.get('rtctl-cri.1')).toContain('rtctl cri ps')
    expect(pages.get('rtctl-cri-ps.1')).toContain(String.raw`.BR rtctl\-cri\-ps\-more (1)`)
    expect(pages.get('rtctl.1')).not.toContain('secret')
  })

  test('of the same commands are the same bytes', () => {
    expect([...pagesOf({b: {}, a: {}})]).toEqual([...pagesOf({a: {}, b: {}})])
  })
})

describe('the page of rtctl', () => {
  let page: string
  beforeAll(async () => {
    const config = await Config.load(developmentOptions())
    const commands = Object.fromEntries(config.commands.map((command) => [command.id, command]))
    page = manPages({commands, topics: config.pjson.oclif.topics ?? {}, description: 'rtctl', exitCodes, version: '1', epoch: 0})
      .find(({file}) => file === 'rtctl.1')?.text ?? ''
  }, 20_000)

  test('says what each exit status means that a command has', () => {
    const used = exitStatuses(exitCodes).flatMap(([status]) => status.split(', '))
    expect(used).toEqual(expect.arrayContaining([EXIT.ok, EXIT.bug, EXIT.usage, EXIT.findings, EXIT.incomplete, EXIT.unreachable].map(String)))
    expect(page).toContain(String.raw`\fB8\fR`)
    expect(page).not.toContain('no command uses it yet')
  })

  test('has every variable of the environment that a flag stands for', () => {
    for (const name of ['CRI_CONFIG_FILE', 'CRICTL_AUTH', 'KUBECONFIG', 'CONTAINER_RUNTIME_ENDPOINT']) expect(page).toContain(String.raw`\fB${name}\fR`)
  })
})
