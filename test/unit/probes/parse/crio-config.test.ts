// SPDX-License-Identifier: Apache-2.0
import {describe, expect, it} from 'vitest'
import {readCrioConfig, readStorageConfig} from '../../../../src/probes/parse/crio-config.ts'
import {parseToml} from '../../../../src/probes/parse/toml.ts'

function file(path: string, text: string) {
  return {path, table: parseToml(text)}
}

describe('readCrioConfig', () => {
  it('lets the last file that sets a key win, and names it', () => {
    const config = readCrioConfig([
      file('/etc/crio/crio.conf', '[crio]\nroot = "/r"\n[crio.runtime]\ncgroup_manager = "cgroupfs"\ndefault_runtime = "runc"\n[crio.runtime.runtimes.runc]\nruntime_path = "/usr/bin/runc"\nruntime_type = "oci"'),
      file('/d/10', '[crio.runtime]\ncgroup_manager = "systemd"\ndefault_runtime = ""\n[crio.api]\nlisten = "/x.sock"\n[crio.runtime.runtimes.crun]\nruntime_path = "/usr/bin/crun"'),
    ])
    expect(config).toEqual({
      root: {value: '/r', source: '/etc/crio/crio.conf'},
      cgroupManager: {value: 'systemd', source: '/d/10'},
      defaultRuntime: {value: 'runc', source: '/etc/crio/crio.conf'},
      address: {value: '/x.sock', source: '/d/10'},
      runtimes: {runc: {path: '/usr/bin/runc', type: 'oci'}, crun: {path: '/usr/bin/crun'}},
    })
  })

  it('drops values of the wrong type and keeps hostile names as names', () => {
    const config = readCrioConfig([file('/a', '[crio]\nroot = 5\nruntime = "x"'), file('/b', '[crio.runtime.runtimes.__proto__]\nruntime_path = "/evil"')])
    expect(Object.keys(config)).toEqual(['runtimes'])
    expect(Object.keys(config.runtimes)).toEqual(['__proto__'])
    expect(({} as {path?: string}).path).toBeUndefined()
  })
})

describe('readStorageConfig', () => {
  it('reads graphroot and runroot', () => {
    expect(readStorageConfig('/s', parseToml('[storage]\ndriver = "overlay"\ngraphroot = "/g"\nrunroot = "/run/r"'))).toEqual({
      root: {value: '/g', source: '/s'}, runRoot: {value: '/run/r', source: '/s'},
    })
  })
})
