// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {CriError} from '../../cri/errors.ts'
import {UserError} from '../../model/user-error.ts'
import type {Endpoint} from './endpoint.ts'
import {nearIds} from './near-ids.ts'
import {pluginProblem} from './plugin-problem.ts'

/** Status of crictl for whatever the runtime or the connection refuses. */
const FAILED = 1

/** Longest part of a runtime's own words that is told, in characters: some quote whole files. */
const MAX_WORDS = 2000

/** What happened, and what to do next. */
interface Explanation {
  readonly cause: string
  readonly next: string
}

/**
 * Cause and next step of a call that failed. The message has the call, the endpoint and who named it, and what the
 * runtime said.
 *
 * @param connection asked for what the sentence needs, such as ids near one that is not there
 */
export async function explainCriError(error: CriError, endpoint: Endpoint, connection: CriConnection | undefined): Promise<UserError> {
  const {cause, next} = await explanationOf(error, endpoint, connection)
  const call = error.call?.method ?? 'The call'
  return new UserError(`${call} failed at ${endpoint.url} (${endpoint.why}): ${cause}.`, next, FAILED)
}

async function explanationOf(error: CriError, endpoint: Endpoint, connection: CriConnection | undefined): Promise<Explanation> {
  switch (error.kind) {
    case 'no-socket':
      return {cause: 'there is no socket', next: 'Start the runtime, or name another endpoint: `rtctl inspect` shows what runs here and where it listens.'}
    case 'is-directory':
      return {
        cause: 'a directory stands where the socket should be',
        next: 'A hostPath mount without a type makes one when a pod starts before the runtime. Stop the runtime, `rmdir` it, start the runtime.',
      }
    case 'permission':
      return {cause: 'this user may not connect to the socket', next: 'Run it as root.'}
    case 'nobody-listens':
      return {cause: 'the socket is there, but nobody listens on it', next: `The runtime has ended. See why: \`systemctl status ${unitOf(endpoint)}\` and \`journalctl -u ${unitOf(endpoint)} -e\`.`}
    case 'not-grpc':
      return {cause: 'something listens there, but does not speak gRPC', next: 'Docker\'s socket is no CRI endpoint, nor are containerd\'s .ttrpc and debug sockets. `rtctl inspect` shows the CRI endpoint.'}
    case 'unknown-service':
      return withoutService(endpoint)
    case 'unimplemented':
      return tooOld(error, connection)
    case 'deadline':
      return {cause: 'no answer in time', next: 'Give it longer with --call-timeout 1m. If that does not help the runtime hangs: `rtctl inspect` shows it, its journal says on what.'}
    case 'malformed':
      return {cause: words(error), next: 'Something else than a CRI runtime answers there, or it is broken. `rtctl inspect` shows who listens.'}
    default:
      return refusal(error, connection)
  }
}

/** Disabled, failed to load, or only an older version: the same words over gRPC, so containerd's own services are asked. */
async function withoutService(endpoint: Endpoint): Promise<Explanation> {
  const problem = await pluginProblem(endpoint.address)
  switch (problem.kind) {
    case 'disabled':
      return {
        cause: 'containerd runs there without its CRI plugin',
        next: 'Take "cri" out of disabled_plugins in /etc/containerd/config.toml (the package of Docker puts it there) and restart containerd.',
      }
    case 'failed':
      return {cause: `containerd could not load its CRI plugin: ${bounded(problem.words)}`, next: 'Correct what it says in /etc/containerd/config.toml or its CNI settings, and restart containerd.'}
    case 'other':
      return {cause: 'a gRPC server listens there, but it serves neither v1 nor v1alpha2 of the CRI', next: 'Name the CRI endpoint of the runtime: `rtctl inspect` shows it.'}
  }
}

/** Kubernetes releases that brought calls, as in proto/; runtimes have them some releases later. */
const SINCE: Readonly<Record<string, string>> = {
  PodSandboxStats: '1.23 (containerd 1.6, CRI-O 1.23)', ListPodSandboxStats: '1.23 (containerd 1.6, CRI-O 1.23)',
  CheckpointContainer: '1.25 (containerd 2.1, CRI-O 1.25)', GetContainerEvents: '1.25 (containerd 1.7, CRI-O 1.26)',
  ListMetricDescriptors: '1.26 (CRI-O 1.28)', ListPodSandboxMetrics: '1.26 (CRI-O 1.28)', RuntimeConfig: '1.28 (containerd 2.0, CRI-O 1.28)',
}

function tooOld(error: CriError, connection: CriConnection | undefined): Explanation {
  const since = SINCE[error.call?.method ?? '']
  const version = connection?.api === 'v1alpha2' ? ', which speaks v1alpha2 only' : ''
  const came = since === undefined ? '' : ` It came with Kubernetes ${since}.`
  return {cause: `the runtime${version} does not have this call: ${words(error)}`, next: `See which runtime it is with \`rtctl cri version\`.${came}`}
}

