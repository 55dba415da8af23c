// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {schemaOf, type ConfigMessage} from '../../app/cri/config-schema.ts'
import {UserError} from '../../model/user-error.ts'
import {print} from '../output.ts'

/** Flags of the commands that need two kinds of configuration. */
export const schemaFlags = {
  pod: Flags.boolean({char: 'p', summary: 'That of a pod.'}),
  container: Flags.boolean({char: 'c', summary: 'That of a container.'}),
}

/** @throws UserError when none is wanted */
export function wantedSchemas({pod, container}: {readonly pod: boolean; readonly container: boolean}): readonly ConfigMessage[] {
  if (!pod && !container) throw new UserError('Whose schema is not told.', 'Give --pod or --container.')
  return [...(pod ? ['PodSandboxConfig' as const] : []), ...(container ? ['ContainerConfig' as const] : [])]
}

/** Prints the JSON schema of a configuration. */
export async function printSchema(message: ConfigMessage): Promise<void> {
  await print(`${JSON.stringify(schemaOf(message), null, 2)}\n`)
}
