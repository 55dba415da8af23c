// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import type {NodeExample} from '../../../src/model/check.ts'
import {dockerNode, needsOf, remarksOn, verdictOf} from './support.ts'

const PLACE = '/etc/docker/daemon.json'
const withDaemon = (daemon: object, more: Parameters<typeof dockerNode>[0] = {}) => needsOf(dockerNode({daemon, ...more}))
const UNIT = '/usr/lib/systemd/system/docker.service'
const limits = (soft: string) => [
  'Limit                     Soft Limit           Hard Limit           Units     ', 'Max core file size        unlimited            unlimited            bytes     ',
  `Max open files            ${soft.padEnd(20)} ${soft.padEnd(20)} files     `, '',
].join('\n')

describe('limits', () => {
  test('of containers are soft and hard, -1 for none', async () => {
    const {ulimits} = await withDaemon({'default-ulimits': {nofile: {Soft: 1024, Hard: 2048}, core: {Soft: -1, Hard: -1}, memlock: {Soft: 5}}})
    expect(ulimits).toEqual({
      nofile: {value: {soft: 1024, hard: 2048}, source: `${PLACE}:2`}, core: {value: {soft: -1, hard: -1}, source: `${PLACE}:2`}, memlock: {value: {soft: 5, hard: 5}, source: `${PLACE}:2`},
    })
  })

  test('of containers are taken from flags, too', async () => {
    const {ulimits} = await needsOf(dockerNode({dockerd: '--default-ulimit nofile=100:200 --default-ulimit nproc=50'}))
    expect(ulimits).toEqual({nofile: {value: {soft: 100, hard: 200}, source: 'argv of pid 812'}, nproc: {value: {soft: 50, hard: 50}, source: 'argv of pid 812'}})
  })

  test.each([
    ['LimitNOFILE=65536', {soft: 65536, hard: 65536}], ['LimitNOFILE=1024:infinity', {soft: 1024, hard: -1}], ['LimitNOFILE=infinity', {soft: -1, hard: -1}],
  ])('of the daemon are those of its unit where the process was not looked at: %s', async (line, value) => {
    const needs = await needsOf(dockerNode({files: {[UNIT]: `[Service]\nExecStart=/usr/bin/dockerd\n${line}\n`}}))
    expect(needs.daemonOpenFiles).toEqual({value, source: `${UNIT}:3`})
  })

  test.each([
    ['LimitNOFILE=infinity', '1048576', {soft: 1048576, hard: 1048576}], ['LimitNOFILE=1024:524288', '1024', {soft: 1024, hard: 524288}],
    ['LimitNOFILE=1024:infinity', '4096', {soft: 4096, hard: -1}], ['LimitNOFILE=4096:infinity', 'unlimited', {soft: -1, hard: -1}],
    ['TasksMax=infinity', '1024', {soft: 1024, hard: 524288}], ['LimitNOFILE=nonsense', '2048', {soft: 2048, hard: 524288}], ['TasksMax=infinity', '900000', {soft: 900000, hard: 900000}],
  ])('of a daemon that runs are its own: %s and %s', async (line, soft, value) => {
    const needs = await needsOf(dockerNode({
      files: {[UNIT]: `[Service]\nExecStart=/usr/bin/dockerd\n${line}\n`}, processes: {812: {argv: ['/usr/bin/dockerd', '-H', 'unix:///run/docker.sock'], files: {limits: limits(soft)}}},
    }))
    expect(needs.daemonOpenFiles?.value).toEqual(value)
  })

  test('that systemd gives every service count where the unit says nothing', async () => {
    const needs = await needsOf(dockerNode({
      files: {[UNIT]: '[Service]\nExecStart=/usr/bin/dockerd\n', '/etc/systemd/system.conf': '[Manager]\nDefaultLimitNOFILE=1024:65536\n'},
      processes: {812: {argv: ['/usr/bin/dockerd', '-H', 'unix:///run/docker.sock'], files: {limits: limits('1024')}}},
    }))
    expect(needs.daemonOpenFiles).toEqual({value: {soft: 1024, hard: 65536}, source: 'limits of pid 812'})
  })

  test('of the daemon are those of containerd.service where dockerd uses that containerd', async () => {
    const needs = await needsOf(dockerNode({
      dockerd: '--containerd=/run/containerd/containerd.sock', files: {'/usr/lib/systemd/system/containerd.service': '[Service]\nExecStart=/usr/bin/containerd\nLimitNOFILE=777\n', [UNIT]: '[Service]\nLimitNOFILE=888\n'},
    }))
    expect(needs.daemonOpenFiles?.value).toEqual({soft: 777, hard: 777})
  })

  test('of the daemon are not those of a containerd that dockerd does not use', async () => {
    const files = {'/usr/lib/systemd/system/containerd.service': '[Service]\nExecStart=/usr/bin/containerd\nLimitNOFILE=777\n', [UNIT]: '[Service]\nLimitNOFILE=888\n'}
    expect((await needsOf(dockerNode({dockerd: '--containerd=/run/own.sock', files}))).daemonOpenFiles?.value.soft).toBe(888)
    expect((await needsOf(dockerNode({files}))).daemonOpenFiles?.value.soft).toBe(888)
  })
})

