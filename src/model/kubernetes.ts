// SPDX-License-Identifier: Apache-2.0
import type {Gap} from './chain.ts'
import type {Json, JsonObject, JsonPath} from './json.ts'

/** Both begin at 1; `column` counts UTF-16 code units, as SARIF's default does. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Names a Kubernetes object; `namespace` is empty where the manifest gives none. */
export interface ObjectRef {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Where an object was read. */
export type ObjectOrigin =
  /** `file` as the user gave it or as found below the folder he gave; `-` for standard input */
  | {readonly kind: 'manifest'; readonly file: string}
  /** `context` of the kubeconfig, `in-cluster` for a pod's own */
  | {readonly kind: 'cluster'; readonly context: string}
  /** a static pod of a node */
  | {readonly kind: 'node'; readonly node: string; readonly file: string}

/** One Kubernetes object, from a manifest, a node or an API server. Its `value` is untrusted: any member may have any type. */
export interface KubeObject {
  readonly ref: ObjectRef
  readonly value: JsonObject
  readonly origin: ObjectOrigin
  /** Where a value (its key, if it has one) is written; undefined where no text is behind the object, as from an API server. */
  locate(path: JsonPath): Position | undefined
}

/** A pod spec found in an object: a Pod's own, a workload's template, one that a custom resource embeds. */
export interface PodTemplate {
  readonly object: KubeObject
  /** path of the pod spec in the object */
  readonly path: JsonPath
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** path of the template's metadata; undefined where it has none */
  readonly metadataPath?: JsonPath
  readonly spec: JsonObject
  /** init containers, containers and ephemeral containers, in this order */
  readonly containers: readonly PodContainer[]
  readonly volumes: readonly PodVolume[]
}

export interface PodContainer {
  readonly role: 'init' | 'container' | 'ephemeral'
  /** in the object */
  readonly path: JsonPath
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
  readonly args: readonly string[]
  /** in order; `value` undefined for `valueFrom` */
  readonly env: readonly {readonly name: string; readonly value?: string; readonly path: JsonPath}[]
  readonly mounts: readonly {readonly name: string; readonly mountPath: string; readonly subPath?: string; readonly path: JsonPath}[]
  readonly privileged: boolean
  /** everything, for what the members above leave out */
  readonly raw: JsonObject
}

export interface PodVolume {
  readonly name: string
  readonly path: JsonPath
  /** `location`: path of the host path's string in the object */
  readonly hostPath?: {readonly path: string; readonly type?: string; readonly location: JsonPath}
  readonly raw: JsonObject
}

/** A text that is no Kubernetes object: an entry of a ConfigMap, a collector's file on a host, a CI pipeline, a script. */
export interface TextDocument {
  /** base name or key: `fluent-bit.conf`, `.gitlab-ci.yml`, `Jenkinsfile` */
  readonly name: string
  readonly text: string
  readonly origin:
    | {readonly kind: 'file'; readonly file: string}
    | {readonly kind: 'host-file'; readonly node: string; readonly file: string}
    | {readonly kind: 'object'; readonly object: KubeObject; readonly path: JsonPath}
  /** the text parsed, where it is YAML or JSON; undefined otherwise */
  readonly data?: Json
}

/** What a reader of manifests or of a cluster hands on, one after the other. */
export type Item =
  /** a file was opened; what follows up to the next one is from it */
  | {readonly kind: 'file'; readonly file: string}
  | {readonly kind: 'object'; readonly object: KubeObject}
  | {readonly kind: 'text'; readonly text: TextDocument}
  /** given, and not looked at */
  | {readonly kind: 'skipped'; readonly file: string; readonly line?: number; readonly reason: string}
  /** something that should have been looked at, and could not be: the answer is partial */
  | {readonly kind: 'gap'; readonly gap: Gap}
