// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {type DaemonKey, DAEMON_KEYS} from '../../../src/checks/tables/daemon-keys.ts'
import {LOG_DRIVERS} from '../../../src/checks/tables/log-drivers.ts'
import type {NodeNeeds} from '../../../src/model/migration/needs.ts'
import {daemonFates} from '../../../src/needs/daemon-fates.ts'
import {dockerNode, needsOf, verdictOf} from './support.ts'

const VALUES: Readonly<Record<DaemonKey['kind'], unknown>> = {text: '/somewhere/else', number: 77, switch: true, list: ['something'], map: {something: 'else'}}
/** Where the value decides: one that is taken. */
const OWN: Readonly<Record<string, unknown>> = {
  'registry-mirrors': ['https://mirror.example.com'], 'insecure-registries': ['registry.example.com:5000'], 'storage-driver': 'overlay2', 'exec-opts': ['native.cgroupdriver=systemd'],
  'log-driver': 'json-file', 'log-opts': {'max-size': '10m'}, hosts: ['tcp://0.0.0.0:2375'], 'log-format': 'json', 'log-level': 'warn',
}
/** Where nobody writes down what the table of checks knows a way for, or where it says less: a fate that is more honest. */
const OTHERWISE: Readonly<Record<string, readonly [string, string]>> = {
  'max-concurrent-downloads': ['translated', 'none'], 'exec-root': ['none', 'none'], 'storage-opts': ['none', 'none'], 'no-new-privileges': ['none', 'none'],
  'seccomp-profile': ['none', 'translated'], 'userns-remap': ['none', 'none'], 'oom-score-adjust': ['translated', 'none'], 'ip-forward': ['host', 'host'],
}
/** What to do: an order, or that there is nothing to be done. */
const TELLS = /: (?:[a-z]|\S+ (?:is|are) )|nothing has to be done/

const useOf = (key: string, value: unknown) => ({key, value: value as string, settings: []})

