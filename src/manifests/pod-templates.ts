// SPDX-License-Identifier: Apache-2.0
import type {Json, JsonObject, JsonPath} from '../model/json.ts'
import type {KubeObject, PodContainer, PodTemplate, PodVolume} from '../model/kubernetes.ts'
import {arrayAt, isObject, objectAt, stringAt, stringsAt} from './untrusted.ts'

/** Deeper than any real object; what is nested further was made to waste time. */
const DEEPEST = 40
const WORKLOAD = ['spec', 'template', 'spec'] as const
/** Where kinds of Kubernetes itself have their pod spec, also where it is a patch that names no image. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  'v1 Pod': ['spec'],
  'v1 PodTemplate': ['template', 'spec'],
  'v1 ReplicationController': WORKLOAD,
  'apps Deployment': WORKLOAD, 'apps DaemonSet': WORKLOAD, 'apps StatefulSet': WORKLOAD, 'apps ReplicaSet': WORKLOAD,
  'extensions Deployment': WORKLOAD, 'extensions DaemonSet': WORKLOAD, 'extensions ReplicaSet': WORKLOAD,
  'batch Job': WORKLOAD,
  'batch CronJob': ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
}
/** Groups whose objects speak of pods and make none: schemas, and patterns that pods have to match. */
const MAKES_NO_PODS = /^(?:CustomResourceDefinition |(?:Cluster)?Policy kyverno\.io|\w+ (?:policies\.kyverno\.io|templates\.gatekeeper\.sh|constraints\.gatekeeper\.sh|metrics\.k8s\.io))/
/** Lists of containers in a pod spec, and the role of what is in them. `steps` are those of a Tekton task. */
const LISTS = [['initContainers', 'init'], ['containers', 'container'], ['steps', 'container'], ['sidecars', 'container'], ['ephemeralContainers', 'ephemeral']] as const
/** Members that are a container by themselves: Argo Workflows' templates. */
const SINGLES = ['container', 'script'] as const
/** What is below these belongs to the pod spec around it. */
const OF_THE_SPEC = new Set<string>([...LISTS.map(([key]) => key), ...SINGLES, 'volumes'])

/**
 * Every pod spec in an object: a Pod's own, the template of a workload, those that a custom resource embeds at any depth. In a
 * custom resource a thing is taken for a pod spec by what it has: containers with images or mounts.
 */
export function podTemplatesOf(object: KubeObject): readonly PodTemplate[] {
  const {apiVersion, kind} = object.ref
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : apiVersion
  if (MAKES_NO_PODS.test(`${kind} ${group}`)) return []
  const path = Object.hasOwn(PATHS, `${group} ${kind}`) ? PATHS[`${group} ${kind}`] : undefined
  if (path !== undefined) return at(object, path)
  const found: PodTemplate[] = []
  search({object, found, path: []}, object.value, undefined)
  return found
}

/** The pod spec at a path, whatever it has. */
function at(object: KubeObject, path: readonly string[]): readonly PodTemplate[] {
  let [value, parent]: [JsonObject | undefined, JsonObject | undefined] = [object.value, undefined]
  for (const key of path) [value, parent] = [objectAt(value, key), value]
  return value === undefined ? [] : [templateOf(object, value, path, parent, containersOf(value, path))]
}

interface Search {
  readonly object: KubeObject
  readonly found: PodTemplate[]
  /** of the value that is being looked at */
  readonly path: (string | number)[]
}

function search(state: Search, value: JsonObject | readonly Json[], parent: JsonObject | undefined): void {
  const {object, found, path} = state
  if (path.length > DEEPEST) return
  const isList = Array.isArray(value)
  let isSpec = false
  if (!isList && hasContainers(value as JsonObject)) {
    const [spec, own] = [value as JsonObject, [...path]]
    found.push(templateOf(object, spec, own, parent, containersOf(spec, own)))
    isSpec = true
  }
  for (const key of Object.keys(value)) {
    const member = (value as JsonObject)[key]
    if (typeof member !== 'object' || member === null || (isSpec && OF_THE_SPEC.has(key))) continue
    path.push(isList ? Number(key) : key)
    search(state, member, isList ? undefined : (value as JsonObject))
    path.pop()
  }
}

function hasContainers(value: JsonObject): boolean {
  return LISTS.some(([key]) => Object.hasOwn(value, key) && arrayAt(value, key).some(isContainer)) ||
    SINGLES.some((key) => Object.hasOwn(value, key) && isContainer(value[key]))
}

