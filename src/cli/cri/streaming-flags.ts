// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import * as Flags from '@oclif/core/flags'
import {UserError} from '../../model/user-error.ts'
import type {StreamingOptions} from '../../app/cri/exec.ts'

const GROUP = 'STREAM'
const TRANSPORTS = ['auto', 'websocket', 'spdy'] as const

/** How long connecting to the streaming server may take: it is on this node. */
const CONNECT_MS = 10_000

/** Flags of the commands that use the runtime's streaming server. */
export const streamingFlags = {
  transport: Flags.option({
    char: 'r', options: TRANSPORTS, default: 'auto' as (typeof TRANSPORTS)[number], helpGroup: GROUP,
    summary: 'Protocol of the stream: websocket, spdy, or the one that loses nothing.',
  })(),
  'tls-sni': Flags.string({
    aliases: ['tls-server-name'], helpGroup: GROUP, helpValue: 'NAME', default: 'localhost', summary: 'Name that the certificate of the streaming server must have.',
  }),
  'tls-ca': Flags.string({helpGroup: GROUP, helpValue: 'FILE', summary: 'Authority of the streaming server\'s certificate. Any certificate is taken without these.'}),
  'tls-cert': Flags.string({helpGroup: GROUP, helpValue: 'FILE', summary: 'Certificate to show to the streaming server.'}),
  'tls-key': Flags.string({helpGroup: GROUP, helpValue: 'FILE', summary: 'Key of that certificate.'}),
}

interface Values {
  readonly transport: (typeof TRANSPORTS)[number]
  readonly 'tls-sni': string
  readonly 'tls-ca'?: string | undefined
  readonly 'tls-cert'?: string | undefined
  readonly 'tls-key'?: string | undefined
}

/** @throws UserError when a file cannot be read, or a certificate comes without its key */
export function streamingOptions(flags: Values): StreamingOptions {
  const [ca, cert, key] = (['tls-ca', 'tls-cert', 'tls-key'] as const).map((name) => read(flags[name], name))
  if ((cert === undefined) !== (key === undefined)) {
    throw new UserError('--tls-cert and --tls-key go together.', 'Give both, or none of them.')
  }
  const insecure = ca === undefined && cert === undefined
  return {transport: flags.transport, tls: {ca, cert, key, serverName: flags['tls-sni'], insecure}, timeoutMs: CONNECT_MS}
}

function read(file: string | undefined, flag: string): Buffer | undefined {
  if (file === undefined) return undefined
  try {
    return readFileSync(file)
  } catch (error) {
    throw new UserError(`--${flag}: ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`, 'Check the path.')
  }
}
