// SPDX-License-Identifier: Apache-2.0
import type {CrioFacts, Setting} from '../../model/facts.ts'
import {emptyMap, stringAt, type Table, tableOf, valueAt} from './untrusted.ts'

export interface CrioConfig {
  readonly address?: Setting
  readonly root?: Setting
  readonly runRoot?: Setting
  readonly cgroupManager?: Setting
  readonly defaultRuntime?: Setting
  readonly cniDirectory?: Setting
  readonly runtimes: CrioFacts['runtimes']
}

const PLACES = {
  address: ['crio', 'api', 'listen'],
  root: ['crio', 'root'],
  runRoot: ['crio', 'runroot'],
  cgroupManager: ['crio', 'runtime', 'cgroup_manager'],
  defaultRuntime: ['crio', 'runtime', 'default_runtime'],
  cniDirectory: ['crio', 'network', 'network_dir'],
} as const

/**
 * Puts crio.conf and its drop-ins together: the last file that sets a key wins, an empty string sets nothing
 * (crio.conf.d(5); cri-o, pkg/config).
 *
 * @param files crio.conf first, then the drop-ins in the order CRI-O reads them
 */
export function readCrioConfig(files: readonly {readonly path: string; readonly table: Table}[]): CrioConfig {
  const config: {-readonly [K in keyof CrioConfig]: CrioConfig[K]} = {runtimes: emptyMap()}
  for (const {path, table} of files) {
    for (const [key, place] of Object.entries(PLACES) as [keyof typeof PLACES, readonly string[]][]) {
      const value = stringAt(table, ...place)
      if (value !== undefined) config[key] = {value, source: path}
    }
  }
  return {...config, runtimes: readRuntimes(files.map(({table}) => table))}
}

function readRuntimes(tables: readonly Table[]): CrioFacts['runtimes'] {
  const runtimes = emptyMap<{path?: string; type?: string}>()
  for (const table of tables) {
    for (const [name, runtime] of Object.entries(tableOf(valueAt(table, 'crio', 'runtime', 'runtimes')) ?? {})) {
      const path = stringAt(runtime, 'runtime_path')
      const type = stringAt(runtime, 'runtime_type')
      runtimes[name] = {...(path && {path}), ...(type && {type})}
    }
  }
  return runtimes
}

/** `graphroot` and `runroot` of a containers-storage.conf(5). */
export function readStorageConfig(path: string, table: Table): {readonly root?: Setting; readonly runRoot?: Setting} {
  const root = stringAt(table, 'storage', 'graphroot')
  const runRoot = stringAt(table, 'storage', 'runroot')
  return {...(root && {root: {value: root, source: path}}), ...(runRoot && {runRoot: {value: runRoot, source: path}})}
}
