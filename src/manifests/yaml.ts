// SPDX-License-Identifier: Apache-2.0
import {boolYaml11Tag, constructFromEvents, CORE_SCHEMA, defineScalarTag, defineSequenceTag, EVENT_ID, mapTag, mergeTag, NOT_RESOLVED} from 'js-yaml'
import type {Json} from '../model/json.ts'
import {DEEPEST, eventsOf} from './events.ts'

/** How much larger than its text a document may become by aliases: characters, and values that count as one. */
const MOST_BY_ALIASES = 1024 * 1024
/** Keys that merge keys (`<<`) may bring into one document. */
const MOST_MERGED = 200_000

/**
 * Tags that only the reader of a file knows (`!reference` of GitLab) say nothing here: what they stand at is taken as it is written.
 * Such a tag matches by a prefix that is empty.
 */
const ANY_TAG = [
  defineScalarTag('', {matchByTagPrefix: true, resolve: (source) => source, identify: () => false}),
  defineSequenceTag<unknown[]>('', {matchByTagPrefix: true, create: () => [], addItem: (items, item) => void items.push(item), identify: () => false}),
  {...mapTag, tagName: '', matchByTagPrefix: true, identify: () => false},
]
const SCHEMA = CORE_SCHEMA.withTags(mergeTag, ANY_TAG)
/**
 * kubectl reads YAML 1.1 (sigs.k8s.io/yaml, goyaml.v2/resolve.go): `privileged: yes` is true. Not so `y` and `n` here: they are names
 * more often, as the keys of a dashboard's coordinates.
 */
const OBJECT_SCHEMA = SCHEMA.withTags(defineScalarTag(boolYaml11Tag.tagName, {
  ...boolYaml11Tag, resolve: (source, isExplicit, tag) => (source.length === 1 ? NOT_RESOLVED : boolYaml11Tag.resolve(source, isExplicit, tag)),
}))
const IS_OBJECT = /^["']?apiVersion["']?\s*:/m

/**
 * One document of YAML or JSON as plain values. Of two equal keys the last counts, as for kubectl. No value contains itself, and
 * walking all of them takes no longer than the length of the text suggests.
 *
 * @throws where it is neither, is nested too deep, or grows too large by its aliases
 */
export function parseDocument(text: string): Json {
  const first = /\S/.exec(text)?.[0]
  if (first !== '{' && first !== '[') return parseYaml(text)
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    // Flow style of YAML begins in the same way.
    return parseYaml(text)
  }
  if (isDeeper(value, DEEPEST)) throw new TypeError(`nested deeper than ${DEEPEST}`)
  return value
}

function parseYaml(text: string): Json {
  const {events, source} = eventsOf(text)
  const documents = constructFromEvents(events, {source, json: true, maxTotalMergeKeys: MOST_MERGED, schema: IS_OBJECT.test(source) ? OBJECT_SCHEMA : SCHEMA})
  if (documents.length > 1) throw new TypeError('more than one document')
  const value = (documents[0] ?? null) as Json
  if (source.includes('*') && events.some(({type}) => type === EVENT_ID.ALIAS)) weightOf(value, text.length + MOST_BY_ALIASES, new Map(), 0)
  return value
}

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1))
}

/** How much a value is with all its aliases written out. `known`: 0 while a collection is being looked into. */
function weightOf(value: Json, limit: number, known: Map<object, number>, depth: number): number {
  if (typeof value === 'string') return 1 + value.length
  if (typeof value !== 'object' || value === null) return 1
  const before = known.get(value)
  if (before === 0) throw new TypeError('an alias that contains itself')
  if (before !== undefined) return before
  if (depth > DEEPEST) throw new TypeError(`nested deeper than ${DEEPEST} by aliases`)
  known.set(value, 0)
  let weight = 1
  for (const [key, member] of Object.entries(value)) {
    weight += key.length + weightOf(member, limit, known, depth + 1)
    if (weight > limit) throw new TypeError('aliases that stand for too much')
  }
  known.set(value, weight)
  return weight
}
