// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {tiesTo, unitHits} from '../../../../src/checks/lib/units.ts'
import type {UnitFacts} from '../../../../src/model/facts.ts'

function unit(settings: Record<string, readonly string[]>): UnitFacts {
  const entries = Object.entries(settings).map(([key, values]) => [key, values.map((value, index) => ({value, source: `/u:${index + 1}`}))] as const)
  return {name: 'x.service', files: ['/u'], masked: false, settings: Object.fromEntries(entries)}
}

describe('what a unit needs of Docker', () => {
  test.each([
    ['Service.ExecStart', '/usr/bin/docker run nginx', 'command'],
    ['Service.ExecStartPre', '-/usr/bin/docker pull nginx', 'image'],
    ['Service.ExecStop', '@+/usr/bin/docker stop x', 'command'],
    ['Service.ExecStart', '/bin/bash -c "docker rm -f x; exec docker run x"', 'command'],
    ['Service.ExecStart', '/usr/bin/agent --socket /var/run/docker.sock', 'socket'],
    ['Service.Environment', 'DOCKER_HOST=unix:///var/run/docker.sock', 'socket'],
    ['Unit.ConditionPathExists', '/var/run/docker.sock', 'socket'],
    ['Unit.RequiresMountsFor', '/var/lib/docker', 'socket'],
  ])('%s=%s', (key, value, kind) => expect(unitHits(unit({[key]: [value]}))).toMatchObject([{key, kind, setting: {value}}]))

  test.each([
    ['Unit.Description', 'docker run nginx'], ['Service.ExecStart', '/usr/bin/app --name docker'], ['Service.Environment', 'IMAGE=docker.io/nginx'],
    ['Unit.After', 'docker.service'], ['Unit.ConditionPathExists', '/var/lib/dockerized'],
  ])('nothing in %s=%s', (key, value) => expect(unitHits(unit({[key]: [value]}))).toEqual([]))
})

describe('what ties a unit to another', () => {
  test('is told with the strongest first, also among others', () => {
    const ties = tiesTo(unit({'Unit.After': ['network.target docker.service'], 'Unit.Wants': ['docker.service'], 'Unit.Requires': ['a.service', 'b.service docker.service']}), /^docker\.service$/)
    expect(ties.map(({key, setting}) => `${key} ${setting.source}`)).toEqual(['Requires /u:2', 'Wants /u:1', 'After /u:1'])
  })

  test('is not a unit with a longer name', () => expect(tiesTo(unit({'Unit.Requires': ['my-docker.service docker.service.x']}), /^docker\.service$/)).toEqual([]))
})
