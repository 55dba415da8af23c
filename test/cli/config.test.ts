// SPDX-License-Identifier: Apache-2.0
// rtctl config lint and migrate, in process, on files of a folder.
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {ROOT} from '../support/node.ts'
import {rtctl} from './support.ts'

const CRI = 'io.containerd.grpc.v1.cri'
const OLD = `# our node
version = 2
[plugins."${CRI}".containerd]
  # thin pool
  snapshotter = "devmapper" # disk
`
const GOOD = `version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]\n  runtime_type = 'io.containerd.runc.v2'\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n`

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-cli-config-'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

function file(name: string, text: string, mode = 0o644): string {
  const path = join(folder, name)
  writeFileSync(path, text, {mode})
  return path
}

/** With something at standard input, which a run in this process has not. */
function piped(input: string, ...argv: readonly string[]) {
  const {stdout, stderr, status} = spawnSync(process.execPath, [join(ROOT, 'bin/dev.js'), ...argv], {input, encoding: 'utf8', env: {...process.env, NO_COLOR: '1'}})
  return {stdout, stderr, status}
}

describe('rtctl config lint', () => {
  test('says file and line, what, why and what to do, and ends with 3', async () => {
    const path = file('config.toml', OLD)
    const {stdout, status} = await rtctl('config', 'lint', path, '--containerd', '2.1', '--no-color')
    expect(status).toBe(3)
    expect(stdout).toContain(`Looked at ${path} (version 2), for containerd 2.1`)
    expect(stdout).toContain(`${path}:5  high  containerd-dropped-snapshotter`)
    expect(stdout).toMatch(/ {2}Why: \w.*\n(?: {7}.*\n)* {2}Fix: \w/)
  })

  test('finds nothing in a good file, and ends with 0', async () => {
    const {stdout, status} = await rtctl('config', 'lint', file('config.toml', GOOD), '--no-color')
    expect([status, stdout.trim().split('\n').at(-1)]).toEqual([0, 'Nothing found.'])
  })

  test('thinks of both generations where the reader is not known', async () => {
    const {stdout} = await rtctl('config', 'lint', file('config.toml', OLD), '--json')
    expect(JSON.parse(stdout)).toMatchObject({containerd: ['1.7', '2.1'], files: [{version: 2}]})
  })

  test('gives findings as JSON with their line', async () => {
    const path = file('config.toml', 'version = 2\ndisabled_plugins = ["cri"]\n')
    const {stdout, status} = await rtctl('config', 'lint', path, '--containerd', 'v1.7.24', '--json')
    expect(status).toBe(3)
    expect((JSON.parse(stdout) as {findings: object[]}).findings).toEqual([expect.objectContaining({id: 'containerd-plugin-name', severity: 'blocker', file: path, line: 2})])
  })

  test('follows imports, and says which one is not there', async () => {
    const part = file('part.toml', `version = 2\noom_score = 1\n`)
    const path = file('config.toml', GOOD.replace('version = 3', 'version = 3\nimports = ["part.toml", "gone.toml"]\noom_score = 2'))
    const {stdout, status} = await rtctl('config', 'lint', path, '--json')
    expect(status).toBe(3)
    const report = JSON.parse(stdout) as {files: {path: string}[]; findings: {id: string; file: string; line: number}[]; missing: object[]}
    expect(report.files.map((one) => one.path)).toEqual([path, part])
    expect(report.findings).toEqual([expect.objectContaining({id: 'containerd-import-override', file: part, line: 2}), expect.objectContaining({id: 'containerd-old-imports', file: part})])
    expect(report.missing).toEqual([{file: path, pattern: 'gone.toml'}])
  })

  test('reads standard input', () => {
    const {stdout, status} = piped(OLD, 'config', 'lint', '-', '--containerd', '2.1')
    expect([status, stdout.includes('standard input:5')]).toEqual([3, true])
  })

  test('reads the host below --root', async () => {
    mkdirSync(join(folder, 'etc/containerd'), {recursive: true})
    file('etc/containerd/config.toml', OLD)
    const {stdout, status} = await rtctl('config', 'lint', '--root', folder, '--containerd', '2.1', '--no-color')
    expect([status, stdout.includes('/etc/containerd/config.toml:5')]).toEqual([3, true])
    expect(stdout).not.toContain(folder)
  })

  test.each([
    ['a file that is not there', 'nowhere.toml', undefined, /There is no file/],
    ['what is no TOML', 'bad.toml', 'a = [', /cannot be used: it is no TOML/],
    ['a folder', '.', undefined, /cannot be read/],
    ['nesting without end', 'deep.toml', `a = ${'['.repeat(5000)}`, /cannot be used/],
  ])('refuses %s with 2', async (_, name, text, message) => {
    if (text !== undefined) file(name, text)
    const {stderr, status} = await rtctl('config', 'lint', join(folder, name))
    expect([status, message.test(stderr)]).toEqual([2, true])
  })

  test('refuses a version that is none, and obeys no terminal escape of a file', async () => {
    expect((await rtctl('config', 'lint', file('config.toml', GOOD), '--containerd', 'new')).status).toBe(2)
    const path = file('config.toml', `version = 2\n[plugins."${CRI}".registry.configs."a\\u001b[31m".tls]\n  ca_file = "x"\n`)
    const {stdout} = await rtctl('config', 'lint', path, '--containerd', '2.1', '--no-color')
    expect(stdout).toContain(String.raw`a\x1b[31m`)
    expect(stdout).not.toContain('\u001B')
  })

  test('__proto__ is a name like any other', async () => {
    const {status, stderr} = await rtctl('config', 'lint', file('config.toml', `version = 2\n[__proto__]\nx = 1\n[plugins.__proto__]\nx = 1\n[plugins."${CRI}".containerd.runtimes.__proto__]\nruntime_type = "io.containerd.runc.v2"\n`))
    expect([status, stderr]).toEqual([3, ''])
  })
})

