// SPDX-License-Identifier: Apache-2.0
import {CONTAINER_LOGS, type ConfigLine, type Directive, directivesOf, entryOf, hitAt, type LineHit, linesWith, type Section, sectionsOf} from './log-lines.ts'
import {type OutlineKey, outlineOf, sameItem} from './log-outline.ts'

/** Finds what ties a configuration to Docker. */
export type Finder = (lines: readonly ConfigLine[]) => readonly LineHit[]

/** Lines that match. */
export function anyLine(pattern: RegExp): Finder {
  return (lines) => linesWith(lines, pattern)
}

/** Lines that match, unless another line shows that the configuration can do without. */
export function anyLineUnless(pattern: RegExp, unless: RegExp): Finder {
  return (lines) => (lines.some(({text}) => unless.test(text)) ? [] : linesWith(lines, pattern))
}

/** Keys of YAML that fit. */
export function anyKey(fits: (key: OutlineKey, outline: readonly OutlineKey[]) => boolean): Finder {
  return (lines) => {
    const outline = outlineOf(lines)
    return outline.filter((key) => fits(key, outline)).map(({line}) => hitAt(line))
  }
}

// ---------------------------------------------------------------- Fluent Bit

/** `tail` inputs of container logs whose parser or multiline parser knows Docker's format only. */
export const fluentBitFormat: Finder = (lines) => {
  const sections = sectionsOf(lines)
  const parsers = new Map(sections.filter(({name}) => name === 'parser').map((section) => [entryOf(section, 'name')?.value, section]))
  return sections.filter(isContainerTail).flatMap((section) => tailHit({
    parser: entryOf(section, 'parser'), multiline: entryOf(section, 'multiline.parser'), mode: entryOf(section, 'docker_mode'),
    isJson: (name) => entryOf(parsers.get(name) ?? {name: '', entries: []}, 'format')?.value.toLowerCase() === 'json',
  }))
}

function isContainerTail(section: Section): boolean {
  if (section.name !== 'input' || entryOf(section, 'name')?.value.toLowerCase() !== 'tail') return false
  return CONTAINER_LOGS.test(entryOf(section, 'path')?.value ?? '') || /^kube\b/.test(entryOf(section, 'tag')?.value ?? '')
}

interface Told {
  readonly value: string
  readonly line: ConfigLine
}

interface Tail {
  readonly parser: Told | undefined
  readonly multiline: Told | undefined
  readonly mode: Told | undefined
  isJson(parser: string): boolean
}

