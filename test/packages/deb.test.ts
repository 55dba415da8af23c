// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {chmodSync, existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, inject, test} from 'vitest'
import {buildDeb, packDeb} from '../../scripts/pack/deb.ts'
import {stageTree} from '../../scripts/pack/tree.ts'
import {outcomeOf, outputOf, type Outcome} from '../engines/harness/run.ts'
import {debianTree, missingForDebianTree, type DebianTree} from './support/debian-tree.ts'

const context = inject('pack')
const AMD64 = join(context.out, `rtctl_${context.version}_amd64.deb`)
const ARM64 = join(context.out, `rtctl_${context.version}_arm64.deb`)

let dir: string
/** what it says of a package, or why it cannot be run */
let lintian: Promise<Outcome | Error>

beforeAll(async () => {
  dir = mkdtempSync(join(context.work, 'deb-test-'))
  await packDeb(context)
  // It takes longer than all the tests: it runs while they do.
  const options = ['--allow-root', '--info', '--display-info', '--pedantic']
  lintian = outcomeOf('lintian', [...options, AMD64], {timeout: 290_000}).catch((error: Error) => error)
})
afterAll(async () => {
  await lintian
  rmSync(dir, {recursive: true, force: true})
})

/** A folder with the shape of what `stageTree` makes, and next to nothing in it. */
function smallTree(name: string, files: Readonly<Record<string, string>> = {}): string {
  const tree = join(dir, name)
  const all = {
    rtctl: '#!/bin/sh\necho small\n', 'lib/node': 'no program', 'bin/run.js': 'process.stdout.write(process.argv.join(" ").slice(-15))\n',
    'app/main.js': '', LICENSE: 'a', 'LICENSE.node.txt': 'b', 'THIRD-PARTY-LICENSES.txt': 'c', 'README.md': 'd', ...files,
  }
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(tree, file)), {recursive: true})
    writeFileSync(join(tree, file), text)
  }
  return tree
}

async function field(deb: string, name: string): Promise<string> {
  return (await outputOf('dpkg-deb', ['--field', deb, name])).trim()
}

/** Unpacks a package; gives the folder. */
async function unpacked(deb: string): Promise<string> {
  const folder = join(dir, basename(deb, '.deb'))
  if (!existsSync(folder)) await outputOf('dpkg-deb', ['--extract', deb, folder])
  return folder
}

