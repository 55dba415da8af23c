// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {authFromDockerConfig, authOf, passwordAuth} from '../../app/cri/registry-auth.ts'
import type {AuthConfig} from '../../cri/gen/runtime/v1/pull.ts'
import {UserError} from '../../model/user-error.ts'
import {readJson} from './config-files.ts'
import {durationFlag} from './duration.ts'

const GROUP = 'PULL'
/** What a shell says of a program that Ctrl-C has ended. */
const INTERRUPTED = 130

/** Flags of the commands that pull. */
export const pullFlags = {
  creds: Flags.string({helpGroup: GROUP, helpValue: 'USER:PASSWORD', env: 'CRICTL_CREDS', summary: 'Who to be at the registry. Others can see it in the process list: see --username.'}),
  auth: Flags.string({helpGroup: GROUP, helpValue: 'BASE64', env: 'CRICTL_AUTH', summary: 'The same in base64, as config.json of docker has it.'}),
  username: Flags.string({char: 'u', helpGroup: GROUP, helpValue: 'USER', summary: 'Who to be; the password is asked for.', exclusive: ['docker-config']}),
  'docker-config': Flags.file({helpGroup: GROUP, helpValue: 'FILE', summary: 'Take the credentials from this config.json of docker.'}),
  'pull-timeout': durationFlag({aliases: ['pt'], helpGroup: GROUP, env: 'CRICTL_PULL_TIMEOUT', summary: 'Give up pulling after this time; never, by default.'}),
}

/** The values of those flags. */
export interface PullValues {
  readonly creds?: string | undefined
  readonly auth?: string | undefined
  readonly username?: string | undefined
  readonly 'docker-config'?: string | undefined
  /** milliseconds */
  readonly 'pull-timeout'?: number | undefined
}

/** Who to be for an image; undefined: nobody. */
type Credentials = (image: string) => AuthConfig | undefined

/**
 * The credentials that the flags give; asks for a password where they leave it out.
 *
 * @throws UserError where they cannot be had
 */
export async function askedCredentials(flags: PullValues): Promise<Credentials> {
  return credentialsWith(flags, askPassword)
}

/** The same with nothing asked: what would be is not shown anyway. */
export async function shownCredentials(flags: PullValues): Promise<Credentials> {
  return credentialsWith(flags, async () => 'asked for')
}

async function credentialsWith(flags: PullValues, ask: () => Promise<string>): Promise<Credentials> {
  // As crictl: whoever gives a name wants to be that one, whatever the environment says.
  if (flags.username !== undefined && flags.username !== '') {
    const auth = passwordAuth(flags.username, await ask())
    return () => auth
  }
  const file = flags['docker-config']
  if (file !== undefined) {
    const config = readJson(file)
    return (image) => authFromDockerConfig(config, image, file)
  }
  const auth = authOf(flags)
  return () => auth
}

/** Reads a line without showing it. @throws UserError without a terminal, and when Ctrl-C or Ctrl-D ends it */
async function askPassword(): Promise<string> {
  const {stdin, stderr} = process
  if (!stdin.isTTY) throw new UserError('--username asks for the password, and standard input is no terminal.', 'Give --creds or --docker-config.')
  const {createInterface} = await import('node:readline')
  const {Writable} = await import('node:stream')
  stderr.write('Enter Password:')
  const silent = new Writable({write: (_chunk, _encoding, done) => done()})
  const reader = createInterface({input: stdin, output: silent, terminal: true})
  try {
    return await new Promise<string>((resolve, reject) => {
      const left = () => reject(new UserError('No password was given, so nothing was pulled.', 'Try again.', INTERRUPTED))
      reader.once('line', resolve).once('SIGINT', left).once('close', left)
    })
  } finally {
    reader.close()
    stderr.write('\n')
  }
}
