// SPDX-License-Identifier: Apache-2.0
import type {Hook} from '@oclif/core/hooks'
import {UserError} from '../model/user-error.ts'
import {translated} from './cri/docker-words.ts'
import {nearest} from './nearest.ts'

/** oclif calls this when the first words of the command line name no command. */
const unknownCommand: Hook<'command_not_found'> = async ({id, config}) => {
  // For a first word that it does not know, oclif takes the arguments into the id as well: `inspct:web`.
  const words = id.split(':')
  const [first = id, second] = words
  if (first.startsWith('-')) {
    throw new UserError(`A command comes before its flags, and \`${first}\` is none.`, 'See `rtctl --help`.')
  }
  const inTopic = second !== undefined && config.topics.some(({name}) => name === first)
  const word = inTopic ? `${first} ${second}` : first
  const known = config.commands.filter((command) => !command.hidden).map((command) => command.id.replaceAll(':', ' '))
  const meant = nearest(word, known).map((name) => `\`rtctl ${name}\``)
  const hint = first === 'cri' || !inTopic ? translated(inTopic ? words.slice(1) : words) : undefined
  const next = hint ?? (meant.length > 0 ? `Did you mean ${meant.join(' or ')}?` : 'See `rtctl --help`.')
  throw new UserError(`There is no command \`${word}\`.`, next)
}

export default unknownCommand
