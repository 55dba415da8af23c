// SPDX-License-Identifier: Apache-2.0
import type {NodeCheck, NodeContext, Outcome, TargetName} from '../../model/check.ts'
import type {HostText} from '../../model/node-facts.ts'
import type {DockerSetting} from '../../model/node/docker.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {isChanged, isForPods, proofsOf, usesOf} from '../lib/docker-settings.ts'
import type {DaemonTopic, WithoutDocker} from '../lib/docker-topic.ts'
import {DAEMON_TOPICS} from '../lib/docker-topics-daemon.ts'
import {REGISTRY_TOPICS} from '../lib/docker-topics-registry.ts'
import {RUNTIME_TOPICS} from '../lib/docker-topics-runtime.ts'
import {DAEMON_KEYS} from '../tables/daemon-keys.ts'

/** Every key that dockerd has and that means something for a node, by topic. */
const TOPICS: readonly DaemonTopic[] = [...REGISTRY_TOPICS, ...RUNTIME_TOPICS, ...DAEMON_TOPICS]
const STAYS = 'Nothing has to be done: dockerd stays, and goes on reading this setting.'

export const checks: readonly NodeCheck[] = TOPICS.map((topic) => {
  const {id, title, why, severity, learnMore, fix, fail, pass, files = {}} = topic
  const unproven = unprovenOf(topic)
  const text = {
    id, title, why, severity, learnMore, ...(unproven !== undefined && {unproven}), fix: forTargets(fix), applies,
    examples: {fail: [exampleWith(fail, files)] as const, pass: [exampleWith(pass, files), {processes: {640: '/usr/bin/containerd'}}] as const},
  }
  if (topic.registries) {
    return nodeCheck({...text, needs: ['dockerSettings', 'registryTexts'], run: ({dockerSettings, registryTexts}, node) => outcomes(topic, dockerSettings, registryTexts ?? [], node)})
  }
  return nodeCheck({...text, needs: ['dockerSettings'], run: ({dockerSettings}, node) => outcomes(topic, dockerSettings, [], node)})
})

/** What was tried: the stanzas for containerd, with 1.6, 1.7 and 2.1. */
function unprovenOf({id, unproven}: DaemonTopic): string | undefined {
  const forCriO = DAEMON_KEYS.some(({check, criO}) => check === id && criO === 'translated')
  const all = [
    ...(unproven === undefined ? [] : [unproven]),
    ...(forCriO ? ['What is to be written for CRI-O is from its source; no CRI-O was run with it.'] : []),
  ]
  return all.length === 0 ? undefined : all.join(' ')
}

function applies({target}: {readonly target: TargetName}): boolean {
  return target !== 'cri-dockerd'
}

function forTargets({containerd, 'cri-o': criO}: WithoutDocker): Readonly<Record<TargetName, string>> {
  return {containerd, 'cri-o': criO, 'cri-dockerd': STAYS}
}

function exampleWith(daemonJson: DaemonTopic['fail'], files: Readonly<Record<string, string>>) {
  return {processes: {812: '/usr/bin/dockerd'}, files: {...files, '/etc/docker/daemon.json': `${JSON.stringify(daemonJson, null, 2)}\n`}}
}

function outcomes(topic: DaemonTopic, settings: readonly DockerSetting[] | undefined, registries: readonly HostText[], node: NodeContext): readonly Outcome[] {
  if (settings === undefined || !isForPods(node)) return []
  const uses = usesOf(settings)
  const own = DAEMON_KEYS.filter(({check}) => check === topic.id).flatMap(({key}) => uses.get(key) ?? []).filter(isChanged)
  return topic.findings(own, {node, uses, registries}).map(({use, part, within, text, severity, fix}) =>
    problem(part === undefined ? use.key : part === '' ? 'settings' : `${use.key} ${part}`, text, {
      evidence: proofsOf(use, within), ...(severity && {severity}), ...(fix && {fix: forTargets(fix)}),
    }))
}