describe('every key of daemon.json', () => {
  test.each(DAEMON_KEYS.map((row) => [row.key, row] as const))('%s has a fate for each target, as the table of checks knows it', (key, {kind, containerd, criO}) => {
    const fates = daemonFates(useOf(key, OWN[key] ?? VALUES[kind]))
    expect([fates?.containerd.fate, fates?.['cri-o'].fate]).toEqual(OTHERWISE[key] ?? [containerd, criO])
    for (const {fate, reason} of Object.values(fates ?? {})) {
      expect(reason).toMatch(/^[\p{L}].{20,}\.$/u)
      if (fate === 'none') expect(reason).toMatch(TELLS)
    }
  })

  test('is told once where it is in the file, with its line and without a secret', async () => {
    const daemon = '{\n  "bip": "172.31.0.1/24",\n  "https-proxy": "http://me:geheim@proxy.example.com:3128",\n  "log-opts": {"splunk-token": "geheim", "tag": "x"}\n}\n'
    const needs = await needsOf(dockerNode({daemon}))
    expect(verdictOf(needs, 'daemon.json bip')).toMatchObject({value: '172.31.0.1/24', source: '/etc/docker/daemon.json:2', verdict: {containerd: {fate: 'not-needed'}}})
    expect(verdictOf(needs, 'daemon.json https-proxy').value).toBe('http://…@proxy.example.com:3128')
    expect(verdictOf(needs, 'daemon.json log-opts').value).toBe('{"splunk-token":"…","tag":"x"}')
    expect(JSON.stringify([needs.verdicts, needs.remarks])).not.toContain('geheim')
  })

  test('that nobody knows says what to do for each target', async () => {
    const needs = await needsOf(dockerNode({daemon: {'made-up': {a: 1}}}))
    const {verdict, value} = verdictOf(needs, 'daemon.json made-up')
    expect(value).toBe('{"a":1}')
    expect(verdict.containerd).toMatchObject({fate: 'none', reason: expect.stringContaining('configure containerd by hand') as string})
    expect(verdict['cri-o']).toMatchObject({fate: 'none', reason: expect.stringContaining('configure CRI-O by hand') as string})
    expect(verdict['cri-dockerd'].fate).toBe('stays')
  })

  test('keeps a name like __proto__ for a row, not for more', async () => {
    const needs = await needsOf(dockerNode({daemon: '{"__proto__": {"x": 1}, "constructor": 1}'}))
    expect(verdictOf(needs, 'daemon.json __proto__').verdict.containerd.fate).toBe('none')
    expect(verdictOf(needs, 'daemon.json constructor').verdict.containerd.fate).toBe('none')
  })

  test('has a row for a flag, with the file that puts it on the command line', async () => {
    const needs = await needsOf(dockerNode({
      dockerd: '--registry-mirror=https://a.example --registry-mirror https://b.example --live-restore --made-up=1',
      files: {'/usr/lib/systemd/system/docker.service': '[Service]\nEnvironmentFile=-/etc/default/docker\nExecStart=/usr/bin/dockerd $DOCKER_OPTS\n', '/etc/default/docker': 'DOCKER_OPTS="--registry-mirror=https://a.example"\n'},
    }))
    expect(verdictOf(needs, 'dockerd --registry-mirror')).toMatchObject({value: 'https://a.example, https://b.example', source: '/etc/default/docker:1'})
    expect(verdictOf(needs, 'dockerd --live-restore').verdict.containerd.fate).toBe('not-needed')
    expect(verdictOf(needs, 'dockerd --made-up').verdict.containerd.fate).toBe('none')
  })

  test('of the file is not what counts where a flag says otherwise', async () => {
    const needs = await needsOf(dockerNode({daemon: {'log-level': 'debug'}, dockerd: '--log-level=error'}))
    expect(verdictOf(needs, 'daemon.json log-level').verdict.containerd.reason).toMatch(/A flag of dockerd says otherwise \(argv of pid 812\)/)
    expect(needs.logLevel).toEqual({value: 'error', source: 'argv of pid 812'})
  })

  test('that says what is so anyway needs nothing', async () => {
    const needs = await needsOf(dockerNode({daemon: {'max-concurrent-downloads': 3, 'live-restore': false, 'data-root': '/var/lib/docker'}}))
    for (const key of ['max-concurrent-downloads', 'live-restore', 'data-root']) {
      const same = {fate: 'not-needed', reason: expect.stringContaining('without it') as string}
      expect(verdictOf(needs, `daemon.json ${key}`).verdict).toMatchObject({containerd: same, 'cri-o': same})
    }
  })
})

describe('a fate that goes by the value', () => {
  const reasonOf = (key: string, value: unknown) => daemonFates(useOf(key, value))?.containerd

  test('names the ranges among insecure registries, but not the loopback one', () => {
    expect(reasonOf('insecure-registries', ['r.example:5000', '10.0.0.0/8', 'fd00::/8'])?.reason).toContain('10.0.0.0/8, fd00::/8 are ranges')
    expect(reasonOf('insecure-registries', ['127.0.0.0/8'])?.reason).not.toContain('range')
  })

  test.each(['devicemapper', 'aufs', 'zfs', 'btrfs', 'vfs', 'made-up'])('has nothing for the storage driver %s', (driver) => {
    expect(reasonOf('storage-driver', driver)?.fate).toBe('none')
  })

  test.each([
    ['journald', 'the journal of the host'], ['loki:latest', 'Loki'], ['own/plugin', 'a logging plugin of Docker'],
  ])('says where the log driver %s writes to', (driver, where) => {
    expect(LOG_DRIVERS.length).toBeGreaterThan(5)
    expect(reasonOf('log-driver', driver)).toMatchObject({fate: 'none', reason: expect.stringContaining(where) as string})
  })

  test('names options of logs that have no equivalent', () => {
    expect(reasonOf('log-opts', {'max-size': '1m', labels: 'a', tag: 'b'})).toMatchObject({fate: 'kubelet', reason: expect.stringContaining('Labels, tag have no equivalent') as string})
    expect(reasonOf('log-opts', {tag: 'b'})).toMatchObject({fate: 'none', reason: expect.stringContaining('Tag has no equivalent') as string})
  })

  test('takes exec-opts other than the cgroup driver for lost', () => {
    expect(reasonOf('exec-opts', ['native.cgroupdriver=systemd', 'isolation=process'])).toMatchObject({fate: 'none', reason: expect.stringContaining('isolation=process') as string})
  })

  test('has clients of an API over the network lose it, and nobody else', () => {
    expect(reasonOf('hosts', ['unix:///var/run/docker.sock', 'fd://'])?.fate).toBe('not-needed')
    expect(reasonOf('hosts', ['unix:///var/run/docker.sock', 'tcp://0.0.0.0:2376'])?.fate).toBe('none')
  })
})

