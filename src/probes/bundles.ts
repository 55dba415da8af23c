// SPDX-License-Identifier: Apache-2.0
import type {Bundle, Setting} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {absent, mapObserved, type Observed, ok, valueOf} from '../model/observed.ts'
import {type OciConfig, parseOciConfig, parsePidFile, parseShimOptions} from './parse/oci-bundle.ts'
import {type RuntimeStates, runtimeStates} from './runtime-state.ts'
import {takingTurns} from './turn.ts'

/** Bundles of shim API v2 and, up to containerd 1.7, of the v1 shim. */
const LAYOUTS = ['io.containerd.runtime.v2.task', 'io.containerd.runtime.v1.linux']

/** `--root` of runc where the shim was told none (containerd, process.RuncRoot): the same for every containerd, k3s' too. */
const DEFAULT_RUNC_ROOT = '/run/containerd/runc'

/**
 * Every bundle under a containerd state directory: `<layout>/<namespace>/<id>`. What is broken in a bundle is missing in its
 * entry, the entry itself stays. Not readable as a whole where a directory on the way is not.
 *
 * @param stateDir containerd's `state`, `/run/containerd` as a rule
 */
export async function probeBundles(host: Host, stateDir: string): Promise<Observed<readonly Bundle[]>> {
  const states = runtimeStates(host)
  const turn = takingTurns()
  const bundles: Bundle[] = []
  let found = false
  for (const layout of LAYOUTS) {
    const directory = `${stateDir}/${layout}`
    const namespaces = host.entries(directory)
    if (namespaces.state === 'unreadable') return namespaces
    if (namespaces.state === 'absent') continue
    found = true
    for (const namespace of namespaces.value) {
      const ids = host.entries(`${directory}/${namespace}`)
      if (ids.state === 'unreadable') return ids
      for (const id of valueOf(ids) ?? []) {
        bundles.push(readBundle(host, states, `${directory}/${namespace}/${id}`, namespace, id))
        await turn()
      }
    }
  }
  return found ? ok(bundles, stateDir) : absent(`${stateDir}/${LAYOUTS[0]}`)
}

/** Whether a containerd has, or may have, used this directory for its state. */
export function hasBundles(host: Host, stateDir: string): boolean {
  return LAYOUTS.some((layout) => host.entries(`${stateDir}/${layout}`).state !== 'absent')
}

/** The state directory that the bundle at `path` lies in; undefined where this is no path of a bundle. */
export function stateOfBundle(path: string): string | undefined {
  const [layout, state] = [path.split('/').at(-3) ?? '', path.split('/').slice(0, -3).join('/')]
  return state !== '' && LAYOUTS.includes(layout) ? state : undefined
}

function readBundle(host: Host, states: RuntimeStates, path: string, namespace: string, id: string): Bundle {
  const text = host.text(`${path}/config.json`)
  const pid = valueOf(mapObserved(host.text(`${path}/init.pid`), parsePidFile))
  const {binary, root} = readShim(host, path)
  const told = binary === undefined ? undefined : {root: root ?? DEFAULT_RUNC_ROOT, binary: binary.value}
  const runtimeState = states.find(id, namespace, told)
  return {
    id,
    namespace,
    path,
    ...(pid !== undefined && {pid}),
    ...ociPart(text),
    ...(binary && {runtimeBinary: binary}),
    ...(runtimeState && {runtimeState}),
    source: text.source,
  }
}

/** What config.json says; nothing where it is broken. */
export function ociPart(text: Observed<string>): OciConfig {
  return valueOf(mapObserved(text, parseOciConfig)) ?? {annotations: {}, args: []}
}

/**
 * What the shim was told: options.json (shims for runc, containerd ≥ 1.3; without a binary in it they run `runc`), else
 * the file `runtime`, else the name of the shim itself, kept since 1.6: `containerd-shim-runsc-v1` runs runsc.
 */
function readShim(host: Host, path: string): {readonly binary?: Setting; readonly root?: string} {
  const options = mapObserved(host.text(`${path}/options.json`), parseShimOptions)
  if (options.state === 'ok') {
    const {binary = 'runc', root} = options.value
    return {binary: {value: binary, source: options.source}, ...(root && {root})}
  }
  const runtime = host.text(`${path}/runtime`)
  if (runtime.state === 'ok' && runtime.value.trim() !== '') return {binary: {value: runtime.value.trim(), source: runtime.source}}
  const shim = host.text(`${path}/shim-binary-path`)
  const name = /containerd-shim-([^/]+)-v\d+\s*$/.exec(valueOf(shim) ?? '')?.[1]
  return name === undefined ? {} : {binary: {value: name, source: shim.source}}
}
