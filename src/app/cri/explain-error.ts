// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {CriError} from '../../cri/errors.ts'
import {version} from '../../cri/rpcs/runtime.ts'
import {socketStats} from '../../cri/socket-path.ts'
import {UserError} from '../../model/user-error.ts'
import {releasesOf} from './call-releases.ts'
import type {Endpoint} from './endpoint.ts'
import {nearIds} from './near-ids.ts'
import {otherSockets} from './other-sockets.ts'
import {pluginProblem} from './plugin-problem.ts'
import {nextAfter} from './refusals.ts'
import {unitOf} from './runtime-unit.ts'

/** Status of crictl for whatever the runtime or the connection refuses. */
const FAILED = 1

/** Longest part of a runtime's own words that is told, in characters: some quote whole files. */
const MAX_WORDS = 2000

/** How long a question may take that only helps to explain. */
const LIMIT_MS = 2000

/** Status code of gRPC. */
const NOT_FOUND = 5

/** What happened, and what to do next. */
interface Explanation {
  readonly cause: string
  readonly next: string
}

/** What failed, where. */
interface Failure {
  readonly error: CriError
  readonly endpoint: Endpoint
  readonly connection: CriConnection | undefined
}

/**
 * Cause and next step of a call that failed. The message has the call, the endpoint and who named it, and what the runtime
 * said, on one line: a runtime may say anything, also what looks like advice of rtctl.
 *
 * @param connection asked for what the sentence needs, such as ids near one that is not there
 */
export async function explainCriError(error: CriError, endpoint: Endpoint, connection: CriConnection | undefined): Promise<UserError> {
  const {cause, next} = await explanationOf({error, endpoint, connection})
  const call = error.call?.method ?? 'The call'
  return new UserError(`${call} failed at ${endpoint.url} (${endpoint.why}): ${cause}.`, next, FAILED)
}

async function explanationOf(failure: Failure): Promise<Explanation> {
  switch (failure.error.kind) {
    case 'no-socket':
      return withoutSocket(failure)
    case 'is-directory':
      return {
        cause: 'a directory stands where the socket should be',
        next: 'A hostPath mount without a type makes one when a pod starts before the runtime. Stop the runtime, `rmdir` it, start the runtime.',
      }
    case 'permission':
      return {cause: 'this user may not connect to the socket', next: `Run it as root${ofGroup(failure.endpoint)}.`}
    case 'nobody-listens':
      return withoutListener(failure)
    case 'not-grpc':
      return {cause: 'something listens there, but does not speak gRPC', next: 'Docker\'s socket is no CRI endpoint, nor are containerd\'s .ttrpc and debug sockets. `rtctl inspect` shows the CRI endpoint.'}
    case 'unknown-service':
      return withoutService(failure)
    case 'unimplemented':
      return tooOld(failure)
    case 'deadline':
      return tooLate(failure)
    case 'malformed':
      return {cause: words(failure.error), next: 'Something else than a CRI runtime answers there, or it is broken. `rtctl inspect` shows who listens.'}
    case 'cancelled':
      // Whoever presses Ctrl-C is told nothing more: this was the runtime.
      return brokenOff(failure)
    default:
      return BROKEN.test(failure.error.message) ? brokenOff(failure) : refusal(failure)
  }
}

// ---------------------------------------------------------------- no connection

async function withoutSocket({endpoint}: Failure): Promise<Explanation> {
  const others = await otherSockets(endpoint)
  const [one] = others
  const next = one === undefined
    ? 'Start the runtime, or name another endpoint: `rtctl inspect` shows what runs here and where it listens.'
    : `Start the runtime, or use what is there: ${others.map((path) => `unix://${path}`).join(', ')} (--runtime-endpoint unix://${one}).`
  return {cause: 'there is no socket', next}
}

function withoutListener({endpoint}: Failure): Explanation {
  if (endpoint.address.kind === 'tcp') return {cause: 'nobody listens on this port', next: 'Start the runtime, or name another endpoint: `rtctl inspect` shows what listens here.'}
  const unit = unitOf(endpoint)
  const next = unit === undefined ? '`rtctl inspect` shows which runtime it was.' : `See why: \`systemctl status ${unit}\` and \`journalctl -u ${unit} -e\`.`
  return {cause: 'the socket is there, but nobody listens on it', next: `The runtime has ended, or is starting. ${next}`}
}