describe('docker.service', () => {
  const UNIT = '[Unit]\nAfter=network-online.target\n[Service]\nType=notify\nExecStart=/usr/bin/dockerd -H fd://\nLimitCORE=infinity\n'
  const withDropIn = (text: string, more = UNIT) => needsOf(dockerNode({
    files: {'/usr/lib/systemd/system/docker.service': more, '/etc/systemd/system/docker.service.d/10-own.conf': text}, processes: {640: '/usr/bin/other'},
  }))
  const fateOf = async (needs: Promise<NodeNeeds>, key: string) => verdictOf(await needs, `docker.service ${key}`).verdict.containerd

  test('has a row for what containers notice, none for the rest of the unit', async () => {
    const needs = await needsOf(dockerNode({files: {'/usr/lib/systemd/system/docker.service': UNIT}}))
    expect(needs.verdicts.filter(({setting}) => setting.startsWith('docker.service')).map(({setting}) => setting)).toEqual(['docker.service LimitCORE'])
  })

  test('has a row for everything that a drop-in says', async () => {
    const needs = withDropIn('[Unit]\nRequiresMountsFor=/data\n[Service]\nExecStartPost=/bin/true\nMadeUp=1\nRestart=always\nSlice=own.slice\n[Install]\nWantedBy=x.target\n')
    expect((await fateOf(needs, 'RequiresMountsFor')).fate).toBe('not-needed')
    expect((await fateOf(needs, 'ExecStartPost')).reason).toMatch(/runs a command/)
    expect(await fateOf(needs, 'MadeUp')).toMatchObject({fate: 'none', reason: expect.stringContaining('rtctl does not carry it over') as string})
    expect((await fateOf(needs, 'Restart')).fate).toBe('not-needed')
    expect((await fateOf(needs, 'Slice')).reason).toMatch(/confines/)
    expect((await fateOf(needs, 'WantedBy')).fate).toBe('not-needed')
    expect(verdictOf(await needs, 'docker.service MadeUp')).toMatchObject({value: '1', source: '/etc/systemd/system/docker.service.d/10-own.conf:5'})
  })

  test('hands its limits to containers where dockerd starts them itself', async () => {
    const needs = withDropIn('[Service]\nLimitNOFILE=65536\nLimitNPROC=infinity\nLimitMEMLOCK=64M\nOOMScoreAdjust=-700\n')
    expect((await fateOf(needs, 'LimitNOFILE')).fate).toBe('translated')
    expect((await fateOf(needs, 'LimitNPROC')).fate).toBe('not-needed')
    expect(await fateOf(needs, 'LimitMEMLOCK')).toMatchObject({fate: 'none', reason: expect.stringContaining('drop-in') as string})
    expect(verdictOf(await needs, 'docker.service OOMScoreAdjust').verdict).toMatchObject({containerd: {fate: 'translated'}, 'cri-o': {fate: 'none'}})
    expect((await fateOf(withDropIn('[Service]\nOOMScoreAdjust=-500\n'), 'OOMScoreAdjust')).fate).toBe('not-needed')
    expect((await needs).oomScore).toEqual({value: -700, source: '/etc/systemd/system/docker.service.d/10-own.conf:5'})
  })

  test('keeps MountFlags for itself', async () => {
    expect((await fateOf(withDropIn('[Service]\nMountFlags=slave\n'), 'MountFlags')).reason).toMatch(/needs shared mounts/)
    expect((await fateOf(withDropIn('[Service]\nMountFlags=shared\n'), 'MountFlags')).reason).toMatch(/shared without it/)
  })

  test.each([
    ['Environment="HTTP_PROXY=http://a:b@p:3128"', 'translated', /Proxies become/], ['Environment=DOCKER_OPTS=--debug', 'not-needed', /dockerd alone/],
    ['Environment=HTTP_PROXY=http://p GODEBUG=x SECRET_TOKEN=abc', 'none', /GODEBUG, SECRET_TOKEN are not carried over/], ['EnvironmentFile=-/etc/default/docker', 'not-needed', /rows of their own/],
    ['EnvironmentFile=/opt/own.env', 'none', /nothing else: write/],
  ])('tells of %s', async (line, fate, words) => {
    const needs = await withDropIn(`[Service]\n${line}\n`)
    const {verdict, value} = verdictOf(needs, `docker.service ${line.slice(0, line.indexOf('='))}`)
    expect(verdict.containerd.fate).toBe(fate)
    expect(verdict.containerd.reason).toMatch(words)
    expect(value).not.toMatch(/a:b@|TOKEN=abc/)
  })

  test('has rows for drop-ins of its socket', async () => {
    const needs = await needsOf(dockerNode({files: {
      '/usr/lib/systemd/system/docker.socket': '[Socket]\nListenStream=/run/docker.sock\n', '/etc/systemd/system/docker.socket.d/a.conf': '[Socket]\nListenStream=2375\n',
    }}))
    expect(verdictOf(needs, 'docker.socket ListenStream')).toMatchObject({value: '2375', verdict: {containerd: {fate: 'not-needed'}, 'cri-dockerd': {fate: 'stays', reason: 'docker.socket stays, and has it.'}}})
  })
})