describe('rtctl config migrate', () => {
  test('prints the migrated file, and says on standard error what was done', async () => {
    const path = file('config.toml', OLD)
    const {stdout, stderr, status} = await rtctl('config', 'migrate', path, '--to', '3')
    expect([status, stderr]).toEqual([0, `${path}: version 2 → 3\n`])
    expect(stdout).toBe('# our node\nversion = 3\n[plugins."io.containerd.cri.v1.images"]\n  # thin pool\n  snapshotter = "devmapper" # disk\n')
    expect(readFileSync(path, 'utf8')).toBe(OLD)
  })

  test('shows a patch that patch(1) takes, without secrets', async () => {
    const config = `version = 2\n[plugins."${CRI}".registry.configs."r.example.com".auth]\n  username = "u"\n  password = "geheimes-wort-123"\n`
    const path = file('config.toml', config)
    const {stdout} = await rtctl('config', 'migrate', path, '--to', '3', '--diff')
    expect(stdout).toMatch(/^--- .*config\.toml\n\+\+\+ .*config\.toml\n@@ -1,4 \+1,4 @@\n-version = 2\n/)
    expect(stdout).toContain('password = "[redacted]"')
    expect(stdout).not.toContain('geheimes-wort-123')
    const plain = file('plain.toml', OLD)
    const {stdout: patch} = await rtctl('config', 'migrate', plain, '--to', '3', '--diff')
    expect(spawnSync('patch', ['-p0', plain], {input: patch, encoding: 'utf8'})).toMatchObject({status: 0})
    expect(readFileSync(plain, 'utf8')).toContain('version = 3')
  })

  test('gives all files as JSON, imports too', async () => {
    file('part.toml', `version = 2\n[plugins."${CRI}"]\n  sandbox_image = "a/b:1"\n`)
    const path = file('config.toml', 'version = 2\nimports = ["part.toml"]\n')
    for (const how of [['-o', 'json'], ['--json']]) {
      const {stdout, stderr} = await rtctl('config', 'migrate', path, '--to', '4', ...how)
      expect(stderr).toBe('')
      const {files} = JSON.parse(stdout) as {files: {path: string; from: number; to: number; after: string}[]}
      expect(files.map(({from, to}) => [from, to])).toEqual([[2, 4], [2, 4]])
      expect(files[1]?.after).toContain('sandbox = "a/b:1"')
    }
  })

  test('writes to another file, and leaves the old one', async () => {
    const path = file('config.toml', OLD)
    const {stdout, status} = await rtctl('config', 'migrate', path, '--to', '3', '--out', join(folder, 'new.toml'))
    expect([status, stdout, readFileSync(path, 'utf8')]).toEqual([0, '', OLD])
    expect(readFileSync(join(folder, 'new.toml'), 'utf8')).toContain('version = 3')
  })

  test('puts files in place only with --write, each with the old one beside it and the mode it had', async () => {
    const part = file('part.toml', 'version = 2\noom_score = 1\n')
    const path = file('real.toml', `imports = ["${part}"]\n${OLD}`, 0o600)
    symlinkSync(path, join(folder, 'config.toml'))
    const {stdout, stderr, status} = await rtctl('config', 'migrate', join(folder, 'config.toml'), '--to', '3', '--write')
    expect([status, stdout]).toEqual([0, ''])
    expect(stderr).toContain(`${join(folder, 'config.toml')} is written; the old one is ${join(folder, 'config.toml')}.version-2\n`)
    expect(readFileSync(path, 'utf8')).toContain('version = 3')
    expect(readFileSync(part, 'utf8')).toBe('version = 3\noom_score = 1\n')
    expect(readFileSync(join(folder, 'config.toml.version-2'), 'utf8')).toContain(OLD)
    expect([statSync(path).mode & 0o777, statSync(join(folder, 'config.toml.version-2')).mode & 0o777]).toEqual([0o600, 0o600])
    expect(readFileSync(`${part}.version-2`, 'utf8')).toBe('version = 2\noom_score = 1\n')
    const again = await rtctl('config', 'migrate', join(folder, 'config.toml'), '--to', '3', '--write')
    expect([again.status, existsSync(join(folder, 'config.toml.version-3'))]).toEqual([0, false])
  })

  test('does not overwrite an older copy', async () => {
    const path = file('config.toml', OLD)
    file('config.toml.version-2', 'something else')
    await rtctl('config', 'migrate', path, '--to', '3', '--write')
    expect([readFileSync(`${path}.version-2`, 'utf8'), readFileSync(`${path}.version-2.2`, 'utf8')]).toEqual(['something else', OLD])
  })

  test('reads standard input and writes standard output', () => {
    const {stdout, status} = piped('[plugins.cri]\n  sandbox_image = "a"\n', 'config', 'migrate', '-', '--to', '2')
    expect([status, stdout]).toEqual([0, `version = 2\n[plugins."${CRI}"]\n  sandbox_image = "a"\n`])
    expect(piped(OLD, 'config', 'migrate', '-', '--to', '3', '--write').status).toBe(2)
  })

  test('refuses to go back, and a file that it cannot edit; nothing is written', async () => {
    const back = await rtctl('config', 'migrate', file('new.toml', 'version = 3\n'), '--to', '2')
    expect([back.status, back.stdout, back.stderr.includes('later than 2')]).toEqual([2, '', true])
    expect((await rtctl('config', 'migrate', file('config.toml', OLD))).status).toBe(2)
    expect((await rtctl('config', 'migrate', file('config.toml', OLD), '--to', '5')).status).toBe(2)
    expect((await rtctl('config', 'migrate', join(folder, 'none.toml'), '--to', '3', '--json')).stdout).toMatch(/"exitCode": 2/)
  })
})
