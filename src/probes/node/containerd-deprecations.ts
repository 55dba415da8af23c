// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../../model/facts.ts'
import {CannotAsk, type Host} from '../../model/host.ts'
import type {ContainerdDeprecation, ContainerdNodeFacts} from '../../model/node/containerd.ts'
import {absent, mapObserved, valueOf} from '../../model/observed.ts'
import {compareVersions, isAtLeast} from '../../model/version.ts'
import {stringAt} from '../parse/untrusted.ts'

const MOST = 100

/**
 * What the containerd of the pods warned of since its start. Only those of 1.x that keep such a list are asked (1.6.27 and 1.7.12 and
 * later, containerd pkg/deprecation): of what 2.x warns, its configuration tells.
 */
export async function askDeprecations(host: Host, {criEndpoints}: Facts): Promise<ContainerdNodeFacts['containerdDeprecations']> {
  const endpoint = criEndpoints.find(({inside, answer}) => inside === undefined && valueOf(answer)?.runtimeName === 'containerd')
  const version = valueOf(endpoint?.answer)?.runtimeVersion
  if (endpoint === undefined || version === undefined || !keepsList(version)) return absent('deprecations of containerd')
  const {address, answer} = endpoint
  const asked = await host.ask(`containerd deprecations ${answer.source.replace(/^cri /, '')}`, (limitMs) => ask(host.localPath(address), limitMs))
  return mapObserved(asked, readAnswer)
}

function keepsList(version: string): boolean {
  if (isAtLeast(version, '2.0')) return false
  return compareVersions(version, '1.7') < 0 ? isAtLeast(version, '1.6.27') : isAtLeast(version, '1.7.12')
}

async function ask(path: string | undefined, timeoutMs: number): Promise<readonly ContainerdDeprecation[]> {
  if (path === undefined) throw new CannotAsk('unsupported', 'no way to this socket')
  const cri = await import('../../cri/containerd-deprecations.ts')
  try {
    return await cri.askDeprecations({kind: 'unix', path}, {timeoutMs})
  } catch (error) {
    throw new CannotAsk('EIO', error instanceof Error ? error.message : String(error))
  }
}

/** As it comes back from the host: a snapshot may hold anything. @throws Error where it is no list */
function readAnswer(answer: unknown): readonly ContainerdDeprecation[] {
  if (!Array.isArray(answer)) throw new Error('no list of warnings')
  return answer.slice(0, MOST).flatMap((one) => {
    const [id, last] = [stringAt(one, 'id'), stringAt(one, 'last')]
    return id === undefined ? [] : [{id, ...(last !== undefined && {last})}]
  })
}
