// SPDX-License-Identifier: Apache-2.0
import type {TextDocument} from '../../model/kubernetes.ts'

export type CiTool = 'Jenkins' | 'GitLab' | 'Drone' | 'Woodpecker' | 'Azure Pipelines'

/** Which CI system reads a text, by name and look; undefined for every other text. */
export function ciToolOf({name, text, origin}: TextDocument): CiTool | undefined {
  const path = origin.kind === 'object' ? name : origin.file
  if (/(?:^|\/)Jenkinsfile(?:[._-][\w.-]+)?$/.test(path) || /\.(?:jenkinsfile|groovy)$/i.test(path)) return 'Jenkins'
  if (/(?:^|\/)\.?gitlab-ci[\w.-]*\.ya?ml$/.test(path)) return 'GitLab'
  if (/(?:^|\/)\.drone\.(?:ya?ml|jsonnet|star)$/.test(path)) return 'Drone'
  if (/(?:^|\/)\.woodpecker(?:\.ya?ml$|\/)/.test(path)) return 'Woodpecker'
  if (/(?:^|\/)azure-pipelines[\w.-]*\.ya?ml$/.test(path)) return 'Azure Pipelines'
  if (/\[\[runners\.kubernetes\.volumes|\[\[runners\]\]|\[runners\.(?:kubernetes|docker)\]/.test(text)) return 'GitLab'
  if (/org\.csanchez\.jenkins\.plugins\.kubernetes|^\s*(?:podTemplate\s*[({]|pipeline\s*\{)/m.test(text) || (/^jenkins:/m.test(text) && /^\s*(?:clouds|templates):/m.test(text))) return 'Jenkins'
  return undefined
}

/** Whether a line says nothing to the program that reads it. */
export function isComment(line: string): boolean {
  return /^\s*(?:#|\/\/|\*|<!--)/.test(line)
}

const SOCKET = /(?:^|[\s"'=:>[,])\/(?:var\/)?run\/docker\.sock\b|docker_engine\b/
/** the value of a host path, a bind `FROM:TO`, or both on one line */
const HOST_PATH = /host_?path\b[^#]*docker|docker\.sock:\/|\bhost:\s*\{\s*path:/i
const LOOK_BACK = 3

/** The lines, from 0, by which docker.sock of the node becomes a volume. A docker.sock that is only spoken of, or shared by a sidecar, is none. */
export function socketVolumesIn(text: string): readonly number[] {
  if (!/docker(?:\.sock|_engine)/.test(text)) return []
  const lines = text.split('\n')
  const found: number[] = []
  let table = ''
  for (const [index, line] of lines.entries()) {
    if (/^\s*\[/.test(line)) table = line
    if (SOCKET.test(line) && !isComment(line) && isVolume(lines, index, table)) found.push(index)
  }
  return found
}

/** @param table the last header of a TOML table before the line */
function isVolume(lines: readonly string[], index: number, table: string): boolean {
  const line = lines[index] as string
  if (HOST_PATH.test(line)) return true
  if (/\bpath:/.test(line)) return lines.slice(Math.max(0, index - LOOK_BACK), index).some((one) => /\bhost(?:Path)?:\s*$/.test(one))
  return /\b(?:mount_)?path\s*=/.test(line) && /volumes\.host_path\]\]/.test(table)
}

/** Whether a line of YAML in block style stands below a key, at any depth. */
export function isBelow(lines: readonly string[], index: number, key: RegExp): boolean {
  let indent = indentOf(lines[index] ?? '')
  for (let at = index - 1; at >= 0 && indent > 0; at--) {
    const line = lines[at] as string
    if (line.trim() === '' || isComment(line) || indentOf(line) >= indent) continue
    indent = indentOf(line)
    if (key.test(/^\s*(?:-\s+)?["']?([\w.-]+)["']?\s*:/.exec(line)?.[1] ?? '')) return true
  }
  return false
}

/**
 * Whether a line of YAML stands in a pod spec that has containers with images, also in one that is a text within: such a pod is found as
 * an object of its own, and looked at by the checks of pods.
 */
export function isInPodSpec(lines: readonly string[], index: number): boolean {
  let indent = indentOf(lines[index] ?? '')
  for (let at = index - 1; at >= 0 && indent > 0; at--) {
    const line = lines[at] as string
    if (line.trim() === '' || indentOf(line) >= indent) continue
    indent = indentOf(line)
    if (/^\s*(?:-\s+)?spec:\s*$/.test(line)) return hasContainers(lines, at, indent)
  }
  return false
}

function hasContainers(lines: readonly string[], spec: number, indent: number): boolean {
  const rest = lines.slice(spec + 1)
  const end = rest.findIndex((line) => line.trim() !== '' && indentOf(line) <= indent)
  const block = rest.slice(0, end === -1 ? undefined : end)
  return block.some((line) => /^\s*containers:/.test(line)) && block.some((line) => /\bimage:\s*\S|\bvolumeMounts:/.test(line))
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}
