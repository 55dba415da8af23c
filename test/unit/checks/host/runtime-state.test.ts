// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {checks as withoutDaemon} from '../../../../src/checks/host/container-without-daemon.ts'
import {checks as crictl} from '../../../../src/checks/host/crictl-endpoint.ts'
import {checks as dataLeft} from '../../../../src/checks/host/docker-data-left.ts'
import {checks as idle} from '../../../../src/checks/host/idle-shim.ts'
import {checks as limits} from '../../../../src/checks/host/lower-process-limit.ts'
import {checks as overlay} from '../../../../src/checks/host/overlay-unusable.ts'
import {checks as fit} from '../../../../src/checks/host/images-do-not-fit.ts'
import {checks as autoremoved} from '../../../../src/checks/host/containerd-autoremoved.ts'
import type {NodeExample} from '../../../../src/model/check.ts'
import {outcomesOf, problemsOf} from './on-host.ts'

const KERNEL = {'/proc/filesystems': 'nodev\toverlay\n\text4\n'}
const ROOT = '28 1 8:1 / / rw - ext4 /dev/sda1 rw\n'
const ID = 'a'.repeat(64)

describe('containers without a daemon', () => {
  const shim = (namespace: string) => `/usr/bin/containerd-shim-runc-v2 -namespace ${namespace} -id ${ID} -address /run/containerd/containerd.sock`

  test('of the control plane keep the node from coming up', async () => {
    const labels = '"io.kubernetes.pod.name":"etcd-n","io.kubernetes.pod.namespace":"kube-system","io.kubernetes.pod.uid":"u","io.kubernetes.container.name":"etcd"'
    const found = await problemsOf(withoutDaemon, {
      processes: {640: '/usr/bin/containerd', 700: shim('moby'), 710: {argv: ['etcd'], ppid: 700, cgroup: `/system.slice/docker-${ID}.scope`}},
      files: {[`/var/lib/docker/containers/${ID}/config.v2.json`]: `{"ID":"${ID}","Name":"/k8s_etcd","State":{"Running":true,"Pid":710},"Config":{"Image":"e","Labels":{${labels}}}}`},
    })
    expect(found).toMatchObject([{severity: 'blocker', text: expect.stringContaining('kube-system/etcd-n')}])
  })

  test('have a key without pids and counts', async () => {
    const keys = async (...pids: number[]) => (await problemsOf(withoutDaemon, {processes: Object.fromEntries(pids.map((pid) => [pid, shim('moby')]))})).map(({key}) => key)
    expect(await keys(700)).toEqual(await keys(800, 801))
    expect(await keys(700)).toEqual(['shim-without-daemon: containerd at /run/containerd/containerd.sock'])
  })
})

describe('shims without a child', () => {
  const example: NodeExample = {processes: {640: '/usr/bin/containerd', 700: `/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${ID} -address /run/containerd/containerd.sock`}}
  test('cannot be told from starting ones without the time of the host', async () => {
    expect(await outcomesOf(idle, {...example, files: {'/proc/uptime': {unreadable: true}}})).toMatchObject([{state: 'unknown', source: '/proc/uptime'}])
  })
  test('of Kata have their sandbox elsewhere', async () => {
    expect(await outcomesOf(idle, {processes: {700: '/usr/bin/containerd-shim-kata-v2 -namespace k8s.io -id x'}, files: {'/proc/uptime': '9000.1 1.0\n'}})).toEqual([])
  })
})

describe('limits of processes', () => {
  const text = (files: string, core = 'unlimited') => `Limit  Soft Limit  Hard Limit  Units\nMax core file size  ${core}  unlimited  bytes\nMax open files  ${files}  ${files}  files\n`
  const example = (unit: string, files: string, more: NodeExample['files'] = {}, upgrade: NodeExample['upgrade'] = {}): NodeExample => ({
    processes: {640: {argv: ['/usr/bin/containerd'], files: {limits: text(files)}}, 650: '/usr/bin/dockerd --containerd=/run/containerd/containerd.sock'},
    files: {'/usr/lib/systemd/system/containerd.service': `[Service]\n${unit}\n`, ...more}, upgrade,
  })

  test('are told with both numbers', async () => {
    expect(await problemsOf(limits, example('', 'unlimited'))).toMatchObject([{key: 'nofile', text: 'Containers of Docker may open unlimited files, those of containerd will start with 1024.'}])
  })

  test.each<[string, NodeExample, number]>([
    ['a default of systemd that is high enough', example('', '1048576', {'/etc/systemd/system.conf': '[Manager]\nDefaultLimitNOFILE=1048576:1048576\n'}), 0],
    ['a default of systemd in a drop-in that is too low', example('', '1048576', {'/etc/systemd/system.conf.d/x.conf': '[Manager]\nDefaultLimitNOFILE=4096:524288\n'}), 1],
    ['what daemon.json sets, which is told elsewhere', example('', '1048576', {'/etc/docker/daemon.json': '{"default-ulimits":{"nofile":{"Soft":1048576}}}'}), 0],
    ['CRI-O that is not here yet', example('', '1048576', {}, {target: 'cri-o'}), 0],
    ['CRI-O whose unit has none', example('LimitNOFILE=infinity', '1048576', {'/usr/lib/systemd/system/crio.service': '[Service]\nLimitCORE=infinity\n'}, {target: 'cri-o'}), 1],
    ['nonsense in the unit', example('LimitNOFILE=many', '1048576'), 0],
  ])('of %s', async (_, one, count) => expect(await problemsOf(limits, one)).toHaveLength(count))

  test('that may not be read leave it undecided', async () => {
    const one = {...example('', '1'), processes: {640: {argv: ['/usr/bin/containerd'], files: {limits: {unreadable: true as const}}}, 650: '/usr/bin/dockerd --containerd=/run/containerd/containerd.sock'}}
    expect(await outcomesOf(limits, one)).toMatchObject([{state: 'unknown'}, {state: 'unknown'}])
  })
})

