// SPDX-License-Identifier: Apache-2.0
import {join, resolve} from 'node:path'
import {describe, expect, test} from 'vitest'
import type {Finding, PreflightReport} from '../../src/model/preflight.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import {busyboxImage} from './harness/images.ts'
import {eventually, outcomeOf} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'

const program = join(resolve(import.meta.dirname, '../..'), 'bin/dev.js')
const forever = ['sleep', '100000']

/** Runs `rtctl preflight` on this machine, with no hint where the engines are. */
async function preflight(...argv: readonly string[]): Promise<PreflightReport> {
  const env = {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/nonexistent'}
  const {code, signal, stdout, stderr} = await outcomeOf(process.execPath, [program, 'preflight', '-o', 'json', '--fail-on', 'never', ...argv], {env, cwd: '/'})
  if (code !== 0 && code !== 4) throw new Error(`preflight: ${code ?? signal}\n${stderr}\n${stdout.slice(0, 2000)}`)
  return JSON.parse(stdout) as PreflightReport
}

const of = ({findings}: PreflightReport, check: string): readonly Finding[] => findings.filter((finding) => finding.check === check)
const texts = (report: PreflightReport, check: string): string => of(report, check).map(({text}) => text).join('\n')

/** Connects to a socket, and again when the connection ends: for `ms`, after a pause of `ms`. */
const connecting = (socket: string, ms: number) =>
  `const net = require("net"); const go = () => { const c = net.connect(${JSON.stringify(socket)}); c.on("error", () => {}); setTimeout(() => { c.destroy(); setTimeout(go, ${ms}) }, ${ms}) }; go()`

describe.each(['bookworm', 'forky'] as const)('who uses docker.sock of %s', (suite) => {
  const engines = withEngines<Engines>(async (started) => {
    const mine = started(await startEngines(suite, {docker: true, cri: false}))
    const socket = mine.dockerSocket ?? ''
    const inHost = ['busybox', 'chroot', '/host', process.execPath, '-e', connecting(socket, 100_000)]
    await mine.docker('run', '--detach', '--name', 'watcher', '--network', 'host', '--volume', '/:/host', busyboxImage, ...inHost)
    await mine.docker('run', '--detach', '--name', 'peeper', '--network', 'none', '--volume', `${mine.directory}:/engines:ro`, busyboxImage, ...forever)
    await mine.docker('run', '--detach', '--name', 'innocent', '--network', 'none', busyboxImage, ...forever)
    mine.spawn('backup-agent', process.execPath, ['-e', connecting(socket, 100_000)])
    return mine
  })

  test('is named with its container or process, while it is connected', async () => {
    await eventually(20_000, async () => {
      const named = texts(await preflight(), 'docker-socket-client')
      expect(named).toContain(`container watcher is connected to ${engines().dockerSocket}.`)
      expect(named).toContain('process backup-agent is connected')
      expect(named).not.toMatch(/peeper|innocent|dockerd/)
    })
  })

  test('is told from what only sees it, under the name it has there', async () => {
    const seen = texts(await preflight(), 'docker-socket-in-container')
    expect(seen).toContain(`container peeper sees ${engines().dockerSocket} as /engines/docker.sock`)
    expect(seen).not.toMatch(/innocent|watcher/)
  })

  test('is found by --watch when it comes and goes', async () => {
    const child = engines().spawn('now-and-then', process.execPath, ['-e', connecting(engines().dockerSocket ?? '', 1500)])
    const found = of(await preflight('--watch', '6s'), 'docker-socket-client')
    expect(found.flatMap(({evidence}) => evidence.map(({source}) => source))).toContain(`pid ${child.pid}`)
    child.kill('SIGKILL')
  })
})