describe('logs', () => {
  test.each([
    [{'max-size': '10m', 'max-file': '3'}, '10Mi', 3], [{'max-size': '100k', 'max-file': '5'}, '100Ki', 5], [{'max-size': '1G'}, '1Gi', 2], [{'max-size': '20MiB', 'max-file': '2'}, '20Mi', 2],
    [{'max-size': '1.5m', 'max-file': '2'}, '1500000', 2], [{'max-size': '4096', 'max-file': '10'}, '4096', 10],
  ])('are rotated by the kubelet as by Docker: %j', async (options, size, files) => {
    const {logs} = await withDaemon({'log-opts': options})
    expect([logs.maxSize?.value, logs.maxFiles?.value]).toEqual([size, files])
  })

  test('in one file only say that the kubelet keeps two', async () => {
    expect(remarksOn(await withDaemon({'log-opts': {'max-size': '10m', 'max-file': '1'}}), /two files at least/)).toMatchObject([{level: 'note', source: expect.stringContaining(PLACE) as string}])
    expect(remarksOn(await withDaemon({'log-opts': {'max-size': '10m', 'max-file': '2'}}), /two files at least/)).toEqual([])
  })

  test.each([{'max-size': 'much'}, {'max-size': '10m', 'max-file': 'none'}, {'max-size': '10m', 'max-file': '0'}])('with %j say that it is no value', async (options) => {
    const needs = await withDaemon({'log-opts': options})
    expect(needs.logs.maxFiles).toBeUndefined()
    expect(remarksOn(needs, /is no value that can be carried over/)).toHaveLength(1)
  })

  test('that Docker never rotates are rotated then, by the settings of the kubelet', async () => {
    const needs = await withDaemon({}, {config: 'kind: KubeletConfiguration\ncontainerLogMaxSize: 50Mi\n'})
    expect(needs.logs).toEqual({driver: {value: 'json-file', source: expect.any(String) as string}})
    expect(remarksOn(needs, /keeps 5 files of 50Mi/)).toMatchObject([{level: 'note', source: '/var/lib/kubelet/config.yaml'}])
    expect(remarksOn(await withDaemon({'log-opts': {'max-size': '-1'}}), /whole log/)).toHaveLength(1)
    expect(remarksOn(await withDaemon({'log-opts': {'max-size': '1m'}}), /whole log/)).toEqual([])
  })

  test.each([['journald', /the journal of the host/], ['none', /nowhere/]])('of the driver %s are lost, and have no rotation', async (driver, words) => {
    const needs = await withDaemon({'log-driver': driver, 'log-opts': {'max-size': '10m'}})
    expect(needs.logs).toEqual({driver: {value: driver, source: `${PLACE}:2`}})
    expect(remarksOn(needs, words)).toMatchObject([{level: 'loss', source: `${PLACE}:2`}])
  })

  test('of the driver local are rotated as before, in another format', async () => {
    const needs = await withDaemon({'log-driver': 'local', 'log-opts': {'max-size': '20m', 'max-file': '5'}})
    expect(needs.logs).toMatchObject({maxSize: {value: '20Mi'}, maxFiles: {value: 5}, driver: {value: 'local'}})
    expect(remarksOn(needs, /format of Docker's own/)).toMatchObject([{level: 'loss', next: expect.stringContaining('kubectl logs') as string}])
  })

  test('with labels and other options lose these', async () => {
    expect(remarksOn(await withDaemon({'log-opts': {labels: 'a', 'max-size': '1m', mode: 'non-blocking'}}), /log-opts (?:labels|mode)/).map(({level}) => level)).toEqual(['loss', 'loss'])
  })
})

describe('the daemon', () => {
  test('has no needs where everything is as it comes', async () => {
    const needs = await withDaemon({'log-level': 'info', debug: false, 'max-concurrent-downloads': 3, 'metrics-addr': '', 'seccomp-profile': 'builtin', 'selinux-enabled': false})
    expect([needs.downloads, needs.logLevel, needs.logFormat, needs.metricsAddress, needs.oomScore, needs.selinux, needs.seccompProfile, needs.cdiSpecDirs, needs.pullProgressTimeout])
      .toEqual(Array.from({length: 9}, () => undefined))
  })

  test('has what it is told', async () => {
    const needs = await withDaemon({
      'max-concurrent-downloads': 10, 'log-level': 'warn', 'log-format': 'json', 'metrics-addr': '0.0.0.0:9323', 'oom-score-adjust': -800, 'selinux-enabled': true,
      'seccomp-profile': '/etc/docker/seccomp.json', 'cdi-spec-dirs': ['/opt/cdi', 'relative'],
    })
    expect(needs).toMatchObject({
      downloads: {value: 10, source: `${PLACE}:2`}, logLevel: {value: 'warn'}, logFormat: {value: 'json'}, metricsAddress: {value: '0.0.0.0:9323'}, oomScore: {value: -800}, selinux: {value: true},
      seccompProfile: {value: '/etc/docker/seccomp.json'}, cdiSpecDirs: {value: ['/opt/cdi']},
    })
  })

  test('takes debug for a level', async () => expect((await withDaemon({debug: true, 'log-level': 'error'})).logLevel?.value).toBe('debug'))

  test.each([
    {'max-concurrent-downloads': 'many'}, {'max-concurrent-downloads': -1}, {'log-level': 'loud'}, {'log-format': 'xml'}, {'metrics-addr': 'evil"\n[x]'}, {'oom-score-adjust': 5000},
    {'seccomp-profile': 'relative.json'}, {'selinux-enabled': 'yes'}, {'log-level': ['a']}, {'metrics-addr': {a: 1}},
  ])('has nothing of %j, which dockerd does not take either, but a row', async (daemon) => {
    const needs = await withDaemon(daemon)
    expect([needs.downloads, needs.logLevel, needs.logFormat, needs.metricsAddress, needs.oomScore, needs.seccompProfile, needs.selinux]).toEqual(Array.from({length: 7}, () => undefined))
    expect(verdictOf(needs, `daemon.json ${Object.keys(daemon)[0]}`)).toBeDefined()
  })

  test.each([['-500', undefined], ['-999', -999], ['nonsense', undefined], ['5000', undefined]])('has the OOM score of its unit, where that is not what Docker ships: %s', async (score, value) => {
    const needs = await needsOf(dockerNode({files: {[UNIT]: `[Service]\nExecStart=/usr/bin/dockerd\nOOMScoreAdjust=${score}\n`}}))
    expect(needs.oomScore?.value).toBe(value)
  })

  test.each([['1m', undefined], ['1m0s', undefined], ['nonsense', undefined], ['10m30s', '10m30s']])('has the deadline of pulls that dockershim is told: %s', async (told, value) => {
    expect((await needsOf(dockerNode({kubelet: `--image-pull-progress-deadline=${told}`}))).pullProgressTimeout?.value).toBe(value)
  })
})

describe('proxies', () => {
  const DROP_IN = '/etc/systemd/system/docker.service.d/proxy.conf'

  test('of docker.service are carried over, with % for %%', async () => {
    const {proxies} = await needsOf(dockerNode({files: {
      [UNIT]: '[Service]\nExecStart=/usr/bin/dockerd\n', [DROP_IN]: '[Service]\nEnvironment="HTTP_PROXY=http://a%%40b:3128" no_proxy=.example,10.0.0.0/8\n',
    }}))
    expect(proxies).toEqual([
      {name: 'HTTP_PROXY', setting: {value: 'http://a%40b:3128', source: `${DROP_IN}:2`}}, {name: 'NO_PROXY', setting: {value: '.example,10.0.0.0/8', source: `${DROP_IN}:2`}},
    ])
  })

  test('of a file of variables keep %% as it is', async () => {
    const {proxies} = await needsOf(dockerNode({files: {[UNIT]: '[Service]\nEnvironmentFile=/etc/proxy.env\n', '/etc/proxy.env': 'HTTPS_PROXY=http://a%%b\n'}}))
    expect(proxies).toEqual([{name: 'HTTPS_PROXY', setting: {value: 'http://a%%b', source: '/etc/proxy.env:1'}}])
  })

  test('of dockerd win over those of its unit', async () => {
    const {proxies} = await needsOf(dockerNode({
      daemon: {proxies: {'http-proxy': 'http://file'}}, dockerd: '--https-proxy=http://flag', files: {[UNIT]: '[Service]\nEnvironment=HTTP_PROXY=http://unit HTTPS_PROXY=http://unit\n'},
    }))
    expect(proxies.map(({name, setting}) => [name, setting.value])).toEqual([['HTTP_PROXY', 'http://file'], ['HTTPS_PROXY', 'http://flag']])
  })

  test('of another runtime are those of its own unit', async () => {
    const example: NodeExample = {
      processes: {640: '/usr/bin/containerd', 700: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
      files: {'/usr/lib/systemd/system/containerd.service': '[Service]\nEnvironment=HTTP_PROXY=http://mine\n', [UNIT]: '[Service]\nEnvironment=HTTP_PROXY=http://docker\n'},
    }
    expect((await needsOf(example)).proxies.map(({setting}) => setting.value)).toEqual(['http://mine'])
  })
})