describe('flags of the kubelet', () => {
  test('that went with dockershim say where they go', async () => {
    const needs = await needsOf(dockerNode({
      kubelet: '--cni-bin-dir=/opt/a,/opt/b --image-pull-progress-deadline=5m --docker-endpoint=unix:///x.sock --pod-infra-container-image=p:1 --network-plugin-mtu=1400 --v=2',
    }))
    expect(verdictOf(needs, 'kubelet --cni-bin-dir').verdict).toMatchObject({containerd: {fate: 'translated'}, 'cri-o': {reason: expect.stringContaining('plugin_dirs') as string}, 'cri-dockerd': {fate: 'translated'}})
    expect(verdictOf(needs, 'kubelet --docker-endpoint').verdict).toMatchObject({containerd: {fate: 'not-needed'}, 'cri-dockerd': {fate: 'none'}})
    expect(verdictOf(needs, 'kubelet --network-plugin-mtu').verdict.containerd.fate).toBe('none')
    expect(verdictOf(needs, 'kubelet --pod-infra-container-image').verdict['cri-o'].fate).toBe('translated')
    expect(needs.pullProgressTimeout).toEqual({value: '5m', source: '/var/lib/kubelet/kubeadm-flags.env:1'})
    expect(needs.verdicts.filter(({setting}) => setting === 'kubelet --v')).toEqual([])
  })

  test('that nothing is known of but that they go have what the table says', async () => {
    const needs = await needsOf(dockerNode({kubelet: '--dynamic-config-dir=/x'}))
    expect(verdictOf(needs, 'kubelet --dynamic-config-dir').verdict.containerd).toMatchObject({fate: 'none', reason: expect.stringContaining('1.24') as string})
  })

  test('that run without a file have the process for a source, and are named', async () => {
    const needs = await needsOf(dockerNode({kubelet: '--cni-conf-dir=/etc/own', files: {'/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS=""\n'}}))
    expect(verdictOf(needs, 'kubelet --cni-conf-dir').source).toBe('argv of pid 700')
    expect(needs.kubelet.flags.find(({name}) => name === 'cni-conf-dir')?.source).toBe('argv of pid 700')
    expect(needs.remarks.find(({text}) => text.includes('--cni-conf-dir'))?.level).toBe('note')
  })
})