/** Who else may connect: some distributions give the socket to a group. */
function ofGroup({address}: Endpoint): string {
  if (address.kind !== 'unix') return ''
  const {mode = 0, gid = 0} = socketStats(address.path) ?? {}
  return gid !== 0 && (mode & 0o020) !== 0 ? `, or as a member of the group ${gid}` : ''
}

// ---------------------------------------------------------------- no such call

/** Disabled, failed to load, or only an older version: the same words over gRPC, so containerd's own services are asked. */
async function withoutService(failure: Failure): Promise<Explanation> {
  if (await servesRuntime(failure)) {
    return {cause: 'there is no image service', next: 'Name the endpoint of the image service with --image-endpoint.'}
  }
  const problem = await pluginProblem(failure.endpoint.address)
  switch (problem.kind) {
    case 'disabled':
      return {cause: 'containerd runs there without its CRI plugin', next: enabling(failure.endpoint)}
    case 'failed':
      return {
        cause: `containerd could not load its CRI plugin: ${bounded(problem.words)}`,
        next: 'Correct what it says (/etc/containerd/config.toml, or the directories and CNI settings that it names), and restart containerd.',
      }
    case 'other':
      return {cause: 'a gRPC server listens there, but it serves neither v1 nor v1alpha2 of the CRI', next: 'Name the CRI endpoint of the runtime: `rtctl inspect` shows it.'}
  }
}

function enabling({url}: Endpoint): string {
  // moby, libcontainerd/supervisor: dockerd writes the configuration of the containerd that it starts
  if (url.includes('/docker/containerd/')) return 'It is dockerd\'s own, which is there for Docker alone. `rtctl inspect` shows whether another runtime has a CRI endpoint.'
  return 'Take "cri" out of disabled_plugins in /etc/containerd/config.toml (Docker\'s package of containerd has it there) and restart containerd.'
}

async function servesRuntime({error, connection}: Failure): Promise<boolean> {
  if (error.call?.service !== 'ImageService' || connection === undefined) return false
  return connection.call(version, {version: ''}, {timeoutMs: LIMIT_MS}).then(() => true, () => false)
}

function tooOld({error, connection}: Failure): Explanation {
  const age = connection?.api === 'v1alpha2' ? ', which speaks v1alpha2 only,' : ''
  const releases = releasesOf(error.call?.method ?? '')
  return {
    cause: `the runtime${age} does not have this call: ${words(error)}`,
    next: `\`rtctl cri version\` shows which runtime it is.${releases === undefined ? '' : ` ${releases}`}`,
  }
}

// ---------------------------------------------------------------- no good answer

const READS = /^(?:List|Stream|Version|Status|Get|RuntimeConfig|ImageFsInfo|ContainerSta|PodSandboxSta|ImageStatus)/

function tooLate({error}: Failure): Explanation {
  const done = READS.test(error.call?.method ?? '') ? '' : ' The runtime may still do what it was asked: look before you try again.'
  return {
    cause: words(error),
    next: `Give it longer with --call-timeout 10m.${done} If that does not help the runtime hangs: \`rtctl inspect\` shows it, its journal says on what.`,
  }
}

async function refusal({error, endpoint, connection}: Failure): Promise<Explanation> {
  const cause = words(error)
  const known = nextAfter(error)
  const near = await nearIds(error, connection)
  if (near !== undefined && (error.code === NOT_FOUND || known === undefined || near.kind === 'candidates')) return {cause, next: near.next}
  return {cause, next: known ?? `The journal of the runtime says more${journalOf(endpoint)}.`}
}

/** What grpc-js says of a connection that ended (subchannel-call.ts, http2 of Node.js). */
const BROKEN = /^(?:Connection dropped|read ECONN|write EPIPE|Received RST_STREAM|Stream refused|No connection established|The pending stream has been canceled)/

function brokenOff({error, endpoint}: Failure): Explanation {
  const done = READS.test(error.call?.method ?? '') ? '' : ' It may have done what it was asked: look before you try again.'
  return {cause: 'the connection broke off before the answer', next: `The runtime has ended or was restarted${journalOf(endpoint)}.${done}`}
}

function journalOf(endpoint: Endpoint): string {
  const unit = unitOf(endpoint)
  return unit === undefined ? '; `rtctl inspect` shows which one it is' : `: \`journalctl -u ${unit} -e\``
}

/** The runtime's words on one line. */
function words(error: CriError): string {
  return bounded(error.message.replaceAll(/\s+/g, ' ').trim().replace(/\.$/, '')) || 'it gave no reason'
}

function bounded(text: string): string {
  return text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}… (cut off)` : text
}
