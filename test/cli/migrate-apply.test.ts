// SPDX-License-Identifier: Apache-2.0
// The commands that act on migrations. What would change a node is run on journals of a made-up node, in a mount namespace where nothing of
// this machine can be reached: no systemd, no /var/lib.
import {spawn, spawnSync} from 'node:child_process'
import {appendFileSync, existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {confirm, statusOf} from '../../src/cli/migrate/carry-out.ts'
import {applyFlags} from '../../src/cli/migrate/apply.ts'
import {PHASES} from '../../src/model/migration/plan.ts'
import type {MigrationReport, MigrationStatus} from '../../src/model/migration/report.ts'
import {createStyle} from '../../src/render/style.ts'
import {progressLine, secondsText} from '../../src/render/migrate/progress.ts'
import {renderReport} from '../../src/render/migrate/report.ts'
import {ROOT} from '../support/node.ts'
import {apply} from '../unit/migrate/support/act.ts'
import {newNode, removeNodes} from '../unit/migrate/support/folders.ts'
import {samplePlan} from '../unit/migrate/support/plan.ts'
import {simMachine} from '../unit/migrate/support/sim.ts'
import {rtctl} from './support.ts'

const root = process.getuid?.() === 0
const plain = createStyle({color: false})
let folder = ''

beforeAll(async () => {
  folder = newNode()
  await apply(samplePlan(folder), simMachine(folder), {pauseBefore: 'runtime'})
})
afterAll(removeNodes)

/** Runs rtctl where /var/lib has nothing but the journals of the made-up node, and /run nothing at all. */
function apart(...argv: readonly string[]): {readonly status: number | null; readonly stdout: string; readonly stderr: string} {
  const script = 'mount -t tmpfs none /var/lib && mkdir /var/lib/rtctl && mount --bind "$0" /var/lib/rtctl && mount -t tmpfs none /run && shift 0 && exec "$@"'
  const {status, stdout, stderr} = spawnSync('unshare', ['--mount', 'sh', '-c', script, join(folder, 'root/var/lib/rtctl'), process.execPath, join(ROOT, 'bin/dev.js'), 'migrate', ...argv], {encoding: 'utf8'})
  return {status, stdout, stderr}
}

describe.runIf(root)('a migration that is paused', () => {
  test('is shown by status, for people and as data', () => {
    const {status, stdout} = apart('status')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^State +paused$/m)
    expect(stdout).toMatch(/^Steps +15 of 29$/m)
    expect(stdout).toContain('sudo rtctl migrate resume')
    const data = JSON.parse(apart('status', '--json').stdout) as MigrationStatus
    expect(data).toMatchObject({state: 'paused', node: 'n', from: 'dockershim', to: 'containerd', done: 15, steps: 29, remarks: ['The machine was rebooted since.']})
  })

  test('is listed', () => {
    const {status, stdout} = apart('list')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^\d{8}-\d{6}-[0-9a-f]{4} {2}paused +n: dockershim → containerd, 15 of 29 steps\n$/)
    expect(JSON.parse(apart('list', '--json').stdout)).toMatchObject({migrations: [{state: 'paused'}]})
  })

  test.each([['resume'], ['rollback'], ['cleanup', '--data', '--yes']])('is left alone by %s where systemd does not run', (...argv) => {
    const before = readdirSync(join(folder, 'root/var/lib/rtctl/migrations'))
    const {status, stderr} = apart(...argv)
    expect(status).toBe(5)
    expect(stderr).toMatch(/systemd does not run this machine.*\n.*-o script/)
    expect(readdirSync(join(folder, 'root/var/lib/rtctl/migrations'))).toEqual(before)
  })

  test('whose journal is torn is shown with that', () => {
    const id = readdirSync(join(folder, 'root/var/lib/rtctl/migrations')).find((name) => name !== 'lock')!
    appendFileSync(join(folder, 'root/var/lib/rtctl/migrations', id, 'journal.jsonl'), '{"seq": 9')
    expect(apart('status').stdout).toContain('was not written to its end')
  })

  test('of another id is not there', () => {
    expect(apart('status', '20200101-000000-0000')).toMatchObject({status: 2, stderr: expect.stringContaining('There is no migration') as string})
    expect(apart('status', '../../../etc')).toMatchObject({status: 2, stderr: expect.stringContaining('is no id of a migration') as string})
    expect(JSON.parse(apart('status', '../x', '--json').stdout)).toMatchObject({error: {exitCode: 2}})
  })
})

