// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import type {NodeExample} from '../../../../src/model/check.ts'
import type {LoggingNodeFacts} from '../../../../src/model/node/logging.ts'
import {valueOf} from '../../../../src/model/observed.ts'
import {collectFacts} from '../../../../src/probes/collect.ts'
import {probeLogging} from '../../../../src/probes/node/logging.ts'
import {exampleHost} from '../../../support/example-host.ts'

async function factsOf(example: NodeExample): Promise<LoggingNodeFacts> {
  const host = exampleHost(example)
  return probeLogging(host, await collectFacts(host))
}

const DOCKERD = {812: '/usr/bin/dockerd -H unix:///run/docker.sock'}
const ID = 'a'.repeat(64)
const FOLDER = `/var/lib/docker/containers/${ID}`

function container(changes: {readonly labels?: object; readonly running?: boolean; readonly host?: NodeExample['files']} = {}): NonNullable<NodeExample['files']> {
  const labels = {
    'io.kubernetes.docker.type': 'container', 'io.kubernetes.pod.namespace': 'shop', 'io.kubernetes.pod.name': 'web', 'io.kubernetes.container.name': 'nginx',
    'io.kubernetes.container.logpath': '/var/log/pods/shop_web_1/nginx/0.log', ...changes.labels,
  }
  return {
    [`${FOLDER}/config.v2.json`]: JSON.stringify({State: {Running: changes.running ?? true, Pid: 5, StartedAt: '2026-01-01T00:00:00Z'}, LogPath: `${FOLDER}/${ID}-json.log`, Config: {Labels: labels}}),
    [`${FOLDER}/hostconfig.json`]: '{"LogConfig": {"Type": "json-file", "Config": {"max-size": "10m"}}}',
    [`${FOLDER}/${ID}-json.log`]: '12345',
    '/var/log/pods/shop_web_1/nginx/0.log': {link: `${FOLDER}/${ID}-json.log`},
    ...changes.host,
  }
}

describe('the log driver of dockerd', () => {
  test('is json-file where nothing is said', async () => {
    expect(valueOf((await factsOf({processes: DOCKERD})).dockerLogging)).toEqual([{pid: 812, driver: {value: 'json-file', source: 'default of dockerd'}, options: {}}])
  })

  test('is read from daemon.json, with the lines', async () => {
    const [docker] = valueOf((await factsOf({processes: DOCKERD, files: {'/etc/docker/daemon.json': '{\n "log-driver": "syslog",\n "log-opts": {\n  "max-file": 3,\n  "__proto__": "x"\n }}'}})).dockerLogging) ?? []
    expect(docker?.driver).toEqual({value: 'syslog', source: '/etc/docker/daemon.json:2'})
    expect(Object.entries(docker?.options ?? {})).toEqual([['max-file', {value: '3', source: '/etc/docker/daemon.json:4'}], ['__proto__', {value: 'x', source: '/etc/docker/daemon.json:5'}]])
  })

  test('is read from the command line', async () => {
    const [docker] = valueOf((await factsOf({processes: {812: '/usr/bin/dockerd --log-driver journald --log-opt tag=a=b --log-opt=labels=x --raw-logs'}})).dockerLogging) ?? []
    const source = 'argv of pid 812'
    expect(docker).toEqual({pid: 812, driver: {value: 'journald', source}, options: {tag: {value: 'a=b', source}, labels: {value: 'x', source}}, rawLogs: {value: 'true', source}})
  })

  test('is that of docker.service where dockerd does not run', async () => {
    const files = {'/etc/docker/daemon.json': '{}', '/etc/systemd/system/docker.service': '[Service]\nExecStart=/usr/bin/dockerd --log-driver=gelf\n'}
    const [docker] = valueOf((await factsOf({files})).dockerLogging) ?? []
    expect(docker?.driver.value).toBe('gelf')
    expect(docker?.pid).toBeUndefined()
  })

  test('is what a running dockerd says, although daemon.json has changed since', async () => {
    const answers = {'docker /run/docker.sock': {version: {Version: '20.10.24', ApiVersion: '1.41'}, info: {LoggingDriver: 'syslog'}}}
    const files = {'/run/docker.sock': {socket: true}, '/etc/docker/daemon.json': '{"log-driver": "json-file"}'} as const
    const [docker] = valueOf((await factsOf({processes: DOCKERD, files, answers})).dockerLogging) ?? []
    expect(docker?.driver).toEqual({value: 'syslog', source: 'docker info at /run/docker.sock'})
  })

  test('is not known where daemon.json cannot be read', async () => {
    expect((await factsOf({processes: DOCKERD, files: {'/etc/docker/daemon.json': {unreadable: true}}})).dockerLogging).toMatchObject({state: 'unreadable', reason: 'EACCES'})
    expect((await factsOf({processes: DOCKERD, files: {'/etc/docker/daemon.json': '{'}})).dockerLogging).toMatchObject({state: 'unreadable', reason: 'malformed'})
  })
})

