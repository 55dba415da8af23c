// SPDX-License-Identifier: Apache-2.0
import type {JsonPath} from '../../model/json.ts'
import type {PodContainer} from '../../model/kubernetes.ts'
import {AGENT_SETTINGS, type AgentSetting} from '../tables/agent-settings.ts'

/** A setting of a container that keeps an agent on Docker. */
export interface FoundSetting {
  readonly setting: AgentSetting
  /** the words found */
  readonly text: string
  readonly path: JsonPath
}

/** The settings of a container that keep an agent on Docker, of those that are known. */
export function agentSettingsOf(container: PodContainer): readonly FoundSetting[] {
  return AGENT_SETTINGS.flatMap((setting) => findIn(container, setting) ?? [])
}

function findIn(container: PodContainer, setting: AgentSetting): FoundSetting | undefined {
  const {agentImage, name, env, arg} = setting
  if (agentImage !== undefined && !agentImage.test(container.image)) return undefined
  if (env !== undefined) {
    const found = container.env.find((one) => one.name === name && one.value !== undefined && env.test(one.value))
    if (found !== undefined) return {setting, text: `${name}=${found.value}`, path: found.path}
  }
  if (arg !== undefined) {
    const word = [...container.command, ...container.args].find((one) => arg.test(one))
    if (word !== undefined) return {setting, text: word.slice(0, 200), path: container.path}
  }
  return undefined
}
