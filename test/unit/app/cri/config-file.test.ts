// SPDX-License-Identifier: Apache-2.0
import {load, FAILSAFE_SCHEMA, mergeTag, nullCoreTag} from 'js-yaml'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {containerConfigOf, lacksCgroupParent, podConfigOf} from '../../../../src/app/cri/config-file.ts'
import {nearest} from '../../../../src/cli/nearest.ts'
import {ContainerConfig} from '../../../../src/cri/gen/runtime/v1/config.ts'

const schema = FAILSAFE_SCHEMA.withTags(nullCoreTag, mergeTag)
const tools = {nearest, load: (text: string) => load(text, {schema})}
const podOf = (text: string) => podConfigOf({path: 'pod.yaml', text}, tools, () => 'new-uid')
const containerOf = (text: string) => containerConfigOf({path: 'app.yaml', text: `metadata: {name: app}\nimage: {image: busybox}\n${text}`}, tools)

describe('the configuration of a pod', () => {
  test('is read from YAML and from JSON alike', () => {
    const yaml = podOf('metadata:\n  name: web\n  namespace: shop\n  uid: u-1\n  attempt: 2\nlog_directory: /var/log/pods/x\nlabels:\n  app: web\n')
    const json = podOf('{\n\t"metadata": {"name": "web", "namespace": "shop", "uid": "u-1", "attempt": 2},\n\t"logDirectory": "/var/log/pods/x", "labels": {"app": "web"}}')
    expect(yaml).toEqual(json)
    expect(yaml).toMatchObject({metadata: {name: 'web', namespace: 'shop', uid: 'u-1', attempt: 2}, logDirectory: '/var/log/pods/x', labels: new Map([['app', 'web']])})
  })

  test('gets a uid only where it has none', () => {
    expect(podOf('metadata: {name: web, namespace: shop}').metadata?.uid).toBe('new-uid')
    expect(podOf('metadata: {name: web, namespace: shop, uid: mine}').metadata?.uid).toBe('mine')
  })

  test.each(['metadata: {name: web}', 'metadata: {namespace: shop}', 'hostname: web', 'metadata:'])('needs a name and a namespace: %s', (text) => {
    expect(() => podOf(text)).toThrow('pod.yaml: a pod needs metadata with name and namespace.')
  })

  test('lacks a cgroup_parent only where it is of Linux', () => {
    const withLinux = (linux: string) => lacksCgroupParent(podOf(`metadata: {name: web, namespace: shop}\n${linux}`))
    expect([withLinux(''), withLinux('linux: {}'), withLinux('linux: {cgroup_parent: /x.slice}')]).toEqual([false, true, false])
  })

  test.each(['', 'a text', '[1]', '~'])('is an object, not %j', (text) => expect(() => podOf(text)).toThrow(/^pod\.yaml (?:describes nothing|is neither)/))
  test('that is cut off is no YAML', () => expect(() => podOf('{"metadata": {')).toThrow('pod.yaml is neither JSON nor YAML'))
  test('that has a key twice is none either', () => expect(() => podOf('labels: {}\nlabels: {}')).toThrow('duplicated mapping key'))
})

