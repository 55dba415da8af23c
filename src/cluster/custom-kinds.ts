// SPDX-License-Identifier: Apache-2.0
import {isObject, listOf, objectAt, textAt} from './json.ts'
import type {Json, JsonObject} from '../model/json.ts'
import {KNOWN_CUSTOM_RESOURCES, type ReadKind} from './kinds.ts'

/** A schema can refer to nothing, but be deep: 40 levels are more than any pod template needs, 200,000 values more than etcd holds. */
const DEEPEST = 40
const MOST_VALUES = 200_000

/** The custom resources of a definition, where they can have something to do with container runtimes; undefined otherwise. */
export function customKind(definition: Json): ReadKind | undefined {
  if (!isObject(definition)) return undefined
  const spec = objectAt(definition, 'spec')
  const names = objectAt(spec, 'names')
  const [group, resource, kind] = [textAt(spec, 'group'), textAt(names, 'plural'), textAt(names, 'kind')]
  if (!isLabel(group) || !isLabel(resource) || kind === '') return undefined
  const version = versionOf(spec)
  if (version === undefined) return undefined
  const template = templateIn(schemaOf(spec, version))
  if (template === undefined && !isKnown(group, resource)) return undefined
  return {
    kind, resource, versions: [`${group}/${textAt(version, 'name')}`], namespaced: textAt(spec, 'scope') !== 'Cluster', optional: true,
    limit: 100, ...(template !== undefined && {template}),
  }
}

/** The version that is stored, where it is served; another one costs the server a conversion, by a webhook maybe. */
function versionOf(spec: JsonObject): JsonObject | undefined {
  const versions = listOf(spec['versions']).filter(isObject).filter((version) => isLabel(textAt(version, 'name')))
  // apiextensions.k8s.io/v1beta1 has a single one at first
  if (versions.length === 0) return isLabel(textAt(spec, 'version')) ? {name: textAt(spec, 'version')} : undefined
  const served = versions.filter(({served: isServed}) => isServed === true)
  return served.find(({storage}) => storage === true) ?? served[0]
}

function schemaOf(spec: JsonObject, version: JsonObject): JsonObject {
  const own = objectAt(objectAt(version, 'schema'), 'openAPIV3Schema')
  return Object.keys(own).length > 0 ? own : objectAt(objectAt(spec, 'validation'), 'openAPIV3Schema')
}

/** `whole` where the schema has `template.spec.containers`, `part` where it has `containers` with an `image` elsewhere. */
function templateIn(schema: JsonObject): 'whole' | 'part' | undefined {
  const left: {readonly value: JsonObject; readonly path: string; readonly depth: number}[] = [{value: schema, path: '', depth: 0}]
  let [found, values]: ['part' | undefined, number] = [undefined, 0]
  for (let next = left.pop(); next !== undefined && values < MOST_VALUES; next = left.pop()) {
    const {value, path, depth} = next
    values++
    if (depth >= DEEPEST) continue
    for (const [name, property] of Object.entries(objectAt(value, 'properties'))) {
      if (!isObject(property)) continue
      const own = `${path}/${name}`
      if (name === 'containers' && 'image' in objectAt(objectAt(property, 'items'), 'properties')) {
        if (path.endsWith('/template/spec')) return 'whole'
        found = 'part'
      }
      left.push({value: property, path: own, depth: depth + 1})
    }
    for (const within of ['items', 'additionalProperties']) {
      const inner = value[within]
      if (inner !== undefined && isObject(inner)) left.push({value: inner, path, depth: depth + 1})
    }
  }
  return found
}

function isKnown(group: string, resource: string): boolean {
  const known = Object.hasOwn(KNOWN_CUSTOM_RESOURCES, group) ? KNOWN_CUSTOM_RESOURCES[group] : undefined
  return known !== undefined && (known.includes('*') || known.includes(resource))
}

/** What may stand in a path without escape, as the API server demands it of these names. */
function isLabel(name: string): boolean {
  return /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(name)
}