describe('storage', () => {
  const disks = `${ROOT}40 28 8:17 / /var/lib/docker rw - ext4 /dev/sdb1 rw\n`
  const example = (answer?: string): NodeExample => ({
    processes: {650: '/usr/bin/dockerd'}, files: {'/proc/1/mountinfo': disks, ...KERNEL}, ...(answer !== undefined && {answers: {'command stat -f / /var/lib/docker': answer}}),
  })

  test('is too small where what is in use does not fit', async () => {
    const [found] = await problemsOf(fit, example('1073741824 200 10\n1073741824 100 50\n'))
    expect(found!.text).toBe("50.0 GiB are in use on Docker's disk (/var/lib/docker), more than the 10.0 GiB that are free where /var/lib/containerd lies (/).")
    expect(await outcomesOf(fit, example('1073741824 90 50\n1073741824 100 50\n'))).toEqual([])
  })

  test('is not known without sizes', async () => expect(await outcomesOf(fit, example())).toMatchObject([{state: 'unknown'}]))

  test('on ZFS may do', async () => {
    expect(await problemsOf(overlay, {files: {'/proc/1/mountinfo': '28 1 0:30 / / rw - zfs tank/root rw\n', ...KERNEL}})).toMatchObject([{severity: 'medium'}])
  })

  test('of another target is no matter', async () => {
    expect(await problemsOf(overlay, {upgrade: {target: 'cri-o'}, files: {'/proc/1/mountinfo': `${ROOT}30 28 0:40 / /var/lib/containerd rw - nfs4 s:/x rw\n`, ...KERNEL}})).toEqual([])
  })

  test('of a Docker that has only a configuration is not left over', async () => {
    expect(await problemsOf(dataLeft, {files: {'/etc/docker/daemon.json': '{}', '/proc/1/mountinfo': ROOT}})).toEqual([])
  })
})

describe('crictl', () => {
  test.each<[string, NodeExample['upgrade'], number]>([
    ['unix:///run/k3s/containerd/containerd.sock', {}, 0], ['/run/containerd/containerd.sock', {}, 0], ['unix:///run/cri-dockerd.sock', {target: 'cri-dockerd'}, 0],
    ['unix:///run/cri-dockerd.sock', {}, 1], ['unix:///run/containerd/containerd.sock', {target: 'cri-o'}, 1],
  ])('with %s for %j', async (endpoint, upgrade, count) => {
    expect(await problemsOf(crictl, {files: {'/etc/crictl.yaml': `runtime-endpoint: ${endpoint}\n`}, upgrade: upgrade!})).toHaveLength(count)
  })

  test('that cannot be read is undecided', async () => expect(await outcomesOf(crictl, {files: {'/etc/crictl.yaml': ': ['}})).toMatchObject([{state: 'unknown', source: '/etc/crictl.yaml'}]))
})

describe('packages', () => {
  test('are told by the names they have here', async () => {
    const files = {'/var/lib/dpkg/info/docker-ce.md5sums': 'x', '/var/lib/dpkg/info/containerd.io.md5sums': 'x', '/var/lib/apt/extended_states': 'Package: containerd.io\nAuto-Installed: 1\n', '/var/lib/dpkg/status': ''}
    expect(await problemsOf(autoremoved, {files})).toMatchObject([{key: 'containerd.io', fix: expect.stringContaining('apt-mark manual containerd.io'), text: expect.stringContaining('docker-ce')}])
    expect(await outcomesOf(autoremoved, {files, upgrade: {target: 'cri-o'}})).toEqual([])
  })
})
