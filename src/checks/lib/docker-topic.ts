// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Severity} from '../../model/check.ts'
import type {Json, JsonObject} from '../../model/json.ts'
import type {HostText} from '../../model/node-facts.ts'
import {proofsOf, type Use} from './docker-settings.ts'

/** Advice for the targets that do without dockerd. */
export interface WithoutDocker {
  readonly containerd: string
  readonly 'cri-o': string
}

/** Keys of daemon.json of the same fate: a check. The keys that belong to it name its id. */
export interface DaemonTopic {
  readonly id: string
  readonly title: {readonly pass: string; readonly fail: string}
  readonly why: string
  readonly severity: Severity
  readonly fix: WithoutDocker
  readonly learnMore: string
  readonly unproven?: string
  /** whether it has to know what is configured for the new runtime already */
  readonly registries?: true
  /** @param uses those of its keys that are set to something else than the default */
  findings(uses: readonly Use[], context: TopicContext): readonly TopicFinding[]
  /** daemon.json of an example that fails, and of one that passes */
  readonly fail: JsonObject
  readonly pass: JsonObject
  /** other files of the hosts of both examples */
  readonly files?: Readonly<Record<string, string>>
}

export interface TopicContext {
  readonly node: NodeContext
  /** everything dockerd is told, by key */
  readonly uses: ReadonlyMap<string, Use>
  /** configuration of registries for the new runtime, as far as it is there */
  readonly registries: readonly HostText[]
}

export interface TopicFinding {
  readonly use: Use
  /** tells it from others of the same key, where there are several; empty where all keys of the topic have one finding */
  readonly part?: string
  /** key of the table that the value is, for the line */
  readonly within?: string
  readonly text: string
  readonly severity?: Severity
  readonly fix?: WithoutDocker
}

/** A finding for each setting. */
export function each(uses: readonly Use[], make: (use: Use) => Omit<TopicFinding, 'use'>): readonly TopicFinding[] {
  return uses.map((use) => ({use, ...make(use)}))
}

/** The value of a setting in a sentence, not too long. */
export function shown(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}

/** `registry-mirrors in /etc/docker/daemon.json`, `--registry-mirror in argv of pid 812` */
export function named(use: Use): string {
  const [setting] = use.settings
  if (setting === undefined) return use.key
  const place = proofsOf(use)[0]?.source.replace(/^(\/.*):\d+$/, '$1') ?? ''
  return setting.from === 'file' ? `${use.key} in ${place}` : `--${setting.name} in ${place}`
}
