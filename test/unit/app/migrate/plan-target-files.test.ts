// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {matchesName, readTargetFiles} from '../../../../src/app/migrate/target-files.ts'
import {recordHost} from '../../../../src/host/recording-host.ts'
import {replaySnapshot} from '../../../../src/host/snapshot-host.ts'
import {exampleHost} from '../../../support/example-host.ts'

const host = exampleHost({
  files: {
    '/etc/containerd/certs.d/docker.io/hosts.toml': 'server = "a"\n', '/etc/containerd/certs.d/quay.io/ca.crt': 'x', '/etc/containerd/certs.d/README': 'x',
    '/etc/containerd/config.toml': 'version = 2\n', '/etc/sysctl.d/20-b.conf': 'b', '/etc/sysctl.d/10-a.conf': 'a', '/etc/sysctl.d/note.txt': 'x',
    '/etc/sysctl.d/dir.conf': {directory: true}, '/etc/closed': {unreadable: true}, '/etc/secret.toml': {unreadable: true},
  },
})

describe('the files that generators want', () => {
  test('are read with their modes; what is not there, and what cannot be read, are told apart', () => {
    const {files} = readTargetFiles(host, {files: ['/etc/containerd/config.toml', '/etc/none', '/etc/secret.toml'], patterns: []})
    expect(files['/etc/containerd/config.toml']).toEqual({state: 'ok', value: {text: 'version = 2\n', mode: 0o755}, source: '/etc/containerd/config.toml'})
    expect(files['/etc/none']?.state).toBe('absent')
    expect(files['/etc/secret.toml']).toMatchObject({state: 'unreadable', reason: 'EACCES'})
  })

  test('are found by patterns, sorted, with * in any segment', () => {
    const {files, matches} = readTargetFiles(host, {files: [], patterns: ['/etc/sysctl.d/*.conf', '/etc/containerd/certs.d/*/hosts.toml', '/etc/nowhere/*.conf', '/etc/closed/*.conf']})
    expect(matches['/etc/sysctl.d/*.conf']).toMatchObject({state: 'ok', value: ['/etc/sysctl.d/10-a.conf', '/etc/sysctl.d/20-b.conf']})
    expect(matches['/etc/containerd/certs.d/*/hosts.toml']).toMatchObject({state: 'ok', value: ['/etc/containerd/certs.d/docker.io/hosts.toml']})
    expect(matches['/etc/nowhere/*.conf']?.state).toBe('absent')
    expect(matches['/etc/closed/*.conf']).toMatchObject({state: 'unreadable', reason: 'EACCES'})
    expect(Object.keys(files).sort()).toEqual(['/etc/containerd/certs.d/docker.io/hosts.toml', '/etc/sysctl.d/10-a.conf', '/etc/sysctl.d/20-b.conf'])
  })

  test('that a snapshot has not recorded are unreadable, never absent', () => {
    const {host: recorder, records} = recordHost(host)
    const wanted = {files: ['/etc/containerd/config.toml'], patterns: ['/etc/sysctl.d/*.conf']}
    const read = readTargetFiles(recorder, wanted)
    const replay = replaySnapshot('x', records)
    expect(readTargetFiles(replay, wanted)).toEqual(read)
    const {files, matches} = readTargetFiles(replay, {files: ['/etc/other'], patterns: ['/etc/other.d/*.conf']})
    expect(files['/etc/other']).toMatchObject({state: 'unreadable', reason: 'not-captured'})
    expect(matches['/etc/other.d/*.conf']).toMatchObject({state: 'unreadable', reason: 'not-captured'})
  })

  test('are bounded in number', () => {
    const many = Object.fromEntries(Array.from({length: 700}, (_, index) => [`/etc/many/${index}.conf`, 'x']))
    expect(Object.keys(readTargetFiles(exampleHost({files: many}), {files: [], patterns: ['/etc/many/*.conf']}).files)).toHaveLength(500)
  })

  test('may have names that JavaScript knows', () => {
    const {files} = readTargetFiles(exampleHost({files: {'/etc/d/__proto__': 'x'}}), {files: ['__proto__'], patterns: ['/etc/d/*']})
    expect(Object.keys(files)).toEqual(['__proto__', '/etc/d/__proto__'])
  })
})

test.each<[string, string, boolean]>([
  ['*', 'a', true], ['*', '', true], ['*.conf', 'a.conf', true], ['*.conf', '.conf', true], ['*.conf', 'a.conf.bak', false], ['10-*.conf', '10-a.conf', true],
  ['10-*.conf', '10.conf', false], ['a*b*c', 'abc', true], ['a*b*c', 'aXbYc', true], ['a*b*c', 'acb', false], ['a*a', 'a', false], ['.*', 'ab', false], ['a', 'a', true], ['a', 'b', false],
  [`${'*a'.repeat(200)}b`, 'a'.repeat(5000), false],
])('the pattern %j and the name %j fit: %j', (pattern, name, fits) => expect(matchesName(pattern, name)).toBe(fits))
