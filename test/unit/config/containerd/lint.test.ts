// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {type LintFinding, lintContainerd} from '../../../../src/config/containerd/lint.ts'
import {openToml} from '../../../../src/config/toml/document.ts'

const CRI = 'io.containerd.grpc.v1.cri'
const SYSTEMD = `[plugins."${CRI}".containerd.runtimes.runc.options]\n  SystemdCgroup = true\n`

function lint(texts: readonly string[], version: string, systemd = true): readonly LintFinding[] {
  const files = texts.map((text, index) => ({path: `/${index}.toml`, document: openToml(text)}))
  return lintContainerd(files, {configVersion: version.startsWith('2') ? 3 : 2, version}, {systemd})
}
const places = (findings: readonly LintFinding[]) => findings.map(({id, file, line}) => `${id} ${file}:${line}`)

describe('files that overrule each other', () => {
  test('are told with the place of the one that wins, under the name that its version has', () => {
    const main = `version = 3\n[plugins."io.containerd.cri.v1.images".pinned_images]\n  sandbox = "a"\n${SYSTEMD}`
    expect(places(lint([main, `version = 2\n\n[plugins."${CRI}"]\n  sandbox_image = "b"\n`], '2.1', false))).toEqual(['containerd-import-override /1.toml:3'])
    expect(lint([main, `version = 2\n[plugins."${CRI}"]\n  sandbox_image = "a"\n`], '2.1', false)).toEqual([])
  })

  test('do not, where the later one says nothing or is empty', () => {
    expect(lint(['version = 2\noom_score = 1\nroot = "/a"\n', 'version = 2\nstate = "/b"\nroot = ""\n'], '2.1', false)).toEqual([])
  })

  test('in 1.x lose a whole table to the later one, unless that has all of it', () => {
    const main = `version = 2\n[plugins."${CRI}"]\n  sandbox_image = "a"\n`
    expect(places(lint([main, `version = 2\n${SYSTEMD}`], '1.7'))).toEqual(['containerd-import-replaces-table /1.toml:2'])
    expect(lint([main, main], '1.7')).toEqual([])
    expect(lint([main, 'version = 2\n[plugins."io.containerd.gc.v1.scheduler"]\n  pause_threshold = 0.5\n'], '1.7')).toEqual([])
  })

  test('add to the plugins that are off', () => {
    expect(places(lint(['version = 2\ndisabled_plugins = []\n', `version = 2\ndisabled_plugins = ["${CRI}"]\n`], '1.7'))).toEqual(['containerd-import-adds-to-list /1.toml:2'])
  })
})

describe('the cgroup driver that containerd answers', () => {
  test.each([
    ['nothing is said', 'version = 2\n', ['containerd-answers-cgroupfs /0.toml:1']],
    ['it is off', `version = 2\n${SYSTEMD.replace('true', 'false')}`, ['containerd-answers-cgroupfs /0.toml:3']],
    ['it is on', `version = 2\n${SYSTEMD}`, []],
    ['it is on for another handler only', `version = 2\n[plugins."${CRI}".containerd]\n  default_runtime_name = "crun"\n${SYSTEMD}`, ['containerd-answers-cgroupfs /0.toml:1']],
    ['the default handler is none of runc', `version = 2\n[plugins."${CRI}".containerd]\n  default_runtime_name = "kata"\n[plugins."${CRI}".containerd.runtimes.kata]\n  runtime_type = "io.containerd.kata.v2"\n`, []],
    ['CRI is off', `version = 2\ndisabled_plugins = ["${CRI}"]\n`, []],
  ] as const)('where %s', (_, text, found) => {
    expect(places(lint([text], '2.1'))).toEqual(found)
  })

  test('is no matter to 1.x, or on a host without systemd', () => {
    expect([lint(['version = 2\n'], '1.7'), lint(['version = 2\n'], '2.1', false)]).toEqual([[], []])
  })

  test('is fixed in the table that the file has', () => {
    expect(lint(['version = 2\n'], '2.1')[0]?.fix).toContain(`"${CRI}".containerd.runtimes.runc.options`)
    expect(lint(['version = 3\n'], '2.1')[0]?.fix).toContain('"io.containerd.cri.v1.runtime".containerd.runtimes.runc.options')
  })
})

test('TLS settings of registry.configs are told for 2.x, in files of each version', () => {
  const tls = (plugin: string) => `version = ${plugin === 'cri' ? 1 : plugin === CRI ? 2 : 3}\n[plugins."${plugin}".registry.configs."r".tls]\n  ca_file = "/x"\n`
  for (const plugin of ['cri', CRI, 'io.containerd.cri.v1.images']) {
    expect(places(lint([tls(plugin)], '2.1', false))).toEqual(['containerd-registry-tls-ignored /0.toml:2'])
    expect(lint([tls(plugin)], '1.7', false)).toEqual([])
  }
})

test('a file that cannot be migrated is compared as it is', () => {
  const many = Array.from({length: 300}, (_, index) => `[plugins."${CRI}".containerd.runtimes.h${index}]\n`).join('')
  expect(places(lint([`version = 2\noom_score = 1\n${many}`, 'version = 2\noom_score = 2\n'], '2.1', false))).toEqual(['containerd-import-override /1.toml:2'])
})