describe('the configuration of a container', () => {
  test('tells the runtime what the user wrote', () => {
    expect(containerOf('').image).toMatchObject({image: 'busybox', userSpecifiedImage: 'busybox'})
  })

  test.each(['metadata: {name: app}', 'image: {image: busybox}', 'metadata: {name: app}\nimage: {}'])('needs a name and an image: %j', (text) => {
    expect(() => containerConfigOf({path: 'app.yaml', text}, tools)).toThrow(/^app\.yaml: a container needs (?:metadata with a name|an image)\.$/)
  })

  test('takes enums by name and by number', () => {
    const options = (pid: string) => containerOf(`linux: {security_context: {namespace_options: {pid: ${pid}}}}`).linux?.securityContext?.namespaceOptions?.pid
    expect([options('NODE'), options('2'), options('POD')]).toEqual([2, 2, 0])
  })

  test.each([['yes', true], ['on', true], ['True', true], ['no', false], ['false', false]])('takes %s for a boolean', (word, value) => {
    expect(containerOf(`tty: ${word}`).tty).toBe(value)
  })

  test('leaves texts as they are written, also those that look like numbers', () => {
    expect(containerOf('envs: [{key: VERSION, value: 1.30}, {key: ON, value: yes}]\ncommand: [sleep, 1_0]')).toMatchObject({
      envs: [{key: 'VERSION', value: '1.30'}, {key: 'ON', value: 'yes'}], command: ['sleep', '1_0'],
    })
  })

  test('loses no bit of a number of 64', () => {
    expect(containerOf('linux: {resources: {memory_limit_in_bytes: 9223372036854771712}}').linux?.resources?.memoryLimitInBytes).toBe(9_223_372_036_854_771_712n)
  })

  test('takes null for nothing, and what an anchor stands for', () => {
    expect(containerOf('linux: null\nwindows: ~').linux).toBeUndefined()
    expect(containerOf('labels: &all {a: b}\nannotations: {<<: *all, c: d}').annotations).toEqual(new Map([['a', 'b'], ['c', 'd']]))
  })

  test('has a label that is called __proto__, and no prototype from it', () => {
    expect(containerOf('labels: {__proto__: x}').labels).toEqual(new Map([['__proto__', 'x']]))
    expect(() => containerOf('__proto__: {tty: true}')).toThrow('app.yaml: __proto__: there is no such key')
  })

  test.each([
    ['comand: [sh]', 'app.yaml: comand: there is no such key, but command.'],
    ['linux: {securty_context: {}}', 'app.yaml: linux.securty_context: there is no such key, but security_context.'],
    ['mounts: [{hostPath: /}, {path: /}]', /^app\.yaml: mounts\[1\]\.path: there is no such key, but container_path, host_path, /],
    ['log_path: a\nlogPath: b', 'app.yaml: logPath: this is log_path, which stands there already.'],
    ['command: sh -c true', 'app.yaml: command: must be a list, not "sh -c true".'],
    ['linux: [1]', 'app.yaml: linux: must be an object, not a list.'],
    ['labels: x', 'app.yaml: labels: must be an object, not "x".'],
    ['labels: {a: {}}', 'app.yaml: labels.a: must be a text, not an object.'],
    ['working_dir: {}', 'app.yaml: working_dir: must be a text, not an object.'],
    ['tty: 1', 'app.yaml: tty: must be true or false, not "1".'],
    ['metadata: {attempt: -1}', /duplicated mapping key/],
    ['linux: {resources: {cpu_quota: 1.5}}', 'app.yaml: linux.resources.cpu_quota: must be a whole number, not "1.5".'],
    ['linux: {resources: {cpu_quota: 017}}', 'app.yaml: linux.resources.cpu_quota: must be a whole number, not "017".'],
    ['linux: {resources: {cpu_quota: 9223372036854775808}}', 'app.yaml: linux.resources.cpu_quota: must be from -9223372036854775808 to 9223372036854775807, not "9223372036854775808".'],
    ['mounts: [{propagation: SHARED}]', /^app\.yaml: mounts\[0\]\.propagation: must be one of 0, 1, 2, PROPAGATION_PRIVATE, .*, not "SHARED"\.$/],
  ])('that has %j is refused, with the place', (text, message) => expect(() => containerOf(text)).toThrow(message))

  test('that a message makes gives that message', () => {
    const text = fc.string()
    const config = fc.record({
      command: fc.array(text), labels: fc.uniqueArray(fc.tuple(text, text), {selector: ([key]) => key}).map((pairs) => new Map(pairs)),
      mounts: fc.array(fc.record({containerPath: text, readonly: fc.boolean(), propagation: fc.constantFrom(0, 1, 2)})), tty: fc.boolean(),
      linux: fc.record({resources: fc.record({cpuQuota: fc.bigInt({min: -(2n ** 63n), max: 2n ** 63n - 1n}), unified: fc.constant(new Map())})}),
    })
    fc.assert(fc.property(config, (partial) => {
      const message = ContainerConfig.fromPartial({metadata: {name: 'app', attempt: 0}, image: {image: 'x', userSpecifiedImage: 'x'}, ...partial} as Partial<ContainerConfig>)
      expect(containerConfigOf({path: 'x', text: JSON.stringify(ContainerConfig.toJSON(message))}, tools)).toEqual(message)
    }))
  })

  test('can be anything: it is read, or refused with a sentence', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        containerConfigOf({path: 'x', text}, tools)
      } catch (error) {
        expect((error as Error).name).toBe('UserError')
      }
    }))
  })
})
