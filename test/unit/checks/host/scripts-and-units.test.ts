// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {checks as inScript} from '../../../../src/checks/host/docker-in-host-script.ts'
import {checks as inUnit} from '../../../../src/checks/host/docker-in-unit.ts'
import {checks as needsDocker} from '../../../../src/checks/host/unit-needs-docker.ts'
import {checks as monitoring} from '../../../../src/checks/host/docker-monitoring.ts'
import {checks as audit} from '../../../../src/checks/host/docker-audit-rule.ts'
import {outcomesOf, problemsOf} from './on-host.ts'

describe('scripts of the host', () => {
  test('are one finding each, with the lines, and worse the less a person is there', async () => {
    const script = '#!/bin/sh\n# docker\ndocker ps\nsystemctl restart docker\n'
    const found = await problemsOf(inScript, {files: {
      '/etc/cron.daily/x': script, '/etc/rc.local': script, '/usr/local/bin/x': script, '/etc/profile.d/x.sh': 'alias d="docker ps"\n',
      '/var/lib/cloud/instance/user-data.txt': '#!/bin/sh\napt-get install docker.io\n',
    }})
    expect(found.map(({key, severity}) => [key, severity])).toEqual([
      ['/etc/cron.daily/x', 'high'], ['/etc/rc.local', 'high'], ['/var/lib/cloud/instance/user-data.txt', 'medium'], ['/usr/local/bin/x', 'medium'], ['/etc/profile.d/x.sh', 'low'],
    ])
    expect(found[0]!.evidence).toEqual([{source: '/etc/cron.daily/x:3', text: 'docker ps'}, {source: '/etc/cron.daily/x:4', text: 'systemctl restart docker'}])
    expect(found[0]!.text).toBe('/etc/cron.daily/x is run by cron, and calls docker, controls or watches dockerd: it will fail, or do nothing, without Docker.')
  })

  test('that move images are told how to do it without', async () => {
    const [found] = await problemsOf(inScript, {files: {'/etc/cron.daily/x': '#!/bin/sh\ndocker load -i /x.tar\n'}})
    expect(found!.fix).toMatchObject({containerd: expect.stringContaining('ctr --namespace k8s.io images import'), 'cri-o': expect.stringContaining('skopeo copy')})
    const [other] = await problemsOf(inScript, {files: {'/etc/cron.daily/x': '#!/bin/sh\ndocker ps\n'}})
    expect(other!.fix).toMatchObject({containerd: expect.not.stringContaining('images import')})
  })

  test('with many such lines show five, and say how many', async () => {
    const [found] = await problemsOf(inScript, {files: {'/etc/cron.daily/x': `#!/bin/sh\n${'docker ps\n'.repeat(9)}`}})
    expect(found!.evidence).toHaveLength(5)
    expect(found!.text).toContain('There are 9 such lines.')
  })

  test('that may not be read leave it undecided, and the others are still told', async () => {
    const outcomes = await outcomesOf(inScript, {files: {'/etc/cron.daily/x': '#!/bin/sh\ndocker ps\n', '/var/spool/cron/crontabs': {unreadable: true}}})
    expect(outcomes.map(({state}) => state)).toEqual(['problem', 'unknown'])
  })
})

describe('units', () => {
  const WANTED = '/etc/systemd/system/multi-user.target.wants/x.service'
  const unit = (text: string, wanted: boolean) => ({files: {'/etc/systemd/system/x.service': text, ...(wanted && {[WANTED]: {link: '/etc/systemd/system/x.service'}})}})

  test.each<[string, boolean, string]>([
    ['[Service]\nExecStart=/usr/bin/docker run x\n', true, 'high'], ['[Service]\nExecStart=/usr/bin/docker run x\n', false, 'low'],
    ['[Service]\nExecStart=/bin/x --socket=/var/run/docker.sock\n', true, 'medium'],
  ])('that use Docker: %j, started %s: %s', async (text, wanted, severity) => {
    expect(await problemsOf(inUnit, unit(text, wanted))).toMatchObject([{key: 'x.service', severity}])
  })

  test.each<[string, boolean, string]>([
    ['Requires', true, 'high'], ['BindsTo', true, 'high'], ['Requisite', true, 'high'], ['PartOf', true, 'medium'], ['Wants', true, 'medium'], ['After', true, 'info'],
    ['Requires', false, 'low'], ['After', false, 'info'],
  ])('that have %s=docker.service, started %s: %s', async (key, wanted, severity) => {
    const [found] = await problemsOf(needsDocker, unit(`[Unit]\n${key}=docker.service\n`, wanted))
    expect(found).toMatchObject({severity, evidence: [{source: '/etc/systemd/system/x.service:2', text: `${key}=docker.service`}]})
  })

  test('are no matter where Docker stays', async () => {
    expect(await outcomesOf([...inUnit, ...needsDocker], {...unit('[Unit]\nRequires=docker.service\n[Service]\nExecStart=docker run x\n', true), upgrade: {target: 'cri-dockerd'}})).toEqual([])
  })
})

describe('monitoring agents', () => {
  test.each([
    ['/etc/zabbix/zabbix_agentd.d/d.conf', 'UserParameter=docker.up,pgrep -c dockerd\nUserParameter=docker.n,docker ps -q | wc -l\n', 1],
    ['/etc/nagios/nrpe.cfg', 'command[check_docker]=/usr/local/lib/check_docker.py --containers x\n', 1],
    ['/etc/zabbix/zabbix_agent2.conf', 'Plugins.Docker.Endpoint=unix:///var/run/docker.sock\n', 1],
    ['/etc/datadog-agent/conf.d/docker.d/conf.yaml', 'instances:\n  - url: "unix://var/run/docker.sock"\n', 1],
    ['/etc/monit/conf.d/x', 'check file daemon.json with path /etc/docker/daemon.json\n', 0],
    ['/etc/telegraf/telegraf.conf', '[[inputs.prometheus]]\n  urls = ["http://docker-registry:5000"]\n', 0],
    ['/etc/default/prometheus-node-exporter', 'ARGS="--collector.filesystem.ignored-mount-points=^/(sys|proc|var/lib/docker/.+)($|/)"\n', 0],
  ])('%s', async (path, text, count) => expect(await problemsOf(monitoring, {files: {[path]: text}})).toHaveLength(count))
})

describe('audit rules', () => {
  test('that augenrules put together are told once, where they are written', async () => {
    const rule = '-w /usr/bin/dockerd -k docker\n'
    const found = await problemsOf(audit, {files: {'/etc/audit/rules.d/d.rules': rule, '/etc/audit/audit.rules': `## This file is automatically generated from /etc/audit/rules.d\n${rule}`}})
    expect(found.map(({key}) => key)).toEqual(['/etc/audit/rules.d/d.rules'])
  })
})