/** What runtimes say, and what to do about it. Wording: containerd internal/cri, CRI-O server/, dockershim; the first that fits counts. */
const REFUSALS: readonly {readonly said: RegExp; readonly next: string}[] = [
  // containerd internal/cri/server/podsandbox/sandbox_run.go, "failed to get sandbox image"
  {said: /failed to get sandbox image|failed pulling image.*pause/i, next: 'The node cannot pull the image of pod sandboxes. Load it with `rtctl cri images load`, or set sandbox_image (containerd 1), pinned_images.sandbox (2), pause_image (CRI-O) to one that it can.'},
  // go-cni: "cni plugin not initialized"; cri-o: "No CNI configuration file in"; containerd: "failed to setup network for sandbox"
  {said: /cni plugin not initialized|network plugin is not ready|no networks found in|No CNI configuration/i, next: 'There is no network for pods yet: install a CNI plugin, so that /etc/cni/net.d has a configuration. `rtctl cri info` shows what the runtime reads.'},
  {said: /failed to (?:setup|set up) network for sandbox|plugin type="[^"]*" failed/i, next: 'The CNI plugin failed: its words are above. See its configuration in /etc/cni/net.d and its programs in /opt/cni/bin.'},
  // containerd internal/registrar: name "x" is reserved for "id"; cri-o: name is reserved
  {said: /is reserved for|name.*already reserved|is already in use/i, next: 'Something of this name is still there. Remove it (`rtctl cri rmp ID`, `rtctl cri rm ID`), or raise attempt in the metadata.'},
  {said: /multiple IDs found with provided prefix|ambiguous/i, next: 'Give more of the id.'},
  {said: /authorization failed|unauthorized|authentication required|pull access denied|no basic auth credentials|403 Forbidden/i, next: 'The registry wants to know who asks: give --creds, --username or --docker-config. It may also be that there is no such image.'},
  {said: /server gave HTTP response to HTTPS client/i, next: 'The registry speaks plain HTTP. Allow it: certs.d/HOST/hosts.toml for containerd, insecure = true in registries.conf for CRI-O.'},
  {said: /x509:|certificate/i, next: 'The runtime does not trust the certificate of the registry. Give it the authority: certs.d/HOST/ca.crt for containerd, /etc/containers/certs.d for CRI-O.'},
  {said: /proxyconnect/i, next: 'The proxy of the runtime does not answer. It is set in the unit of the runtime (`systemctl cat containerd`), not in your shell.'},
  {said: /no such host|i\/o timeout|connection refused|network is unreachable|connection reset/i, next: 'The runtime cannot reach the registry: look at its name, DNS, proxy and mirrors on this node.'},
  {said: /manifest unknown|not found: not found|failed to resolve reference.*not found/i, next: 'The registry does not have this name or tag.'},
  {said: /no match for platform|no matching manifest/i, next: 'The image is not made for the platform of this node.'},
  {said: /executable file not found|no such file or directory/i, next: 'See whether the command is in the image: name it by its whole path, or look with `rtctl cri exec ID ls /bin`.'},
  {said: /runtime handler|no runtime for|RuntimeHandler.*not supported/i, next: 'The runtime has no such handler: `rtctl cri info` lists those that it has.'},
  {said: /container is not running|not in running state|container.*is in CONTAINER_(?:CREATED|EXITED)/i, next: 'See its state with `rtctl cri ps -a`, and start it with `rtctl cri start` if it was never started.'},
  {said: /larger than max|ResourceExhausted/i, next: 'The answer is larger than gRPC takes. Ask for less, with --id, --pod or --label.'},
]

/** Status codes of gRPC. */
const NOT_FOUND = 5

async function refusal(error: CriError, connection: CriConnection | undefined): Promise<Explanation> {
  const cause = words(error)
  const near = await nearIds(error, connection)
  const known = REFUSALS.find(({said}) => said.test(error.message))
  if (near !== undefined && (error.code === NOT_FOUND || known === undefined || near.kind === 'candidates')) return {cause, next: near.next}
  return {cause, next: known?.next ?? 'The journal of the runtime says more; `rtctl inspect` shows which one it is.'}
}

/** The systemd unit whose socket this most likely is. */
function unitOf({url}: Endpoint): string {
  if (/crio/.test(url)) return 'crio'
  if (/cri-dockerd/.test(url)) return 'cri-docker'
  return /dockershim/.test(url) ? 'kubelet' : 'containerd'
}

function words(error: CriError): string {
  return bounded(error.message.trim().replace(/\.$/, '')) || 'it gave no reason'
}

function bounded(text: string): string {
  return text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}… (cut off)` : text
}
