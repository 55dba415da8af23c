// SPDX-License-Identifier: Apache-2.0
// What the examples of the checks leave out: several inputs in one text, spellings, and texts that only look like a collector's.
import {describe, expect, test} from 'vitest'
import {checks as api} from '../../../../src/checks/logging/log-collector-docker-api.ts'
import {checks as format} from '../../../../src/checks/logging/log-collector-docker-format.ts'
import {checks as path} from '../../../../src/checks/logging/log-collector-docker-path.ts'
import {runOnText} from '../../../../src/checks/run.ts'
import type {Check, Problem, Upgrade} from '../../../../src/model/check.ts'

function problems(checks: readonly Check[], text: string, upgrade: Partial<Upgrade> = {}): readonly Problem[] {
  const document = {name: 'collector.conf', text, origin: {kind: 'host-file', node: 'node-1', file: '/etc/collector.conf'}} as const
  const outcomes = runOnText(checks, document, {target: 'containerd', kubernetes: '1.24', oracle: {}, ...upgrade}).flatMap((result) => result.outcomes)
  expect(outcomes.filter(({state}) => state === 'unknown')).toEqual([])
  return outcomes as readonly Problem[]
}

const lines = (checks: readonly Check[], text: string) => problems(checks, text).map(({line}) => line)
const input = (...keys: readonly string[]) => `[INPUT]\n    Name tail\n    Path /var/log/containers/*.log\n${keys.map((key) => `    ${key}\n`).join('')}`

describe('Fluent Bit', () => {
  test.each([
    ['Parser Docker'], ['parser docker_no_time'], ['Parser json'], ['Docker_Mode on'], ['MULTILINE.PARSER docker'], ['multiline.parser docker,go'],
  ])('with %s takes Docker\'s format only', (key) => expect(lines(format, input(key))).toEqual([4]))

  test.each([['Parser cri'], ['multiline.parser cri'], ['multiline.parser cri,docker'], ['Parser my_format'], ['Docker_Mode Off'], ['DB /a/docker.db']])('with %s does not', (key) => {
    expect(lines(format, input(key))).toEqual([])
  })

  test('is told by the definition of a parser with a name of its own', () => {
    expect(lines(format, `${input('Parser own')}[PARSER]\n    Name own\n    Format json\n`)).toEqual([4])
    expect(lines(format, `${input('Parser own')}[PARSER]\n    Name own\n    Format regex\n    # json\n`)).toEqual([])
  })

  test('with multiline.parser has no use for Docker mode and parser', () => expect(lines(format, input('Docker_Mode On', 'Parser docker', 'multiline.parser docker, cri'))).toEqual([]))

  test('is looked at input by input', () => expect(lines(format, input('Parser cri') + input('Parser docker') + input('Docker_Mode On'))).toEqual([8, 12]))

  test('in YAML too, in both ways to write an input', () => {
    expect(lines(format, 'pipeline:\n  inputs:\n    - name: tail\n      path: /var/log/containers/*.log\n      multiline.parser: docker, cri\n    - name: tail\n      path: /var/log/pods/*/*/*.log\n      multiline.parser: docker\n')).toEqual([8])
    expect(lines(format, 'pipeline:\n  inputs:\n    - tail:\n        path: /var/log/containers/*.log\n        parser: docker\n')).toEqual([5])
  })
})

describe('fluentd', () => {
  const source = (parse: string) => `<source>\n  @type tail\n  path "/var/log/containers/*.log"\n  ${parse}\n</source>\n`

  test('leaves to the pod what an environment variable decides', () => {
    expect(lines(format, source('<parse>\n@type "#{ENV[\'FLUENT_CONTAINER_TAIL_PARSER_TYPE\'] || \'json\'}"\n</parse>'))).toEqual([])
  })

  test.each(['<parse>\n@type cri\n</parse>', '<parse>\n@type none\n</parse>', 'format none', '<parse>\n@type regexp\nexpression /^(?<time>.+) (?<stream>stdout|stderr)/\n</parse>'])('does not only take JSON with %s', (parse) => {
    expect(lines(format, source(parse))).toEqual([])
  })

  test('is looked at source by source, also below a label', () => {
    expect(lines(format, `<label @a>\n${source('format json')}</label>\n${source('format json')}`)).toEqual([5, 11])
  })
})

describe('Filebeat', () => {
  test('has a docker input, and a docker provider, and each is found by one check', () => {
    const text = 'filebeat.inputs:\n- type: docker\n  containers.ids: ["*"]\nfilebeat.autodiscover:\n  providers:\n  - type: docker\n'
    expect([lines(format, text), lines(api, text)]).toEqual([[2], [6]])
  })

  test('takes JSON out of container logs without knowing their format', () => {
    expect(lines(format, 'filebeat.inputs:\n- type: log\n  paths:\n  - /var/log/containers/*.log\n  json.message_key: log\n  json.keys_under_root: true\n')).toEqual([5])
    expect(lines(format, 'filebeat.inputs:\n- type: log\n  paths:\n  - /srv/app/*.json\n  json.message_key: log\n- type: container\n  paths:\n  - /var/log/containers/*.log\n')).toEqual([])
  })
})

describe('other texts', () => {
  test.each([
    ['a workflow', 'jobs:\n  build:\n    steps:\n    - uses: docker/build-push-action@v5\n      with: {format: json}\n'],
    ['a compose file', 'services:\n  web:\n    logging:\n      driver: json-file\n    volumes:\n    - /var/lib/docker/containers:/containers\n'],
    ['a receiver of Alertmanager', 'route: {receiver: a}\nreceivers:\n- name: docker\n  webhook_configs:\n  - url: http://x/docker\n'],
    ['a script', '#!/bin/sh\ndocker logs x > /var/log/containers/x.log\nls /var/lib/docker/containers\n'],
    ['a Dockerfile', 'FROM docker\nCOPY vector.toml /etc/\n'],
    ['an inventory', 'all:\n  hosts:\n    docker:\n      type: docker\n'],
  ])('such as %s are no collector\'s', (_, text) => expect([...problems(format, text), ...problems(path, text), ...problems(api, text)]).toEqual([]))
})

describe('a problem', () => {
  test('names collector, file and line, and what to write instead', () => {
    const [found] = problems(format, input('Parser docker'))
    expect(found).toMatchObject({line: 4, evidence: [{source: '/etc/collector.conf:4', text: 'Parser docker'}]})
    expect(found?.text).toContain('Fluent Bit')
    expect(found?.fix).toContain('multiline.parser  docker, cri')
  })

  test('has the same key wherever its line moves', () => expect(problems(format, input('Parser docker'))[0]?.key).toBe(problems(format, `\n\n${input('DB /x', 'Parser  docker')}`)[0]?.key))

  test('is none where Docker stays', () => expect(problems(format, input('Parser docker'), {target: 'cri-dockerd'})).toEqual([]))
})

test('a long text of many inputs takes less than a second', () => {
  const text = `filebeat.inputs:\n${'- type: log\n  json.a: b\n  paths: [/var/log/containers/x]\n  docker: x\n'.repeat(3000)}`
  const started = performance.now()
  expect(problems(format, text)).toHaveLength(3000)
  expect(performance.now() - started).toBeLessThan(1000)
})
