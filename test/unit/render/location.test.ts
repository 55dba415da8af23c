// SPDX-License-Identifier: Apache-2.0
import {stripVTControlCharacters} from 'node:util'
import {describe, expect, test} from 'vitest'
import type {Location} from '../../../src/model/location.ts'
import {renderLocation} from '../../../src/render/location.ts'
import {createStyle} from '../../../src/render/style.ts'
import {dockershimNode} from './sample-reports.ts'

const plain = createStyle({color: false})
const container = dockershimNode().chain.containers.find(({name}) => name === 'redis')!
const REDIS: Location = {
  schemaVersion: 1, pid: 5741, argv: ['redis-server', '*:6379'], container, shim: {pid: 5730, component: 'containerd-shim-runc-v2'},
  daemon: {pid: 640, component: 'dockerd', version: '20.10.24'}, chain: 'Kubernetes through dockershim',
  ancestors: [{pid: 5741, comm: 'redis-server'}, {pid: 5740, comm: 'sh'}, {pid: 5730, comm: 'containerd-shim'}, {pid: 1, comm: 'systemd'}],
}

describe('whom a process belongs to', () => {
  test('is one line for each storey', () => {
    expect(renderLocation(REDIS, plain)).toBe(`\
process      5741  redis-server *:6379
container    redis  (${container.id.slice(0, 12)}, first process 5740)
pod          shop/cart-0
image        redis:6.2-alpine
OCI runtime  runc
shim         containerd-shim-runc-v2, pid 5730
daemon       dockerd 20.10.24, pid 640
chain        Kubernetes through dockershim
above it     sh (5740) ← containerd-shim (5730) ← systemd (1)
`)
  })

  test('is the same below its colours', () => {
    expect(stripVTControlCharacters(renderLocation(REDIS, createStyle({color: true})))).toBe(renderLocation(REDIS, plain))
  })

  test('is said to be nobody for a process of no container', () => {
    expect(renderLocation({schemaVersion: 1, pid: 1, argv: ['/sbin/init'], ancestors: [{pid: 1, comm: 'systemd'}]}, plain)).toBe(
      'process      1  /sbin/init\nchain        none: it belongs to no container and is no part of a runtime\n',
    )
  })

  test('is what it is itself for a component, and tells a daemon that is gone', () => {
    const text = renderLocation({...REDIS, component: 'docker-init', daemon: {component: 'dockerd', status: 'broken'}}, plain)
    expect(text).toContain('is           docker-init\n')
    expect(text).toContain('daemon       dockerd, not running\n')
  })

  test('never prints control characters of the host, nor a page of arguments', () => {
    const hostile = '\u001b]0;owned\u0007\n'
    const text = renderLocation({...REDIS, argv: [hostile, 'x'.repeat(5000)], component: hostile, chain: hostile, container: {...container, name: hostile, image: hostile}, ancestors: [{pid: 1, comm: 'a'}, {pid: 2, comm: hostile}]}, plain)
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    expect(text).toContain(String.raw`\x1b]0;owned\x07\n`)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(200)
  })
})
