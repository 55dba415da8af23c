// SPDX-License-Identifier: Apache-2.0
import type {CriError} from '../../cri/errors.ts'

/** What runtimes say, and what to do about it. */
interface Refusal {
  readonly said: RegExp
  readonly next: string | ((found: RegExpExecArray, error: CriError) => string)
}

const PAUSE = 'The node cannot get the image of pod sandboxes. Pull it with credentials, load it with `rtctl cri images load`, or set another: '
  + 'sandbox_image (containerd 1), pinned_images.sandbox (containerd 2), pause_image (CRI-O), --pod-infra-container-image (cri-dockerd, dockershim).'

/** The first that fits counts: what is more particular comes first. */
const REFUSALS: readonly Refusal[] = [
  // containerd internal/cri/server/podsandbox/sandbox_run.go; dockershim docker_sandbox.go "failed pulling image \"…/pause:3.2\""
  {said: /failed to get sandbox image|failed pulling image.*pause/i, next: PAUSE},
  // go-cni errors.go; kubelet dockershim/network; libcni "no networks found in /etc/cni/net.d"; CRI-O ocicni "no CNI configuration file in …"
  {
    said: /cni plugin not initialized|network plugin is not ready|no networks found in|no CNI configuration|no valid networks found in/i,
    next: 'There is no network for pods yet: install a CNI plugin, so that /etc/cni/net.d has a configuration. `rtctl cri info` shows which directory the runtime reads.',
  },
  // containerd internal/cri/server/sandbox_run.go; CRI-O server/sandbox_network.go "failed to create pod network sandbox"; containernetworking "plugin type=… failed (add)"
  {
    said: /failed to (?:setup|set up) network for sandbox|failed to create pod network sandbox|networkPlugin \S+ failed|plugin type="[^"]*" failed/i,
    next: 'The CNI plugin failed: its words are above. See its configuration in /etc/cni/net.d and its programs in /opt/cni/bin.',
  },
  // containerd internal/registrar/registrar.go; CRI-O before 1.0 "already reserved for ctr"; Docker "is already in use by container"
  {said: /(?:reserved for|already reserved for (?:ctr|pod)|in use by container) \\?"([0-9a-f]{8,64})\b/i, next: (found, error) => removal(found[1] as string, error)},
  // CRI-O internal/registrar, which does not tell for what; its server/utils.go says why
  {
    said: /name is reserved|is reserved for|already reserved|is already in use/i,
    next: 'Something of this name is there, or is still being made since an earlier try ran out of time: see `rtctl cri pods` and `rtctl cri ps -a`. Remove it, wait, or raise attempt in the metadata.',
  },
  // containerd internal/truncindex, CRI-O containers/storage truncindex: both from Docker
  {said: /multiple IDs found with provided prefix|ambiguous prefix/i, next: 'Several begin like this: give more of the id.'},
  {said: /prefix can't be empty/i, next: 'Give an id, or its beginning.'},
  // grpc-js and grpc-go "received message larger than max", grpc-go of the server "trying to send message larger than max"
  {
    said: /message larger than max|message.*exceeds.*max/i,
    next: 'The answer is larger than the runtime sends or rtctl takes (80 MiB). Ask for less, with --id, --pod or --label.',
  },
  // containerd internal/cri/instrument
  {said: /server is not initialized yet/i, next: 'The runtime has just been started: try again in a moment.'},
  // containerd remotes/docker "unexpected status … 401 Unauthorized", "insufficient_scope"; CRI-O "authentication required", "denied: requested access …"
  {
    said: /authorization failed|unauthorized|authentication required|pull access denied|requested access to the resource is denied|no basic auth credentials|insufficient_scope|403 Forbidden/i,
    next: 'The registry wants to know who asks: give --creds, --username or --docker-config. It may also be that there is no such image.',
  },
  {said: /toomanyrequests|429 Too Many Requests/i, next: 'The registry wants fewer pulls from this address: wait, give credentials, or use a mirror.'},
  {said: /server gave HTTP response to HTTPS client/i, next: 'The registry speaks plain HTTP. Allow it: certs.d/HOST/hosts.toml for containerd, insecure = true in registries.conf for CRI-O.'},
  // Go net/http: the proxy itself could not be reached; before the sentences that come after it
  {said: /proxyconnect/i, next: 'The proxy of the runtime does not answer. It is set in the unit of the runtime (`systemctl cat containerd`), not in your shell.'},
  // Go crypto/x509, crypto/tls
  {
    said: /x509: certificate has expired/i,
    next: 'The certificate of the registry has run out, or the clock of this node is wrong: see `date`.',
  },
  {
    said: /x509:|failed to verify certificate/i,
    next: 'The runtime does not trust the certificate of the registry. Give it the authority: certs.d/HOST/hosts.toml with `ca` for containerd, /etc/containers/certs.d for CRI-O.',
  },
  {
    said: /dial tcp|no such host|i\/o timeout|network is unreachable|server misbehaving/i,
    next: 'The runtime cannot reach the registry: look at its name, DNS, proxy and mirrors on this node.',
  },
  {said: /no match for platform|no matching manifest|no image found in (?:manifest list|image index)/i, next: 'The image is not made for the platform of this node.'},
  {said: /manifest unknown|name unknown|: not found: not found|failed to resolve (?:reference|image).*not found/i, next: 'The registry does not have this name or tag.'},
  // containerd CreateContainer "failed to resolve image …", CRI-O containers/storage "image not known"
  {said: /image not known|failed to resolve image|image .* not found|No such image/i, next: 'The image is not on this node: `rtctl cri pull` it, or give --with-pull.'},
  {said: /no space left on device/i, next: 'A disk of the runtime is full: `rtctl cri imagefsinfo` shows which, `rtctl cri rmi --prune` makes room.'},
  // CRI-O internal/oci "failed to find runtime handler", containerd internal/cri/config "no runtime for … is configured"
  {said: /failed to find runtime handler|no runtime for|RuntimeHandler.*not supported/i, next: 'The runtime has no such handler: `rtctl cri info` lists those that it has.'},
  {said: /CRIU binary not found|criu.*(?:not found|too old)/i, next: 'Checkpoints need criu on this node.'},
  {
    said: /container is not running|not in running state|is in CONTAINER_(?:CREATED|EXITED)|container is not created or running/i,
    next: 'See its state with `rtctl cri ps -a`, and start it with `rtctl cri start` if it was never started.',
  },
  {
    said: /executable file not found|exec: .*no such file or directory/i,
    next: 'See whether the command is in the image: name it by its whole path, or look with `rtctl cri exec ID ls /bin`.',
  },
]

/** What to do about words of a runtime, as far as they are known. */
export function nextAfter(error: CriError): string | undefined {
  for (const {said, next} of REFUSALS) {
    const found = said.exec(error.message)
    if (found !== null) return typeof next === 'string' ? next : next(found, error)
  }
  return undefined
}

function removal(id: string, {call}: CriError): string {
  const verb = call?.method === 'CreateContainer' ? 'rm' : 'rmp'
  return `The name belongs to ${id.slice(0, 13)}. Remove that with \`rtctl cri ${verb} --force ${id.slice(0, 13)}\`, or raise attempt in the metadata. If it is not there, the runtime is still making it.`
}