describe('the logs of containers', () => {
  test('are those of running containers of Kubernetes, with size and link', async () => {
    expect(valueOf((await factsOf({processes: DOCKERD, files: container()})).containerLogs)).toEqual([{
      id: ID, name: 'shop/web/nginx', driver: 'json-file', options: {'max-size': '10m'}, source: `${FOLDER}/hostconfig.json`, file: {path: `${FOLDER}/${ID}-json.log`, size: 5},
      link: {path: '/var/log/pods/shop_web_1/nginx/0.log', target: `${FOLDER}/${ID}-json.log`},
    }])
  })

  test.each([
    ['a pod sandbox', container({labels: {'io.kubernetes.docker.type': 'podsandbox'}})],
    ['a container that ended', container({running: false})],
    ['a container whose file is broken', container({host: {[`${FOLDER}/hostconfig.json`]: '{"LogConfig"'}})],
  ])('leave out %s', async (_, files) => expect((await factsOf({processes: DOCKERD, files})).containerLogs.state).toBe('absent'))

  test('follow no link that a label puts elsewhere', async () => {
    const files = container({labels: {'io.kubernetes.container.logpath': '/root/secret'}, host: {'/root/secret': {link: '/etc/shadow'}}})
    expect(valueOf((await factsOf({processes: DOCKERD, files})).containerLogs)?.[0]?.link).toBeUndefined()
  })

  test('are not known where a file may not be read', async () => {
    const files = container({host: {[`${FOLDER}/hostconfig.json`]: {unreadable: true}}})
    expect((await factsOf({processes: DOCKERD, files})).containerLogs).toMatchObject({state: 'unreadable', reason: 'EACCES'})
  })
})

describe('rules of logrotate', () => {
  test('are those of the main file and of its folder, without what logrotate skips', async () => {
    const files = {'/etc/logrotate.conf': '/a {\n}\n', '/etc/logrotate.d/b': '/b {\n}\n', '/etc/logrotate.d/c.rpmsave': '/c {\n}\n', '/etc/logrotate.d/d~': '/d {\n}\n'}
    expect(valueOf((await factsOf({files})).logrotateRules)?.flatMap(({patterns}) => patterns)).toEqual(['/a', '/b'])
  })

  test('are not known where a file may not be read', async () => {
    expect((await factsOf({files: {'/etc/logrotate.d/b': {unreadable: true}}})).logrotateRules.state).toBe('unreadable')
  })
})

describe('the filesystems of logs', () => {
  const files = {'/var/lib/docker/containers': {directory: true}, '/var/log/pods': {directory: true}} as const
  const on = (mountinfo: string) => factsOf({processes: {...DOCKERD, 1: {argv: ['/sbin/init'], ppid: 0, files: {mountinfo}}}, files})

  test('are known by the mounts', async () => {
    expect(valueOf((await on('22 1 8:1 / / rw - ext4 /dev/sda1 rw\n31 22 8:17 / /var/lib/docker rw - ext4 /dev/sdb1 rw\n')).logFilesystems)).toEqual({
      docker: {path: '/var/lib/docker', device: '8:17', mount: '/var/lib/docker'}, pods: {path: '/var/log/pods', device: '8:1', mount: '/'},
    })
  })

  test('are not known by mounts that make no sense', async () => expect((await on('nonsense\n')).logFilesystems).toMatchObject({state: 'unreadable', reason: 'malformed'}))
})

describe('configuration of collectors on the host', () => {
  test('is read from where their packages have it, and from nowhere else', async () => {
    const files = {
      '/etc/fluent-bit/fluent-bit.conf': 'a', '/etc/fluent-bit/key.pem': 'secret', '/etc/promtail.yaml': 'b', '/etc/datadog-agent/conf.d/docker.d/conf.yaml': 'c', '/etc/datadog-agent/conf.d/docker.d/conf.yaml.example': 'no',
      '/opt/splunkforwarder/etc/apps/k8s/local/inputs.conf': 'd', '/etc/rsyslog.d/30-docker.conf': 'e', '/home/a/fluent-bit.conf': 'no',
    }
    const texts = valueOf((await factsOf({files})).collectorTexts)
    expect(texts?.map(({text}) => text).sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(texts?.[0]).toEqual({path: '/etc/fluent-bit/fluent-bit.conf', text: 'a'})
  })

  test('is not known where a file or a folder may not be read', async () => {
    for (const path of ['/etc/filebeat/filebeat.yml', '/etc/filebeat', '/etc/promtail.yaml', '/etc/datadog-agent/conf.d']) {
      expect((await factsOf({files: {[path]: {unreadable: true}}})).collectorTexts).toMatchObject({state: 'unreadable', source: path})
    }
  })

  test('is absent where there is none', async () => expect((await factsOf({})).collectorTexts.state).toBe('absent'))

  test('leaves out what is larger than people write', async () => {
    expect((await factsOf({files: {'/etc/vector/vector.toml': 'x'.repeat(2 * 1024 * 1024)}})).collectorTexts.state).toBe('absent')
  })
})
