// SPDX-License-Identifier: Apache-2.0
import {Ajv2020} from 'ajv/dist/2020.js'
import {describe, expect, test} from 'vitest'
import {schemaOf, type ConfigMessage} from '../../../../src/app/cri/config-schema.ts'

const validates = (message: ConfigMessage, document: unknown) => new Ajv2020({strict: false, validateFormats: false}).compile(schemaOf(message))(document)

describe('the JSON schema of a configuration', () => {
  test('accepts what is one, with enums by name and by number', () => {
    const container = {metadata: {name: 'app'}, image: {image: 'x'}, mounts: [{host_path: '/', propagation: 1}, {propagation: 'PROPAGATION_BIDIRECTIONAL'}], labels: {a: 'b'}, tty: true}
    expect(validates('ContainerConfig', container)).toBe(true)
    expect(validates('PodSandboxConfig', {metadata: {name: 'web', namespace: 'shop', attempt: 1}, port_mappings: [{protocol: 'UDP', host_port: 53}]})).toBe(true)
  })

  test.each([{comand: []}, {command: 'sh'}, {mounts: [{propagation: 7}]}, {labels: {a: 1}}, {linux: {resources: {cpu_quota: 1.5}}}])('refuses %j', (document) => {
    expect(validates('ContainerConfig', document)).toBe(false)
  })

  test('has the messages that it takes, and no others', () => {
    const {$defs} = schemaOf('PodSandboxConfig') as {$defs: object}
    expect(Object.keys($defs)).toContain('LinuxPodSandboxConfig')
    expect(Object.keys($defs)).not.toContain('ContainerConfig')
  })
})
