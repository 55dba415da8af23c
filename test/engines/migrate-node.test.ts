// SPDX-License-Identifier: Apache-2.0
import {chmodSync, existsSync, readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, test} from 'vitest'
import {eventually, outcomeOf} from './harness/run.ts'
import {IMAGES, PODS} from './node/files.ts'
import {criPodNames, dockerPodNames, removeAbandonedNodes} from './node/node.ts'
import {stateOf, treeChanges, treeOf} from './node/state.ts'
import {withNode} from './node/suite.ts'

const words = (text: string) => text.trim().split(/\s+/)

describe('the node that migrations are tested on', () => {
  const node = withNode()
  const systemctl = (...argv: string[]) => node().run(['systemctl', ...argv])
  const states = async (verb: string, ...units: string[]) => words((await systemctl(verb, ...units)).stdout)

  // docker.service may be started three times in a minute
  beforeEach(() => systemctl('reset-failed'))

  test('is one of dockershim to rtctl', async () => {
    const report = JSON.parse(await node().output('rtctl', 'inspect', '-o', 'json'))
    expect(report.chain.chains.map(({title}: {title: string}) => title)).toEqual(['Kubernetes through dockershim', 'Docker'])
    expect(await dockerPodNames(node())).toEqual(PODS)
    expect(await criPodNames(node())).toEqual([])
  })

  test('has dockerd started by its socket until that is stopped, too', async () => {
    await node().output('systemctl', 'stop', 'kubelet', 'docker.service')
    expect(await states('is-active', 'docker.socket', 'docker.service')).toEqual(['active', 'inactive'])
    expect(await node().output('docker', 'version', '--format', '{{.Server.Version}}')).toMatch(/^20\.10\./)
    expect(await states('is-active', 'docker.service')).toEqual(['active'])

    // what requires a unit stops with it; the socket's file stays
    await node().output('systemctl', 'stop', 'docker.socket')
    expect(await states('is-active', 'docker.socket', 'docker.service')).toEqual(['inactive', 'inactive'])
    expect((await node().run(['docker', 'version'])).stderr).toMatch(/Cannot connect/)
    expect(existsSync(node().path('/run/docker.sock'))).toBe(true)

    await node().output('systemctl', 'start', 'docker.service', 'kubelet')
    expect(await states('is-active', 'docker.socket', 'docker.service')).toEqual(['active', 'active'])
    await node().settled()
  })

  test('refuses to start a socket whose service runs already', async () => {
    writeFileSync(node().path('/run/systemd/system/late.service'), '[Service]\nExecStart=/bin/sleep 1000\n')
    writeFileSync(node().path('/run/systemd/system/late.socket'), '[Socket]\nListenStream=/run/late.sock\n')
    await node().output('systemctl', 'start', 'late.service')
    expect(await systemctl('start', 'late.socket')).toMatchObject({code: 1, stderr: expect.stringContaining('already active, refusing')})
    await node().output('systemctl', 'stop', 'late.service')
  })

  test('keeps enablement in links, and starts nothing that is masked', async () => {
    const before = treeOf(node())
    await node().output('systemctl', 'stop', 'docker.socket', 'kubelet')
    await node().output('systemctl', 'disable', 'docker.service', 'docker.socket')
    await node().output('systemctl', 'mask', 'docker.service', 'docker.socket')
    expect(treeChanges(node(), before, treeOf(node()))).toEqual([
      '+ /etc/systemd/system/docker.service', '+ /etc/systemd/system/docker.socket',
      '- /etc/systemd/system/multi-user.target.wants/docker.service', '- /etc/systemd/system/sockets.target.wants',
    ])
    expect(await systemctl('start', 'docker')).toMatchObject({code: 1, stderr: 'Failed to start docker.service: Unit docker.service is masked.\n'})
    expect(await systemctl('enable', 'docker')).toMatchObject({code: 1, stderr: expect.stringContaining('is masked')})
    expect(await systemctl('mask', 'kubelet')).toMatchObject({code: 1, stderr: expect.stringContaining('already exists')})
    expect(await states('is-enabled', 'docker.service', 'docker.socket', 'kubelet.service')).toEqual(['masked', 'masked', 'enabled'])
    expect((await systemctl('show', '--property=LoadState,ActiveState', 'nothing.service')).stdout).toBe('LoadState=not-found\nActiveState=inactive\n')

    await node().output('systemctl', 'unmask', 'docker.service')
    expect(await systemctl('start', 'docker')).toMatchObject({code: 1, stderr: 'Failed to start docker.service: Unit docker.socket is masked.\n'})
    await node().output('systemctl', 'unmask', 'docker.socket')
    await node().output('systemctl', 'enable', '--now', 'docker.socket', 'docker.service')
    await node().output('systemctl', 'start', 'kubelet')
    expect(treeChanges(node(), before, treeOf(node()))).toEqual([])
    await node().settled()
  })

  test('reads a changed unit only when it is told to, and tells of one that does not start', async () => {
    const dropIn = node().path('/run/systemd/system/sleeper.service.d/a.conf')
    const unit = '[Service]\nType=simple\nEnvironment=LONG=1000\nExecStart=/bin/sleep ${LONG}\nLimitNOFILE=77\n'
    writeFileSync(node().path('/run/systemd/system/sleeper.service'), unit)
    await node().output('systemctl', 'start', 'sleeper')
    const pid = async () => (await node().output('systemctl', 'show', '-p', 'MainPID', '--value', 'sleeper')).trim()
    expect(readFileSync(node().path(`/proc/${await pid()}/limits`), 'utf8')).toMatch(/Max open files\s+77 /)

    await node().output('mkdir', '-p', '/run/systemd/system/sleeper.service.d')
    writeFileSync(dropIn, '[Service]\nType=notify\nTimeoutStartSec=1\n')
    await node().output('systemctl', 'restart', 'sleeper')
    await node().output('systemctl', 'daemon-reload')
    expect(await systemctl('restart', 'sleeper')).toMatchObject({code: 1, stderr: expect.stringContaining('a timeout was exceeded')})
    expect(await states('is-active', 'sleeper')).toEqual(['failed'])
    writeFileSync(dropIn, '[Service]\nExecStart=\nExecStart=/bin/false\nRestart=always\nRestartSec=0\nStartLimitBurst=3\n')
    await node().output('systemctl', 'daemon-reload')
    await systemctl('start', 'sleeper')
    await eventually(5000, async () => expect(await states('is-active', 'sleeper')).toEqual(['failed']))
    expect(await node().output('systemctl', 'show', '-p', 'Result', 'sleeper')).toBe('Result=start-limit-hit\n')
  })

  test('shows a changed byte, a changed mode and a new file', () => {
    const before = treeOf(node())
    writeFileSync(node().path('/etc/hostname'), 'node-2\n')
    chmodSync(node().path('/etc/docker/daemon.json'), 0o644)
    writeFileSync(node().path('/usr/local/new'), '')
    expect(treeChanges(node(), before, treeOf(node())).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '~ /etc/docker/daemon.json', '~ /etc/hostname', '+ /usr/local/new',
    ])
  })

  test('has its pods on the runtime that the flags of the kubelet name, and after a reboot, too', async () => {
    const state = await stateOf(node())
    expect(state).toMatchObject({dockerPods: PODS, criImages: [], links: ['docker0', 'lo'], forward: '1'})
    expect(state.rules).toContain(':FORWARD DROP')

    const flags = node().path('/var/lib/kubelet/kubeadm-flags.env')
    const config = node().path('/etc/containerd/config.toml')
    await node().output('systemctl', 'stop', 'kubelet')
    await node().output('sh', '-c', `docker save ${Object.values(IMAGES).join(' ')} | ctr -n k8s.io images import -`)
    await node().output('sh', '-c', 'docker rm -f $(docker ps -aq --filter label=io.kubernetes.pod.uid)')
    writeFileSync(config, readFileSync(config, 'utf8').replace(/cri"\]\n/, `$&sandbox_image = "${IMAGES.pause}"\n`))
    await node().output('systemctl', 'restart', 'containerd')
    writeFileSync(flags, readFileSync(flags, 'utf8').replace(/"$/m, ' --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock"'))
    await node().output('systemctl', 'start', 'kubelet')
    await eventually(30_000, async () => expect(await criPodNames(node())).toEqual(PODS))
    expect(await dockerPodNames(node())).toEqual([])

    const boot = readFileSync(node().path('/proc/sys/kernel/random/boot_id'), 'utf8')
    await node().reboot()
    expect(readFileSync(node().path('/proc/sys/kernel/random/boot_id'), 'utf8')).not.toBe(boot)
    expect(await criPodNames(node())).toEqual(PODS)
  })
})

describe('a node whose tests are killed', () => {
  withNode()

  test('ends with them, and its traces with the next run', async () => {
    const script = `
      const {startNode} = await import(${JSON.stringify(join(import.meta.dirname, 'node/node.ts'))})
      const node = await startNode()
      console.log(node.directory)
      process.kill(process.pid, 'SIGKILL')`
    const killed = await outcomeOf(process.execPath, ['--input-type=module', '-e', script])
    const directory = killed.stdout.trim()
    expect(killed.signal, killed.stderr).toBe('SIGKILL')
    const cgroups = () => readdirSync('/sys/fs/cgroup').map((name) => join('/sys/fs/cgroup', name, directory.replace('/tmp/', ''))).filter((path) => existsSync(path))
    expect(existsSync(join(directory, 'upper'))).toBe(true)
    expect(cgroups().length).toBeGreaterThan(1)
    const processes = () => cgroups().flatMap((path) => readdirSync(path, {recursive: true, encoding: 'utf8'}).filter((name) => name.endsWith('cgroup.procs'))
      .map((name) => readFileSync(join(path, name), 'utf8'))).join('')
    await eventually(5000, () => expect(processes()).toBe(''))

    removeAbandonedNodes()
    expect([existsSync(directory), ...cgroups()]).toEqual([false])
  })
})
