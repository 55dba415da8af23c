// SPDX-License-Identifier: Apache-2.0

// Private keys, kubeconfigs, tokens and registry credentials. Their paths are those of kubeadm, the kubelet, k3s,
// RKE2, MicroK8s, k0s, Docker, Podman and CRI-O. docs/snapshots.md lists them for people.
const NEVER = new RegExp(
  [
    String.raw`\.key$`,
    String.raw`-key\.pem$`,
    String.raw`^/etc/docker/key\.json$`,
    String.raw`^/etc/kubernetes/[^/]+\.conf$`,
    String.raw`kubeconfig[^/]*$`,
    String.raw`/\.kube(?:/|$)`,
    String.raw`^/etc/rancher/[^/]+/(?:k3s|rke2)\.yaml$`,
    String.raw`^/var/lib/rancher/[^/]+/(?:server/(?:tls|cred|token|node-token|agent-token)|agent/etc/.*token)`,
    String.raw`^/var/snap/microk8s/[^/]+/(?:credentials|certs)/`,
    String.raw`^/var/lib/k0s/(?:pki/.*\.conf$|kubelet/pki/|kubelet\.conf$|kubelet-bootstrap\.conf$)`,
    String.raw`^/var/lib/kubelet/(?:pki/|config\.json$)`,
    String.raw`/volumes/kubernetes\.io~(?:secret|projected)/`,
    String.raw`^(?:/var)?/run/secrets/`,
    String.raw`/\.docker/config\.json$`,
    String.raw`/\.dockercfg$`,
    String.raw`/containers/auth\.json$`,
    String.raw`/\.ssh(?:/|$)`,
    String.raw`^/etc/g?shadow-?$`,
  ].join('|'),
)

/** A process's environment and memory: procfs files, `/proc/PID/…` and `/proc/PID/task/TID/…`. */
const NEVER_IN_PROC = /^\/proc\/(?:.*\/(?:environ|mem|auxv)|kcore|kmsg)$/

/** A path inside another root: what counts is the path that is meant there. */
const ROOT_OF_PROCESS = /^\/proc\/[^/]+(?:\/task\/[^/]+)?\/root(?=\/)/

/**
 * Whether the contents of a file must not be read, whoever asks. Applies to a normal path as it was asked for and,
 * again, to where its symlinks lead. That such a file exists may be known.
 */
export function isNeverRead(path: string): boolean {
  if (!path.startsWith('/proc/')) return NEVER.test(path)
  const inside = path.replace(ROOT_OF_PROCESS, '')
  return inside === path ? NEVER_IN_PROC.test(path) : isNeverRead(inside)
}
