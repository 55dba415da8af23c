// SPDX-License-Identifier: Apache-2.0
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {debianArchive, parseDeb822, parseOneLine} from './harness/apt-sources.ts'
import {encode} from './harness/cri-calls.ts'
import {startEngines} from './harness/engines.ts'
import {busyboxImage, tar} from './harness/images.ts'
import {machineArchive} from './harness/packages.ts'
import {isAlive, processRow} from './harness/processes.ts'
import {removeAbandonedRuns} from './harness/removal.ts'
import {outcomeOf, outputOf} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'
import {truthOf} from './harness/truth.ts'
import {runCtrContainer, runDockerContainers, runPods} from './harness/workload.ts'

describe('the apt settings of a machine', () => {
  test('are read in the deb822 format', () => {
    const text = 'Types: deb deb-src\n# a comment\nURIs: http://mirror.test/debian/\nSuites: bookworm bookworm-updates\nComponents: main\n'
      + 'Signed-By: /usr/share/keyrings/a.gpg\n\nTypes: deb\nURIs: http://other.test\nSuites: nodistro\nComponents: main\nEnabled: no\n'
    expect(parseDeb822(text)).toEqual(['bookworm', 'bookworm-updates'].map(suite => (
      {uri: 'http://mirror.test/debian', suite, components: ['main'], signedBy: '/usr/share/keyrings/a.gpg'}
    )))
  })

  test('are read in the one-line format', () => {
    const text = '# deb http://no.test/debian bookworm main\ndeb-src http://no.test/debian bookworm main\n'
      + 'deb [arch=amd64 signed-by=/k.gpg] https://mirror.test/debian bookworm main contrib # why\n'
    expect(parseOneLine(text)).toEqual([{uri: 'https://mirror.test/debian', suite: 'bookworm', components: ['main', 'contrib'], signedBy: '/k.gpg'}])
  })

  test('name the archive of whole releases, not the one of security updates or of another vendor', () => {
    const sources = parseOneLine([
      'deb http://security.test/debian-security bookworm-security main', 'deb http://vendor.test nodistro main',
      'deb http://mirror.test/debian bookworm-updates main', 'deb http://mirror.test/debian bookworm main',
    ].join('\n'))
    expect(debianArchive(sources)).toMatchObject({uri: 'http://mirror.test/debian', suite: 'bookworm'})
  })
})

describe('in a folder with apt settings', () => {
  let folder = ''
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'apt-')) })
  afterEach(() => { rmSync(folder, {recursive: true}) })

  test('only files that apt itself would read are looked at', () => {
    mkdirSync(join(folder, 'sources.list.d'))
    writeFileSync(join(folder, 'sources.list.d/a.list.disabled'), 'deb http://disabled.test/debian bookworm main\n')
    writeFileSync(join(folder, 'sources.list.d/b.sources'), 'Types: deb\nURIs: http://mirror.test/debian\nSuites: trixie\nComponents: main\n')
    expect(machineArchive(folder)).toMatchObject({uri: 'http://mirror.test/debian'})
  })

  test('a machine without a Debian archive is told so', () => {
    expect(() => machineArchive(folder)).toThrow(/no Debian archive/)
  })

  test('a tar archive made by hand is one that tar reads', async () => {
    writeFileSync(join(folder, 'a.tar'), tar([
      {name: 'd/', type: 'directory', mode: 0o755},
      {name: 'd/file', type: 'file', mode: 0o644, content: Buffer.from('x'.repeat(513))},
      {name: 'd/link', type: 'symlink', mode: 0o777, target: 'file'},
    ]))
    await outputOf('tar', ['-xf', 'a.tar'], {cwd: folder})
    expect(readFileSync(join(folder, 'd/link'), 'utf8')).toBe('x'.repeat(513))
  })
})

test('messages are encoded as protobuf has it', () => {
  const message = [[1, 'ab'], [2, 300], [3, undefined], [8, [[1, 1]]]] as const
  expect(encode(message).toString('hex')).toBe('0a02616210ac0242020801')
})

