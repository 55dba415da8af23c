// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import type {Endpoint, Told} from '../../app/cri/endpoint.ts'
import {parseEndpoint} from '../../app/cri/endpoint.ts'
import type {CriConnection} from '../../cri/connection.ts'
import {openConnection} from '../../cri/connection.ts'
import {CriError} from '../../cri/errors.ts'
import type {Rpc} from '../../cri/rpc.ts'
import {visible} from '../../render/visible.ts'
import {BaseCommand} from '../base-command.ts'
import type {CrictlConfig} from './crictl-config.ts'
import {readCrictlConfig} from './crictl-config.ts'
import {durationFlag} from './duration.ts'

const GROUP = 'ENDPOINT'

/** Flags that every `cri` command has. */
const criFlags = {
  'runtime-endpoint': Flags.string({
    helpGroup: GROUP,
    helpValue: 'URL',
    summary: 'CRI endpoint of the runtime, such as unix:///run/containerd/containerd.sock.',
    description: 'Else CONTAINER_RUNTIME_ENDPOINT, else runtime-endpoint in /etc/crictl.yaml, else what is found on this host.',
  }),
  'image-endpoint': Flags.string({
    helpGroup: GROUP,
    helpValue: 'URL',
    summary: 'CRI endpoint of the image service, where it is another one.',
    description: 'Else IMAGE_SERVICE_ENDPOINT, else image-endpoint in /etc/crictl.yaml, else the runtime endpoint.',
  }),
  config: Flags.string({helpGroup: GROUP, helpValue: 'FILE', summary: 'crictl configuration to read.', env: 'CRI_CONFIG_FILE'}),
  'call-timeout': durationFlag({
    helpGroup: GROUP,
    summary: 'How long to wait for each answer: 10s for questions, 4m for changes, else the timeout in /etc/crictl.yaml.',
  }),
  'max-retries': Flags.integer({
    helpGroup: GROUP, helpValue: 'N', summary: 'How often to try again while nobody listens, 3 times by default; -1: for ever.',
  }),
  debug: Flags.boolean({helpGroup: GROUP, summary: 'Say on standard error which endpoint is used and why, and what it is asked.'}),
}

/** The values of those flags, and of `--verbose` where a command has one. */
export interface CriFlags {
  readonly 'runtime-endpoint'?: string | undefined
  readonly 'image-endpoint'?: string | undefined
  readonly config?: string | undefined
  /** milliseconds */
  readonly 'call-timeout'?: number | undefined
  readonly 'max-retries'?: number | undefined
  readonly debug?: boolean
  readonly verbose?: boolean
}

/** How long a call may take when nobody says. A change may take as long as the kubelet lets RunPodSandbox take. */
const TIMEOUT_MS = {question: 10_000, change: 240_000} as const

/** Two connections where the image service has an endpoint of its own, else twice the same. */
export interface CriServices {
  readonly runtime: CriConnection
  readonly image: CriConnection
  readonly config: CrictlConfig
}

/** What every `rtctl cri` command shares: how it finds and reaches the runtime, and how the runtime's errors are told. */
export abstract class CriCommand extends BaseCommand {
  static override baseFlags = criFlags
  readonly #open: CriConnection[] = []
  #endpoints: Readonly<Record<'RuntimeService' | 'ImageService', Endpoint>> | undefined

