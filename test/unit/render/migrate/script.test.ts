// SPDX-License-Identifier: Apache-2.0
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {check, constant, oneof, property, string} from 'fast-check'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {TargetName} from '../../../../src/model/check.ts'
import type {GeneratedFile} from '../../../../src/model/migration/config.ts'
import type {Plan} from '../../../../src/model/migration/plan.ts'
import {ok} from '../../../../src/model/observed.ts'
import {makePlan} from '../../../../src/plan/make-plan.ts'
import {FUNCTIONS} from '../../../../src/render/migrate/script-functions.ts'
import {commandsOf, renderScript} from '../../../../src/render/migrate/script.ts'
import {quoted, withInput} from '../../../../src/render/migrate/shell.ts'
import {visible} from '../../../../src/render/visible.ts'
import {GENERATED, NOTHING, sampleInput, sampleNeeds, type SomeRuntime} from '../../plan/sample-input.ts'

/** What somebody could have put into a file or a name to break out of it. */
const HOSTILE = [
  '', '\n', 'x', 'x\n', 'no end', "it's", `'; rm -rf / #`, '$(reboot)', '`reboot`', '${HOME}', '\\', '\\n\n', 'RTCTL_EOF\nreboot\n', 'RTCTL_EOF\nRTCTL_EOF_\n', '\t\ttabs\n',
  'a\r\nb\r\n', '\u001B[2J', '\u202Eevil\n', 'ü→é\n', '\n\n\n', '"', '!!', '*', '~', '-n', '{{ 7 * 7 }}', '{% if %}', 'a\u0000b', '\u007f\n', '# comment\n', 'end\\',
]

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-script-'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

function bash(script: string, ...argv: readonly string[]): {readonly status: number | null; readonly stdout: Buffer; readonly stderr: string} {
  const {status, stdout, stderr} = spawnSync('bash', ['-c', script, 'bash', ...argv], {cwd: folder, maxBuffer: 1e8})
  return {status, stdout, stderr: stderr.toString()}
}

describe('a word of bash', () => {
  test('stands for exactly the text, whatever is in it', () => {
    // bash knows no NUL in a word
    const texts = HOSTILE.filter((text) => !text.includes('\0'))
    const {stdout} = bash(`printf '%s\\0' ${texts.map(quoted).join(' ')}`)
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(texts)
  })

  test('shows nothing that a terminal obeys', () => {
    for (const text of HOSTILE) expect(visible(quoted(text))).toBe(quoted(text))
  })
})

describe('a text on the standard input of a command', () => {
  test('arrives byte for byte', () => {
    const {stdout} = bash(HOSTILE.map((text, index) => withInput(`cat > ${index}`, text).join('\n')).join('\n'))
    expect(stdout.toString()).toBe('')
    for (const [index, text] of HOSTILE.entries()) expect(readFileSync(join(folder, String(index)), 'utf8'), JSON.stringify(text)).toBe(text)
  })

  test('arrives byte for byte, whatever it is', () => {
    const texts: string[] = []
    const line = oneof(string({unit: 'grapheme'}), constant('\n'), constant('RTCTL_EOF'), constant('\\'), constant('$x'), constant('\u001b'))
    check(property(oneof(line, string({unit: line})), (text) => {
      if (text.isWellFormed()) texts.push(text)
    }), {numRuns: 80, seed: 7})
    const {stderr} = bash(texts.map((text, index) => withInput(`cat > ${index}`, text).join('\n')).join('\n'))
    expect(stderr).toBe('')
    expect(texts.filter((text, index) => readFileSync(join(folder, String(index)), 'utf8') !== text)).toEqual([])
  })
})

const ORIGINS: readonly SomeRuntime[] = ['dockershim', 'cri-dockerd', 'containerd', 'cri-o']
const TARGETS: readonly TargetName[] = ['containerd', 'cri-o', 'cri-dockerd']

/** Wherever a name or a text of the node can be. */
function hostilePlan(from: SomeRuntime, to: TargetName, text: string): Plan {
  const needs = sampleNeeds(from)
  const files: readonly GeneratedFile[] = GENERATED.files.map((file) => ({...file, path: `${file.path}-${text.replaceAll('\0', '')}`, text, why: text}))
  return makePlan(sampleInput(from, to, {
    needs: {
      ...needs, node: text, kubelet: {...needs.kubelet, nodeName: text}, images: [{name: text, localOnly: true, pods: [text]}], sandboxImage: {value: text, source: text},
      kernel: {...needs.kernel, links: [text], chains: [text], modules: [{value: text, source: text}]},
      from: {...needs.from, endpoint: {value: text, source: text}, foreignContainers: [{id: 'a'.repeat(64), name: text}], ...(needs.from.dockerSocket !== undefined && {dockerSocket: text})},
      remarks: [{level: 'loss', text}, {level: 'blocker', text, next: text}],
    },
    generated: {...GENERATED, files},
  }))
}

