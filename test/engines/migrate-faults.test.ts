// SPDX-License-Identifier: Apache-2.0
import {copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {afterEach, beforeAll, describe, expect, test} from 'vitest'
import {eventually} from './harness/run.ts'
import {IMAGES, PODS} from './node/files.ts'
import {APPLY, journal, KILL_9, migrations, ROLLBACK, rtctl, type Happening} from './node/migration.ts'
import {stateOf, treeChanges, treeOf, type NodeState, type Tree} from './node/state.ts'
import {withNode} from './node/suite.ts'

const REFUSED = 5
const ROLLED_BACK = 6
const ROLLBACK_INCOMPLETE = 7

describe('a migration', {timeout: 200_000}, () => {
  const node = withNode()
  let before: NodeState
  let tree: Tree
  /** what a test has changed of the node, to be put right after it */
  const mend: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    before = await stateOf(node())
    tree = treeOf(node())
  })

  afterEach(async () => {
    for (const each of mend.splice(0).toReversed()) await each()
  })

  const isAsBefore = async () => {
    await node().settled()
    expect(treeChanges(node(), tree, treeOf(node()))).toEqual([])
    expect(await stateOf(node())).toEqual(before)
  }
  const succeeds = async (argv: readonly string[]) => {
    const outcome = await rtctl(node(), argv)
    expect(outcome.signal ?? outcome.code, `${argv.join(' ')}\n${outcome.stdout}${outcome.stderr}`).toBe(0)
    return outcome.stdout
  }
  /** It ends with that status and says that, and the node is as before. */
  const rollsBack = async (why: RegExp, happening?: Happening) => {
    const outcome = await rtctl(node(), APPLY, happening)
    expect(outcome.stdout + outcome.stderr).toMatch(why)
    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(ROLLED_BACK)
    expect(journal(node()).at(-1)).toMatchObject({kind: 'rolled-back'})
    await isAsBefore()
  }
  const dropIn = async (unit: string, text: string) => {
    const file = node().path(`/run/systemd/system/${unit}.d/50-test.conf`)
    mkdirSync(dirname(file), {recursive: true})
    writeFileSync(file, text)
    await node().output('systemctl', 'daemon-reload')
    mend.push(async () => {
      rmSync(file)
      await node().output('systemctl', 'daemon-reload')
    })
  }
  const mount = async (...argv: string[]) => {
    await node().output('mount', ...argv)
    mend.push(() => node().output('umount', argv.at(-1) ?? ''))
  }

  describe('goes back by itself', () => {
    test('where the runtime does not start with its new configuration', async () => {
      await dropIn('containerd.service', '[Service]\nExecStartPre=/bin/sh -c "! grep -q certs.d /etc/containerd/config.toml"\n')
      await rollsBack(/containerd\.service[^]*journalctl -u containerd\.service/)
    })

    test('where the kubelet ends at once with its new flags', async () => {
      await dropIn('kubelet.service', '[Service]\nExecStartPre=/bin/sh -c "! grep -q remote /var/lib/kubelet/kubeadm-flags.env"\n')
      await rollsBack(/kubelet\.service[^]*journalctl -u kubelet\.service/)
    })

    test('where the export of an image breaks half-way', async () => {
      const layer = (await node().output('docker', 'inspect', '--format', '{{.GraphDriver.Data.UpperDir}}', IMAGES.web)).trim()
      const file = node().path(`${layer}/app`)
      copyFileSync(file, node().path('/tmp/app'))
      mend.push(async () => copyFileSync(node().path('/tmp/app'), file))
      truncateSync(file, 5 * 2 ** 20)
      await rollsBack(/Bring 4 images/)
    })

    test('where the disk of the new runtime is full', async () => {
      const store = '/var/lib/containerd/io.containerd.content.v1.content'
      await mount('-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', store)
      await node().output('mkdir', '-p', `${store}/ingest`, `${store}/blobs/sha256`)
      await rollsBack(/no space left/i)
    })

    test('where the disk of the journal gets full', async () => {
      mkdirSync(node().path('/var/lib/rtctl'), {recursive: true})
      await mount('-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', '/var/lib/rtctl')
      await rollsBack(/ENOSPC/, {at: 'done stop-docker-service', command: 'dd if=/dev/zero of=/var/lib/rtctl/fill bs=4k status=none || true'})
    })

    test('where files cannot be written', async () => {
      await mount('--bind', '/etc/containerd', '/etc/containerd')
      await node().output('mount', '-o', 'remount,bind,ro', '/etc/containerd')
      await rollsBack(/\/etc\/containerd\/config\.toml cannot be written: the file system is read-only/)
    })

    test('where dockerd does not answer for a while', async () => {
      const command = 'kill -STOP $(pidof dockerd); (sleep 40; kill -CONT $(pidof dockerd)) > /dev/null 2>&1 &'
      await rollsBack(/no answer within/, {at: 'intent remove-pods', command})
    })
  })

  test('goes on where containerd hangs when it is restarted', async () => {
    const outcome = await rtctl(node(), APPLY, {at: 'intent start-containerd-service', command: 'kill -STOP $(pidof containerd)'})
    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0)
    expect(await stateOf(node())).toMatchObject({criPods: PODS, dockerPods: []})
    await succeeds(ROLLBACK)
    await isAsBefore()
  })

  test('that cannot be taken back as a whole says what is left, and takes that back later', async () => {
    const readOnly = 'mount --bind /etc/containerd /etc/containerd && mount -o remount,bind,ro /etc/containerd'
    await rtctl(node(), APPLY, {at: 'intent start-kubelet', command: `${readOnly}; ${KILL_9}`})
    const first = await rtctl(node(), ROLLBACK)
    await node().output('umount', '/etc/containerd')
    expect(first.code, first.stdout + first.stderr).toBe(ROLLBACK_INCOMPLETE)
    expect(first.stdout + first.stderr).toMatch(/\/etc\/containerd\/config\.toml[^]*read-only/)
    await succeeds(ROLLBACK)
    await isAsBefore()
  })

  test('keeps a second rtctl away, which can tell how far it is', async () => {
    const there = node().path('/tmp/there')
    const command = 'touch /tmp/there; while [ -e /tmp/there ]; do sleep 0.1; done; kill -INT $RTCTL'
    const first = rtctl(node(), APPLY, {at: 'intent move-images', command})
    mend.push(async () => {
      rmSync(there, {force: true})
      await first
    })
    await eventually(60_000, () => expect(existsSync(there)).toBe(true))
    for (const argv of [APPLY, ROLLBACK, ['migrate', 'resume']]) {
      const second = await rtctl(node(), argv)
      expect([second.code, second.stderr], argv.join(' ')).toEqual([REFUSED, expect.stringMatching(/Another rtctl \(pid \d+\) works on a migration/)])
    }
    expect(JSON.parse(await node().output('rtctl', 'migrate', 'status', '--json'))).toMatchObject({state: 'running', step: {id: 'move-images'}})
    rmSync(there)
    // interrupted with Ctrl-C by then
    expect((await first).code).toBe(ROLLED_BACK)
    await isAsBefore()
  })

  describe('refuses', () => {
    const PLAN = '/tmp/plan.json'
    const withPlan = ['migrate', '--plan', PLAN, '--apply', '--yes', '--no-drain']
    /** It says that, begins nothing and changes nothing. */
    const refuses = async (argv: readonly string[], why: RegExp, code = REFUSED) => {
      const [state, files, count] = [await stateOf(node()), treeOf(node()), migrations(node()).length]
      const outcome = await rtctl(node(), argv)
      expect(outcome.stderr).toMatch(why)
      expect(outcome.code).toBe(code)
      expect(treeChanges(node(), files, treeOf(node()))).toEqual([])
      expect(await stateOf(node())).toEqual(state)
      expect(migrations(node())).toHaveLength(count)
    }
    const makePlan = async () => writeFileSync(node().path(PLAN), (await rtctl(node(), ['migrate', '--to', 'containerd', '-o', 'json'])).stdout)
    const edit = (path: string, from: string | RegExp, to: string) => {
      const text = readFileSync(node().path(path), 'utf8')
      expect(text).toMatch(from)
      writeFileSync(node().path(path), text.replace(from, to))
      mend.push(async () => writeFileSync(node().path(path), text))
    }

    test('a plan that does not hold any more', async () => {
      await makePlan()
      edit('/etc/docker/daemon.json', '"20m"', '"30m"')
      await refuses(withPlan, /plan/i)
    })

    test('a plan that was edited', async () => {
      await makePlan()
      edit(PLAN, 'kubeadm-flags.env', 'kubeadm-flags.en2')
      await refuses(withPlan, /plan/i)
    })

    test('the plan of another node', async () => {
      await makePlan()
      await node().output('hostname', 'node-2')
      mend.push(() => node().output('hostname', 'node-1'))
      await refuses(withPlan, /node-1/)
    })

    test('to begin where a question cannot be asked', async () => {
      await refuses(['migrate', '--to', 'containerd', '--apply', '--no-drain'], /Nobody can be asked/)
    })

    test('to begin anew where a migration was interrupted', async () => {
      await rtctl(node(), APPLY, {at: 'intent remove-pods', command: KILL_9})
      await refuses(APPLY, /Migration \S+ of this machine is not finished: it is interrupted[^]*migrate resume[^]*migrate rollback/)
      await succeeds(ROLLBACK)
      await isAsBefore()
    })

    test('a journal that cannot be trusted, and takes it back when its files are whole again', async () => {
      await rtctl(node(), APPLY, {at: 'done stop-docker-service', command: KILL_9})
      const [folder = ''] = migrations(node()).slice(-1)
      const saved = `${node().path('/tmp')}/migration`
      cpSync(folder, saved, {recursive: true})
      const lines = readFileSync(`${folder}/journal.jsonl`, 'utf8').trimEnd().split('\n')
      const plan = readFileSync(`${folder}/plan.json`, 'utf8')
      const text = (rows: readonly string[]) => `${rows.join('\n')}\n`
      const changed = (index: number, from: string | RegExp, to: string) => text(lines.with(index, lines[index]?.replace(from, to) ?? ''))
      const cases: readonly [name: string, file: string, content: string, why: RegExp][] = [
        ['a line is missing', 'journal.jsonl', text(lines.toSpliced(2, 1)), /cannot be trusted.*line 3/],
        ['a line is no JSON', 'journal.jsonl', text(lines.with(3, lines[3]?.slice(0, 20) ?? '')), /cannot be trusted.*line 4/],
        ['of another version', 'journal.jsonl', changed(0, 'rtctl-journal/1', 'rtctl-journal/2'), /another version of rtctl/],
        ['of a kind to come', 'journal.jsonl', changed(2, /"kind":"\w+"/, '"kind":"moved"'), /of a kind that this rtctl does not know/],
        ['its plan was edited', 'plan.json', plan.replace('kubeadm-flags', 'kubeadm_flags'), /plan\.json is not the plan that was begun/],
      ]
      for (const [name, file, content, why] of cases) {
        writeFileSync(`${folder}/${file}`, content)
        for (const argv of [ROLLBACK, ['migrate', 'resume']]) {
          await refuses(argv, why).catch((error: unknown) => { throw new Error(`${name}: ${String(error)}`, {cause: error}) })
        }
        cpSync(saved, folder, {recursive: true})
      }
      // what a power failure leaves of the last line
      writeFileSync(`${folder}/journal.jsonl`, `${text(lines)}{"seq":${lines.length + 1},"at":"20`)
      await succeeds(ROLLBACK)
      await isAsBefore()
    })
  })
})
