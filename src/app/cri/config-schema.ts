// SPDX-License-Identifier: Apache-2.0
import {configSchema} from '../../cri/gen/runtime/v1/config-schema.ts'
import type {MessageSchema, ValueSchema} from '../../cri/json-schema.ts'

/** Messages that people write files for. */
export type ConfigMessage = 'PodSandboxConfig' | 'ContainerConfig'

/** The JSON schema of a configuration, as far as it takes: made of the `.proto`, with names and numbers of enums. */
export function schemaOf(message: ConfigMessage): object {
  const definitions = new Map<string, MessageSchema>()
  const define = (name: string) => {
    const schema = configSchema[name]
    if (schema === undefined || definitions.has(name)) return
    definitions.set(name, schema)
    for (const value of Object.values(schema.properties)) for (const inner of messagesIn(value)) define(inner)
  }
  define(message)
  return {$schema: 'https://json-schema.org/draft/2020-12/schema', $ref: `#/$defs/${message}`, $defs: Object.fromEntries([...definitions].toSorted(([one], [other]) => (one < other ? -1 : 1)))}
}

function messagesIn(value: ValueSchema): readonly string[] {
  if ('$ref' in value) return [value.$ref.replace('#/$defs/', '')]
  return 'type' in value && value.type === 'array' ? messagesIn(value.items) : []
}