/** By its image; by its mounts, where the controller knows the image, as the operator of Elastic does. */
export function isContainer(item: Json | undefined): boolean {
  return stringAt(item, 'image') !== undefined || (stringAt(item, 'name') !== undefined && arrayAt(item, 'volumeMounts').length > 0)
}

function containersOf(spec: JsonObject, path: JsonPath): readonly PodContainer[] {
  const listed = LISTS.flatMap(([key, role]) =>
    arrayAt(spec, key).flatMap((item, index) => (isObject(item) ? [containerOf(item, role, [...path, key, index], key === 'steps' ? `unnamed-${index}` : '')] : [])),
  )
  const single = SINGLES.flatMap((key) => {
    const item = objectAt(spec, key)
    return item !== undefined && isContainer(item) ? [containerOf(item, 'container', [...path, key], 'main')] : []
  })
  return [...listed, ...single]
}

/** @param unnamed what its controller, Argo or Tekton, calls a container that has no name */
function containerOf(raw: JsonObject, role: PodContainer['role'], path: JsonPath, unnamed: string): PodContainer {
  const source = stringAt(raw, 'source') ?? stringAt(raw, 'script')
  return {
    role, path, raw,
    name: stringAt(raw, 'name') ?? unnamed,
    image: stringAt(raw, 'image') ?? '',
    command: stringsAt(raw, 'command'),
    // What Argo and Tekton run as a script is an argument of the shell they start.
    args: [...stringsAt(raw, 'args'), ...(source === undefined ? [] : [source])],
    env: namedIn(raw, 'env', path, (item, name, own) => {
      const value = stringAt(item, 'value')
      return value === undefined ? {name, path: own} : {name, value, path: own}
    }),
    mounts: namedIn(raw, 'volumeMounts', path, (item, name, own) => {
      const mountPath = stringAt(item, 'mountPath')
      const subPath = stringAt(item, 'subPath') ?? stringAt(item, 'subPathExpr')
      return mountPath === undefined ? undefined : {name, mountPath, ...(subPath !== undefined && {subPath}), path: own}
    }),
    privileged: objectAt(raw, 'securityContext')?.['privileged'] === true,
  }
}

/** What is made of the items of a list that have a name. No array is made for each: ten thousand manifests have half a million variables. */
function namedIn<T>(raw: JsonObject, key: string, path: JsonPath, make: (item: Json | undefined, name: string, own: JsonPath) => T | undefined): readonly T[] {
  const found: T[] = []
  const list = [...path, key]
  const items = arrayAt(raw, key)
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    const name = stringAt(item, 'name')
    const one = name === undefined ? undefined : make(item, name, [...list, index])
    if (one !== undefined) found.push(one)
  }
  return found
}

function templateOf(
  object: KubeObject, spec: JsonObject, path: JsonPath, parent: JsonObject | undefined, containers: readonly PodContainer[],
): PodTemplate {
  // Beside `spec`; Argo's templates and operators that call the spec otherwise have it inside.
  const [metadata, metadataPath] = path.at(-1) === 'spec'
    ? [objectAt(parent, 'metadata'), [...path.slice(0, -1), 'metadata']]
    : [objectAt(spec, 'metadata'), [...path, 'metadata']]
  return {
    object, path, spec, containers,
    labels: stringMembers(objectAt(metadata, 'labels')), annotations: stringMembers(objectAt(metadata, 'annotations')),
    ...(metadata !== undefined && {metadataPath}),
    volumes: volumesOf(spec, path),
  }
}

function volumesOf(spec: JsonObject, path: JsonPath): readonly PodVolume[] {
  return arrayAt(spec, 'volumes').flatMap((raw, index): readonly PodVolume[] => {
    const name = stringAt(raw, 'name')
    if (name === undefined || !isObject(raw)) return []
    const own = [...path, 'volumes', index]
    const [host, type] = [stringAt(objectAt(raw, 'hostPath'), 'path'), stringAt(objectAt(raw, 'hostPath'), 'type')]
    const hostPath = host === undefined ? undefined : {path: host, ...(type !== undefined && {type}), location: [...own, 'hostPath', 'path']}
    return [{name, path: own, raw, ...(hostPath && {hostPath})}]
  })
}

function stringMembers(value: JsonObject | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(value ?? {}).filter(([, member]) => typeof member === 'string')
  return Object.fromEntries(entries) as Record<string, string>
}