describe('the packages', () => {
  test('have a version, an architecture and nothing that runs at installation', async () => {
    for (const [deb, architecture] of [[AMD64, 'amd64'], [ARM64, 'arm64']] as const) {
      expect(await field(deb, 'Version')).toBe(context.version)
      expect(await field(deb, 'Architecture')).toBe(architecture)
      expect(await outputOf('dpkg-deb', ['--info', deb])).not.toMatch(/preinst|postinst|prerm|postrm|conffiles/)
    }
  })

  test('hold the Node.js of their architecture, and ask for the libraries that it was linked with', async () => {
    for (const [deb, machine] of [[AMD64, 'X86-64'], [ARM64, 'AArch64']] as const) {
      const node = join(await unpacked(deb), 'usr/lib/rtctl/lib/node')
      const elf = await outputOf('readelf', ['--file-header', '--dynamic', '--version-info', '--wide', node])
      expect(elf).toMatch(new RegExp(`Machine:.*${machine}`))
      // libc6 has all of them but two, which are packages that the control file names
      const libraries = new Set([...elf.matchAll(/\(NEEDED\).*\[(.+?)\.so/g)].map(([, name = '']) => name))
      expect([...libraries].filter((name) => !/^(?:libc|libm|libdl|libpthread|ld-linux-.*)$/.test(name)).sort()).toEqual(['libgcc_s', 'libstdc++'])
      const newest = (family: string) => [...elf.matchAll(new RegExp(`Name: ${family}_([\\d.]+)`, 'g'))]
        .map(([, version = '']) => version).sort((a, b) => a.localeCompare(b, 'en', {numeric: true})).at(-1)
      expect(newest('GLIBC')).toBe('2.28')
      // GCC 7 has 1.3.11 and 3.4.24, says the manual of libstdc++ ("ABI Policy and Guidelines")
      expect(['1.3.9', '1.3.11']).toContain(newest('CXXABI'))
      expect(Number(newest('GLIBCXX')?.replace('3.4.', ''))).toBeLessThanOrEqual(24)
      expect(await field(deb, 'Depends')).toBe('libc6 (>= 2.28), libgcc-s1 | libgcc1, libstdc++6 (>= 7)')
    }
  })

  test('own their files as root, with the modes and the one time that they have everywhere', async () => {
    const lines = (await outputOf('dpkg-deb', ['--contents', AMD64], {env: {...process.env, TZ: 'UTC'}})).trim().split('\n')
    const time = new Date(context.epoch * 1000).toISOString().slice(0, 16).replace('T', ' ')
    for (const line of lines) expect(line).toMatch(new RegExp(`^(?:drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|lrwxrwxrwx) root/root +\\d+ ${time} `))
    const programs = lines.filter((line) => line.startsWith('-rwx')).map((line) => line.slice(line.indexOf('./'))).sort()
    expect(programs).toEqual(['./usr/lib/rtctl/lib/node', './usr/lib/rtctl/rtctl'])
  })

  test('are the same bytes when they are made twice, whatever the times and modes of the files they are made of', async () => {
    const hashes: string[] = []
    // dpkg-deb makes later times earlier, and leaves earlier ones: this is later than now
    const epoch = 4_000_000_000
    for (const [index, umask] of [0o022, 0o077].entries()) {
      const before = process.umask(umask)
      try {
        const tree = smallTree(`again-${index}`)
        utimesSync(join(tree, 'rtctl'), index * 1e6, index * 1e6)
        chmodSync(join(tree, 'rtctl'), index === 0 ? 0o755 : 0o700)
        const out = join(dir, `out-${index}`)
        mkdirSync(out)
        const name = await buildDeb({...context, epoch, tree, architecture: 'x64', out})
        const contents = await outputOf('dpkg-deb', ['--contents', join(out, name)])
        expect(contents.match(/ \d{4}-\d\d-\d\d /g)?.filter((date) => !date.startsWith(' 2096-'))).toEqual([])
        hashes.push(createHash('sha256').update(readFileSync(join(out, name))).digest('hex'))
      } finally {
        process.umask(before)
      }
    }
    expect(hashes[1]).toBe(hashes[0])
  })

  test('sort a version before the one that is to come', async () => {
    const name = await buildDeb({...context, version: '9.0.0-rc.1', tree: smallTree('candidate'), architecture: 'arm64', out: dir})
    expect(name).toBe('rtctl_9.0.0-rc.1_arm64.deb')
    const version = await field(join(dir, name), 'Version')
    expect(await outcomeOf('dpkg', ['--compare-versions', version, 'lt', '9.0.0'])).toMatchObject({code: 0})
  })
})

describe('man pages', () => {
  test('are there for rtctl and each of its commands, and roff has nothing to say about them', async () => {
    const folder = join(await unpacked(AMD64), 'usr/share/man/man1')
    const pages = readdirSync(folder).sort()
    const {commands} = JSON.parse(readFileSync(join(context.root, 'oclif.manifest.json'), 'utf8'))
    for (const id of Object.keys(commands)) expect(pages).toContain(`rtctl-${id.replaceAll(':', '-')}.1.gz`)
    expect(pages).toContain('rtctl.1.gz')
    for (const page of pages) {
      const text = join(dir, page.replace('.gz', ''))
      writeFileSync(text, await outputOf('gzip', ['-dc', join(folder, page)]))
      const {stdout, stderr} = await outcomeOf('groff', ['-ww', '-man', '-Tutf8', '-P-cbou', text])
      expect(stderr, page).toBe('')
      expect(stdout).toContain('SYNOPSIS')
    }
  })
})

describe('completions', () => {
  test.each([
    ['zsh', 'usr/share/zsh/vendor-completions/_rtctl'],
    ['fish', 'usr/share/fish/vendor_completions.d/rtctl.fish'],
    ['bash', 'usr/share/bash-completion/completions/rtctl'],
  ])('%s finds no fault with the installed script', async (shell, path) => {
    const file = join(await unpacked(AMD64), path)
    expect(await outcomeOf(shell, ['-n', file])).toMatchObject({code: 0, stderr: ''})
    expect(readFileSync(file, 'utf8')).toContain('rtctl')
  })
})

describe('in a Debian without Node.js', () => {
  let missing: string | undefined
  let debian: DebianTree
  /** everything in the tree before rtctl came */
  let before: readonly string[]

  beforeAll(async () => {
    missing = await missingForDebianTree()
    if (missing !== undefined) return
    debian = await debianTree()
    before = await filesOf(debian.root)
  })
  afterAll(() => {
    if (missing === undefined) debian.remove()
  })
  beforeEach(({skip}) => {
    if (missing !== undefined) skip(missing)
  })

  test('an older version gives way to this one, and nothing of it stays', async () => {
    const old = await buildDeb({...context, version: '0.0.1', tree: smallTree('old', {'app/gone.js': '', 'gone/with/it.txt': ''}), architecture: 'x64', out: dir})
    await install(join(dir, old))
    expect(existsSync(join(debian.root, 'usr/lib/rtctl/gone/with/it.txt'))).toBe(true)
    await install(AMD64)
    const {stdout} = await debian.run('dpkg-query', '--show', '--showformat=${Version} ${db:Status-Abbrev}', 'rtctl')
    expect(stdout.trim()).toBe(`${context.version} ii`)
    const tree = await stageTree(context, 'x64')
    const shipped = globSync('**/*', {cwd: tree}).filter((file) => !/^(?:[\w.-]+\.(?:md|txt)|LICENSE)$/.test(file)).sort()
    expect(globSync('**/*', {cwd: join(debian.root, 'usr/lib/rtctl')}).sort()).toEqual(shipped)
    expect(existsSync(join(debian.root, 'usr/share/man/man1/rtctl.1.gz'))).toBe(true)
  })

  test('the installed files are those of the package', async () => {
    expect(await debian.run('dpkg', '--verify', 'rtctl')).toMatchObject({code: 0, stdout: '', stderr: ''})
  })

  test('rtctl runs, with neither Node.js nor libatomic around', async () => {
    expect((await filesOf(debian.root)).filter((file) => /\/libatomic|\/bin\/node/.test(file))).toEqual([])
    const version = await debian.run('rtctl', '--version')
    expect(version).toMatchObject({code: 0, stderr: ''})
    expect(version.stdout).toMatch(new RegExp(`^rtctl/${context.version} linux-x64 node-v26\\.`))
    const help = await debian.run('rtctl', '--help')
    expect(help).toMatchObject({code: 0, stderr: ''})
    expect(help.stdout).toContain('preflight')
    const inspected = await debian.run('rtctl', 'inspect', '--from', '/usr/lib/rtctl/fixtures/dockershim-node/snapshot.jsonl')
    expect(inspected.stdout).toContain('dockershim')
  })

  test('the shells find what the installed rtctl prints', async () => {
    for (const [shell, path] of [['bash', 'bash-completion/completions/rtctl'], ['zsh', 'zsh/vendor-completions/_rtctl'], ['fish', 'fish/vendor_completions.d/rtctl.fish']] as const) {
      const {stdout} = await debian.run('rtctl', 'completion', shell)
      expect(readFileSync(join(debian.root, 'usr/share', path), 'utf8')).toBe(stdout)
    }
    // by the bash of this machine: it reads from /dev/fd, and nothing is mounted in the tree
    const complete = 'source "$0"; COMP_WORDS=(rtctl pre); COMP_CWORD=1; _rtctl; echo "${COMPREPLY[@]}"'
    const script = join(debian.root, 'usr/share/bash-completion/completions/rtctl')
    expect(await outcomeOf('bash', ['-c', complete, script])).toMatchObject({code: 0, stdout: 'preflight\n'})
  })

  test('it is purged without a trace', async () => {
    expect(await debian.run('dpkg', '--purge', 'rtctl')).toMatchObject({code: 0, stderr: ''})
    // but for dpkg's own files and its log
    const now = (await filesOf(debian.root)).filter((file) => !/^\/var\/(?:lib\/dpkg|log)\//.test(file))
    expect(now.filter((file) => !before.includes(file) || file.includes('rtctl'))).toEqual([])
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(debian.root)
  })

  async function install(deb: string): Promise<void> {
    writeFileSync(join(debian.root, 'tmp/rtctl.deb'), readFileSync(deb))
    const outcome = await debian.run('dpkg', '--install', '/tmp/rtctl.deb')
    rmSync(join(debian.root, 'tmp/rtctl.deb'))
    expect(outcome, outcome.stderr).toMatchObject({code: 0, stderr: ''})
  }
})

describe('lintian', () => {
  test('finds nothing that has no reason', async ({skip}) => {
    const outcome = await lintian
    if (outcome instanceof Error) {
      skip(`lintian cannot be run: ${outcome.message}`)
      return
    }
    expect(outcome).toMatchObject({stdout: '', code: 0})
  }, 300_000)
})

/** Paths of everything below a root directory, as they are inside. By find: readdir would go through links to this machine's folders. */
async function filesOf(root: string): Promise<readonly string[]> {
  return (await outputOf('find', [root, '-xdev', '-mindepth', '1', '-printf', '/%P\\n'])).trim().split('\n')
}