describe('the runbook', () => {
  test.each(ORIGINS.flatMap((from) => TARGETS.map((to) => ({from, to}))))('from $from to $to is bash, with every step in its order', ({from, to}) => {
    const plan = makePlan(sampleInput(from, to))
    const script = renderScript(plan)
    expect(spawnSync('bash', ['-n'], {input: script})).toMatchObject({status: 0, stderr: Buffer.from('')})
    const told = [...script.matchAll(/^step '?(\d+)\/(\d+) /gm)].map(([, number, of]) => [Number(number), Number(of)])
    expect(told).toEqual(plan.steps.map((_, index) => [index + 1, plan.steps.length]))
  })

  test('has only the functions that it calls, each before it is called', () => {
    const script = renderScript(makePlan(sampleInput('containerd', 'containerd', {generated: {...NOTHING, files: GENERATED.files.slice(-1)}})))
    const defined = [...script.matchAll(/^(\w+)\(\) \{$/gm)].map(([, name]) => name!)
    expect(defined).not.toContain('bring_to_containerd')
    for (const name of defined.filter((each) => each in FUNCTIONS)) expect(script.split(new RegExp(`\\b${name}\\b`)).length, name).toBeGreaterThan(2)
  })

  test.each(HOSTILE)('stays bash, and shows no control character, with names and texts that are %j', (text) => {
    for (const [from, to] of [['dockershim', 'containerd'], ['containerd', 'cri-o']] as const) {
      const script = renderScript(hostilePlan(from, to, text))
      expect(spawnSync('bash', ['-n'], {input: script}).stderr.toString()).toBe('')
      expect(visible(script.replaceAll(/[\n\t]/g, ''))).toBe(script.replaceAll(/[\n\t]/g, ''))
    }
  })

  test('runs none of what is in the names of a node', () => {
    const marker = join(folder, 'ran')
    const attack = `$(touch ${marker})\`touch ${marker}\`'; touch ${marker}; '"; touch ${marker}\ntouch ${marker}\n`
    const script = renderScript(hostilePlan('dockershim', 'containerd', attack))
    // Everything that would change a machine is a word that does nothing; root, programs and blockers are no hindrance.
    const stubs = ['kubectl', 'docker', 'ctr', 'systemctl', 'iptables', 'iptables-save', 'ip', 'modprobe', 'crictl', 'sleep', 'find', 'install', 'mkdir', 'mktemp', 'mv', 'chmod', 'cp']
      .map((name) => `${name}() { cat > /dev/null < /dev/null; }`).join('\n')
    const harmless = script.replace(/^BACKUP=.*$/m, `BACKUP=${folder}`).replaceAll(/^die .*$/gm, ':').replace(/^\[ "\$\(id -u\)".*$/m, stubs)
      .replace(/^write_file\(\) \{$/m, 'write_file() { cat > /dev/null; return 0').replace(/^wait_node\(\) \{$/m, 'wait_node() { return 0').replace(/^set .*$/m, 'set +e')
    const {stdout} = bash(harmless)
    expect(stdout.toString()).toContain('Done.')
    expect(existsSync(marker)).toBe(false)
  })

  test('stops before anything where a secret would be missing, or something is in the way', () => {
    const secret = {path: '/etc/x.conf', text: 'password = "[redacted]"\n', mode: 0o600, why: 'x', part: 'runtime'} as const
    const plan = makePlan(sampleInput('dockershim', 'containerd', {generated: {...NOTHING, files: [secret]}, remarks: [{level: 'blocker', text: 'the moon is full'}]}))
    const [head = ''] = renderScript(plan).split('# ---- ')
    expect(head).toMatch(/^die '\/etc\/x\.conf has a secret/m)
    expect(head).toMatch(/^die 'in the way: the moon is full/m)
    expect(renderScript(makePlan(sampleInput('dockershim', 'containerd', {gaps: [{what: '/etc/y', source: '/etc/y', reason: 'EACCES', next: 'x'}]})))).toMatch(/^die 'in the way: the plan is not whole/m)
    expect(renderScript(makePlan(sampleInput('dockershim', 'containerd'))).split('# ---- ')[0]).not.toMatch(/^die /m)
  })
})

describe('files written by the runbook', () => {
  const write = (path: string, text: string, before?: string, mode = 0o644) => {
    const files = {files: before === undefined ? {} : {[path]: ok({text: before, mode: 0o640}, path)}, matches: {}}
    const plan = makePlan(sampleInput('dockershim', 'containerd', {files, generated: {...NOTHING, files: [{path, text, mode, why: 'test', part: 'runtime'}]}}))
    const step = plan.steps.find(({action}) => action.kind === 'write-file')!
    return bash(`set -Eeuo pipefail\nSTEP=test\nBACKUP=${folder}/backup\ndie() { echo "$*" >&2; exit 1; }\n${commandsOf(step.action, plan)}\n`)
  }

  test.each(HOSTILE)('are byte for byte what was planned: %j', (text) => {
    const path = join(folder, "new folder/it's.conf")
    expect(write(path, text, undefined, 0o600)).toMatchObject({status: 0, stderr: ''})
    expect(readFileSync(path, 'utf8')).toBe(text)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('keep their mode, and the old one is kept', () => {
    const path = join(folder, 'a.conf')
    writeFileSync(path, 'old\n', {mode: 0o640})
    expect(write(path, 'new\n', 'old\n')).toMatchObject({status: 0, stderr: ''})
    expect(readFileSync(path, 'utf8')).toBe('new\n')
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(readFileSync(join(folder, 'backup', path), 'utf8')).toBe('old\n')
    expect(write(path, 'new\n', 'old\n').stdout.toString()).toContain('is as planned already')
  })

  test('are left where they are not what the plan was made for', () => {
    const path = join(folder, 'a.conf')
    writeFileSync(path, 'changed since\n')
    for (const before of ['old\n', undefined]) expect(write(path, 'new\n', before)).toMatchObject({status: 1, stderr: expect.stringContaining('is not as it was')})
    expect(readFileSync(path, 'utf8')).toBe('changed since\n')
  })

  test('are written behind a link, which stays one', () => {
    mkdirSync(join(folder, 'real'))
    writeFileSync(join(folder, 'real/a.conf'), 'old\n')
    const path = join(folder, 'a.conf')
    symlinkSync('real/a.conf', path)
    expect(write(path, 'new\n', 'old\n')).toMatchObject({status: 0})
    expect(readFileSync(join(folder, 'real/a.conf'), 'utf8')).toBe('new\n')
  })
})