describe('work that must not be left in the middle', () => {
  /** Ends 600 ms after it began, or when it is told to; says on standard error what became of it. */
  const SCRIPT = `import {steadily} from ${JSON.stringify(join(ROOT, 'src/cli/migrate/steady.ts'))}
const work = (signal) => new Promise((resolve) => {
  process.stdout.write('begun\\n')
  const timer = setInterval(() => process.stdout.write('more\\n'), 20)
  const end = (how) => { clearInterval(timer); if (!process.env.STUBBORN) resolve(how) }
  setTimeout(end, 600, 'done'); signal.addEventListener('abort', () => end(signal.reason.message))
})
const how = await steadily(work, () => process.stderr.write('heard '), () => process.stderr.write('last '))
process.stderr.write(how)`

  async function run(act: (child: ReturnType<typeof spawn>) => void, env: Record<string, string> = {}): Promise<{readonly status: number | null; readonly said: string}> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT], {stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, ...env}})
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    act(child)
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return {status, said}
  }

  test('goes on when its terminal goes away', async () => {
    expect(await run((child) => child.kill('SIGHUP'))).toEqual({status: 0, said: 'done'})
  })

  test('goes on when nobody reads any more what it prints', async () => {
    expect(await run((child) => child.stdout!.destroy())).toEqual({status: 0, said: 'done'})
  })

  test.each([['SIGINT', 'Interrupted with Ctrl-C.'], ['SIGTERM', 'Told to end (SIGTERM).']] as const)('is told to take itself back by %s', async (signal, reason) => {
    expect(await run((child) => child.kill(signal))).toEqual({status: 0, said: `heard ${reason}`})
  })

  test('ends at once with the second Ctrl-C', async () => {
    const ended = await run((child) => {
      child.kill('SIGINT')
      child.stderr!.once('data', () => child.kill('SIGINT'))
    }, {STUBBORN: '1'})
    expect(ended).toEqual({status: 130, said: 'heard last '})
  })
})

describe('the flags of --apply', () => {
  test('name every phase', () => {
    for (const flag of ['phase', 'skip-phase', 'pause-before'] as const) expect((applyFlags[flag] as {readonly options?: readonly string[]}).options).toEqual(PHASES)
  })

  test.each(['migrate status', 'migrate list', 'migrate resume', 'migrate rollback', 'migrate cleanup'])('%s has help', async (command) => {
    const {stdout, status} = await rtctl(...command.split(' '), '--help')
    expect(status).toBe(0)
    expect(stdout).toContain('USAGE')
    expect(existsSync(join(ROOT, `src/commands/${command.replace(' ', '/')}.ts`))).toBe(true)
  })

  test('ask for a word before anything is done, and take no silence for it', async () => {
    await expect(confirm('Go?', 'yes')).rejects.toMatchObject({exitCode: 5, next: expect.stringContaining('--yes') as string})
  })
})

describe('the end of a migration', () => {
  const report: MigrationReport = {id: 'x', folder: '/var/lib/rtctl/migrations/x', state: 'complete', steps: [], seconds: 41.2}

  test.each<[MigrationReport['state'], 'apply' | 'rollback', number]>([
    ['complete', 'apply', 0], ['paused', 'apply', 0], ['rolled-back', 'apply', 6], ['rolled-back', 'rollback', 0], ['rollback-incomplete', 'apply', 7],
    ['rollback-incomplete', 'rollback', 7], ['rolling-back', 'rollback', 7], ['failed', 'apply', 7],
  ])('that is %s after %s has the status %i', (state, asked, status) => expect(statusOf({...report, state}, asked)).toBe(status))

  test('is told with what failed, what was not taken back, and what to do', () => {
    const text = renderReport({
      ...report, state: 'rollback-incomplete', failure: {step: 'a', title: 'Start kubelet.service', reason: 'it \u001b[31mdies'}, notUndone: [{step: 'b', title: 'Stop docker.service', reason: 'no'}], next: 'Run it again.',
    }, plain)
    expect(text).toBe('The rollback is not complete. 41 s.\nFailed: Start kubelet.service: it \\x1b[31mdies\nNot taken back: Stop docker.service: no\nRun it again.\nJournal: /var/lib/rtctl/migrations/x\n')
  })

  test('is told in lines, one for each step', () => {
    const step = {id: 's', phase: 'drain', title: 'Cordon n', state: 'done', seconds: 0.34, note: 'was \u202Ealready'} as const
    expect(progressLine({kind: 'step-end', report: step}, plain)).toBe('✓ drain        Cordon n: was \\u202ealready 0.3 s')
    expect(progressLine({kind: 'step-end', report: {...step, state: 'not-undone'}}, plain)).toContain('✗ drain        not taken back: Cordon n')
    expect(progressLine({kind: 'progress', text: 'x'}, plain)).toBeUndefined()
    expect([9.94, 41.2, 200].map(secondsText)).toEqual(['9.9 s', '41 s', '3 min 20 s'])
  })
})