  /**
   * Connects to the runtime and image services. Nothing is sent before the first call.
   *
   * @param kind of the calls, which decides their default time limit
   */
  protected async connect(flags: CriFlags, kind: keyof typeof TIMEOUT_MS = 'question'): Promise<CriServices> {
    const config = await readCrictlConfig(flags.config)
    const runtime = await this.runtimeEndpoint(flags, config)
    const image = imageEndpoint(flags, config) ?? runtime
    for (const endpoint of image === runtime ? [runtime] : [runtime, image]) this.#announce(endpoint, flags)
    this.#endpoints = {RuntimeService: runtime, ImageService: image}
    const connection = this.#connection(runtime, flags, config, kind)
    return {runtime: connection, image: image === runtime ? connection : this.#connection(image, flags, config, kind), config}
  }

  /** The endpoint of the runtime by flag, environment, configuration or what this host shows, in this order. */
  protected async runtimeEndpoint(flags: CriFlags, config: CrictlConfig): Promise<Endpoint> {
    const told = firstTold([
      [flags['runtime-endpoint'], '--runtime-endpoint'],
      [process.env['CONTAINER_RUNTIME_ENDPOINT'], 'CONTAINER_RUNTIME_ENDPOINT'],
      [config['runtime-endpoint'], config.path],
    ])
    if (told !== undefined) return parseEndpoint(told)
    const {discoverEndpoint} = await import('../../app/cri/discover-endpoint.ts')
    const {openLive} = await import('../host-flags.ts')
    return discoverEndpoint(openLive({timeout: 2}))
  }

  /** What a change would send, for `--dry-run`. */
  protected requestOf<Request>(rpc: Rpc<Request, unknown> | Rpc<Request, never>, request: Partial<Request>): unknown {
    return {endpoint: this.#endpoints?.[rpc.service].url, method: rpc.method, request: rpc.request.toJSON(rpc.request.fromPartial(request))}
  }

  /** A sentence for the user beside the answer, on standard error. */
  protected note(text: string): void {
    process.stderr.write(`${visible(text)}\n`)
  }

  /** Turns what the runtime says into cause and next step. */
  protected override async catch(error: Error & {exitCode?: number}): Promise<unknown> {
    if (!(error instanceof CriError) || this.#endpoints === undefined) return super.catch(error)
    // Loaded here: most calls succeed.
    const {explainCriError} = await import('../../app/cri/explain-error.ts')
    return super.catch(await explainCriError(error, this.#endpoints[error.call?.service ?? 'RuntimeService'], this.#open[0]))
  }

  protected override async finally(thrown: Error | undefined): Promise<void> {
    for (const connection of this.#open) connection.close()
    await super.finally(thrown)
  }

  #announce(endpoint: Endpoint, flags: CriFlags): void {
    for (const note of endpoint.notes) this.note(`rtctl: ${note}`)
    if (flags.debug || flags.verbose) this.note(`rtctl: endpoint ${endpoint.url} (${endpoint.why})`)
  }

  #connection({address}: Endpoint, flags: CriFlags, config: CrictlConfig, kind: keyof typeof TIMEOUT_MS): CriConnection {
    const seconds = config.timeout !== undefined && config.timeout > 0 ? config.timeout : undefined
    const connection = openConnection(address, {
      timeoutMs: flags['call-timeout'] || (seconds === undefined ? TIMEOUT_MS[kind] : seconds * 1000),
      maxRetries: flags['max-retries'] ?? config['max-retries'] ?? 3,
      onRetry: (error, attempt, delayMs) => {
        if (flags.debug || process.stderr.isTTY) this.note(`rtctl: ${error.message}; try ${attempt + 1} in ${delayMs / 1000} s`)
      },
      ...((flags.debug || config.debug) && {
        onCall: (method: string, api: string, durationMs: number) => this.note(`rtctl: ${api} ${method} ${durationMs.toFixed(1)} ms`),
      }),
    })
    this.#open.push(connection)
    return connection
  }
}

function imageEndpoint(flags: CriFlags, config: CrictlConfig): Endpoint | undefined {
  const told = firstTold([
    [flags['image-endpoint'], '--image-endpoint'],
    [process.env['IMAGE_SERVICE_ENDPOINT'], 'IMAGE_SERVICE_ENDPOINT'],
    [config['image-endpoint'], config.path],
  ])
  return told === undefined ? undefined : parseEndpoint(told)
}

/** An empty text is nothing told, as in crictl. */
function firstTold(choices: readonly (readonly [text: string | undefined, why: string])[]): Told | undefined {
  const [text, why] = choices.find(([choice]) => choice !== undefined && choice !== '') ?? []
  return text === undefined || why === undefined ? undefined : {text, why}
}