describe('the harness itself', () => {
  const engines = withEngines(async started => started(await startEngines('bookworm', {docker: true, cri: true})))

  test('knows what runs from the engines themselves', async () => {
    await runDockerContainers(engines())
    const byCtr = await runCtrContainer(engines())
    const {web, agent} = await runPods(engines())
    const truth = await truthOf(engines())
    const row = (id: string) => truth.find(container => container.id === id)
    const named = (name: string) => truth.find(container => container.name === name)

    expect(truth).toHaveLength(8 + 1 + 3 + 2)
    expect(named('plain')).toMatchObject({engine: 'docker', engineNamespace: 'moby', image: busyboxImage, state: 'running', runtime: 'runc', init: false})
    expect(processRow(named('plain')?.shimPid ?? 0)?.comm).toBe('containerd-shim')
    expect(processRow(named('with-init')?.pid ?? 0)?.comm).toBe('docker-init')
    expect(named('published')?.ports).toEqual([expect.stringMatching(/^\d+->8080\/tcp$/)])
    expect(named('finished')).toMatchObject({state: 'exited', pid: undefined, shimPid: undefined})
    expect(named('never-started')).toMatchObject({state: 'created'})
    expect(named('frozen')).toMatchObject({state: 'paused'})
    expect(named('in-gvisor')).toMatchObject({state: 'running', runtime: 'runsc'})
    expect(row(byCtr)).toMatchObject({engine: 'containerd', engineNamespace: 'default', state: 'running', runtime: 'runc'})
    expect(row(web.sandboxId)).toMatchObject({kind: 'sandbox', pod: 'shop/web', engineNamespace: 'k8s.io'})
    expect(row(web.containers['server'] ?? '')).toMatchObject({
      kind: 'container', name: 'server', shimPid: row(web.sandboxId)?.shimPid, logPath: `${web.logDirectory}/server/0.log`,
    })
    expect(row(agent.containers['agent'] ?? '')).toMatchObject({pod: 'kube-system/agent', state: 'running'})
  })

  test('removes containers whose daemons were killed, and itself leaves nothing', async () => {
    const before = await truthOf(engines())
    await engines().kill9('dockerd')
    await engines().kill9('containerd')
    const running = before.flatMap(({pid}) => processRow(pid ?? 0) ?? [])
    expect(running.length).toBeGreaterThan(8)
    expect(running.filter(isAlive)).toEqual(running)
    const kinds = engines().leftovers().map(line => line.split(/ (?=[/\d]|rt)/)[0])
    expect(new Set(kinds)).toEqual(new Set(['process', 'mount', 'network interface', 'shim socket', 'container state', 'cgroup', 'folder']))

    expect(await engines().stop()).toEqual([])
    expect(running.filter(isAlive)).toEqual([])
    expect(existsSync(engines().directory)).toBe(false)
  })

  test('removes what a killed run has left, from another process', async () => {
    const script = `
      const {startEngines} = await import(${JSON.stringify(join(import.meta.dirname, 'harness/engines.ts'))})
      const engines = await startEngines('bookworm', {docker: false, cri: false})
      await engines.ctr('default', 'run', '--detach', 'docker.io/${busyboxImage}', engines.containerId('left'), 'sleep', '1000')
      console.log(engines.directory)
      process.kill(process.pid, 'SIGKILL')`

    const killed = await outcomeOf(process.execPath, ['--input-type=module', '-e', script])
    const directory = killed.stdout.trim()
    expect(killed.signal, killed.stderr).toBe('SIGKILL')
    expect(existsSync(join(directory, 'state/containerd.sock'))).toBe(true)

    removeAbandonedRuns()
    expect(existsSync(directory)).toBe(false)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(directory)
  })

  test('ends its engines when it is interrupted', async () => {
    const script = `
      const {startEngines} = await import(${JSON.stringify(join(import.meta.dirname, 'harness/engines.ts'))})
      const engines = await startEngines('bookworm', {docker: false, cri: false})
      console.log(engines.pid('containerd') + ' ' + engines.directory)
      setTimeout(() => {}, 60000)
      process.kill(process.pid, 'SIGTERM')`

    const ended = await outcomeOf(process.execPath, ['--input-type=module', '-e', script])
    const [pid = '', directory = ''] = ended.stdout.trim().split(' ')
    expect(ended.signal, ended.stderr).toBe('SIGTERM')
    expect(processRow(Number(pid))?.state ?? 'Z').toBe('Z')
    expect(existsSync(directory)).toBe(false)
  })
})