/** multiline.parser has the last word; `docker, cri` tries both (Fluent Bit manual, Tail, Multiline and Containers). */
function tailHit({parser, multiline, mode, isJson}: Tail): readonly LineHit[] {
  if (multiline !== undefined) {
    const names = multiline.value.split(/[\s,[\]"']+/)
    if (names.includes('cri')) return []
    if (names.includes('docker')) return [hitAt(multiline.line)]
  }
  if (parser !== undefined && (/^docker/i.test(parser.value) || parser.value === 'json' || isJson(parser.value))) return [hitAt(parser.line)]
  return mode !== undefined && /^(?:on|true|yes)$/i.test(mode.value) && (parser === undefined || !/cri/i.test(parser.value)) ? [hitAt(mode.line)] : []
}

/** The same in Fluent Bit's YAML: items below `pipeline.inputs`. */
export const fluentBitYamlFormat: Finder = (lines) => {
  const outline = outlineOf(lines)
  return outline.filter(({key, value, path}) => path.includes('inputs') && ((key === 'name' && value === 'tail') || key === 'tail')).flatMap((tail) => {
    const own = sameItem(outline, tail)
    const told = (name: string) => own.find(({key}) => key.toLowerCase() === name)
    if (!own.some(({key, value}) => key.toLowerCase() === 'path' && CONTAINER_LOGS.test(value))) return []
    return tailHit({parser: told('parser'), multiline: told('multiline.parser'), mode: told('docker_mode'), isJson: () => false})
  })
}

// ---------------------------------------------------------------- fluentd

/** `tail` sources of container logs that parse JSON and nothing else. What an environment variable decides is not for the text to tell. */
export const fluentdFormat: Finder = (lines) => allDirectives(directivesOf(lines)).flatMap((source) => {
  const told = ({entries}: Directive, ...keys: readonly string[]) => entries.findLast(({key}) => keys.includes(key))
  if (source.name !== 'source' || told(source, '@type', 'type')?.value !== 'tail' || !CONTAINER_LOGS.test(told(source, 'path')?.value ?? '')) return []
  const parse = source.children.find(({name}) => name === 'parse')
  const parser = parse === undefined ? told(source, 'format') : told(parse, '@type')
  return parser !== undefined && /^(?:json|docker\w*)$/.test(parser.value) ? [hitAt(parser.line)] : []
})

function allDirectives(directives: readonly Directive[]): readonly Directive[] {
  return directives.flatMap((one) => [one, ...allDirectives(one.children)])
}

// ---------------------------------------------------------------- Filebeat

/** The docker input, a container parser that is told `docker`, and JSON taken from container logs without one. */
export const filebeatFormat: Finder = anyKey(({key, value, path, ...rest}, outline) => {
  const self = {key, value, path, ...rest}
  if (key === 'type' && value === 'docker') return path.at(-1) !== 'providers' && isFilebeatInput(self, outline)
  if (key === 'format' && value === 'docker') {
    return path.at(-1) === 'container' || sameItem(outline, self).some((other) => other.key === 'type' && other.value === 'container')
  }
  if (!/^(?:json(?:\.\w+)?|ndjson)$/.test(key)) return false
  const own = sameItem(outline, {...self, items: self.items.slice(0, path.at(-1) === 'parsers' ? -1 : undefined)})
  const first = own.find((other) => /^(?:json(?:\.\w+)?|ndjson)$/.test(other.key))
  return first?.line === self.line && own.some((other) => CONTAINER_LOGS.test(other.value)) &&
    own.some((other) => other.key === 'type' && /^(?:log|filestream)$/.test(other.value)) && !own.some((other) => other.key === 'container')
})

function isFilebeatInput(type: OutlineKey, outline: readonly OutlineKey[]): boolean {
  return type.path.some((one) => /inputs$|prospectors$|^config$/.test(one)) ||
    sameItem(outline, type).some(({key}) => /^containers(?:\.(?:ids?|paths?|stream))?$/.test(key))
}

/** Autodiscovery by the Docker API. */
export const filebeatDiscovery: Finder = anyKey(({key, value, path}) => key === 'type' && value === 'docker' && path.at(-1) === 'providers')

// ---------------------------------------------------------------- OpenTelemetry

/** filelog receivers of container logs whose operators know Docker's format only. */
export const openTelemetryFormat: Finder = (lines) => {
  const outline = outlineOf(lines)
  const receivers = Map.groupBy(outline, ({path}) => path.find((one, index) => path[index - 1] === 'receivers' && one.startsWith('filelog')))
  return [...receivers].flatMap(([receiver, own]) => {
    if (receiver === undefined || !own.some(({value}) => CONTAINER_LOGS.test(value))) return []
    // a regular expression for CRI lines, or routes to parsers that are named for it
    if (own.some(({value}) => /stdout\|stderr|\b(?:cri|cri-?o|containerd)\b/.test(value))) return []
    const operators = own.filter(({key, path}) => key === 'type' && path.at(-1) === 'operators')
    const container = operators.filter(({value}) => value === 'container')
    if (container.length > 0) {
      return container.flatMap((type) => sameItem(outline, type).filter(({key, value}) => key === 'format' && value === 'docker')).map(({line}) => hitAt(line))
    }
    return operators.filter(({value}) => value === 'json_parser').slice(0, 1).map(({line}) => hitAt(line))
  })
}

// ---------------------------------------------------------------- Logstash

/** `file` inputs of container logs with the codec json. */
export const logstashFormat: Finder = (lines) => lines.flatMap((line, index): readonly LineHit[] => {
  if (!/^file\s*\{/.test(line.text)) return []
  const block = blockFrom(lines, index)
  const codec = block.find(({text}) => /\bcodec\s*=>\s*["']?json\b/.test(text))
  return codec !== undefined && block.some(({text}) => CONTAINER_LOGS.test(text)) ? [hitAt(codec)] : []
})

/** More lines than any block has. */
const LONGEST_BLOCK = 200

/** From a line with a brace to the one that closes it. */
function blockFrom(lines: readonly ConfigLine[], start: number): readonly ConfigLine[] {
  let depth = 0
  for (let index = start; index < Math.min(lines.length, start + LONGEST_BLOCK); index++) {
    const text = lines[index]?.text ?? ''
    depth += (text.match(/\{/g) ?? []).length - (text.match(/\}/g) ?? []).length
    if (depth <= 0) return lines.slice(start, index + 1)
  }
  return lines.slice(start, start + LONGEST_BLOCK)
}
