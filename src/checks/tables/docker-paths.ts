// SPDX-License-Identifier: Apache-2.0
// Paths of Docker Engine and of dockershim on a node, in the spelling of hostPathOf().
// Sources, as of 2026-11: moby daemon/config and libcontainerd/supervisor; kubernetes 1.23 pkg/kubelet/dockershim;
// cri-dockerd packaging/systemd. Each names what it is, to stand after "mounts".

export interface KnownPath {
  readonly path: string
  readonly what: string
}

/** The sockets that only a running dockerd gives. */
export const DOCKER_SOCKETS: readonly KnownPath[] = [
  {path: '/run/docker.sock', what: 'the socket of dockerd'},
  {path: '/run/docker/containerd/containerd.sock', what: 'the socket of the containerd that dockerd starts for itself'},
  {path: '/run/docker/containerd/docker-containerd.sock', what: 'the socket of the containerd that dockerd starts for itself'},
  {path: '/run/docker/containerd/containerd-debug.sock', what: 'the debug socket of the containerd that dockerd starts for itself'},
  {path: '/run/docker/libcontainerd/docker-containerd.sock', what: 'the socket of the containerd that dockerd starts for itself'},
  {path: '\\\\.\\pipe\\docker_engine', what: 'the named pipe of dockerd on Windows'},
]

/** CRI sockets of Docker nodes. */
export const DOCKERSHIM_SOCKETS: readonly KnownPath[] = [
  {path: '/run/dockershim.sock', what: 'the CRI socket of dockershim'},
  {path: '\\\\.\\pipe\\dockershim', what: 'the named pipe of dockershim'},
]
export const CRI_DOCKERD_SOCKETS: readonly KnownPath[] = [{path: '/run/cri-dockerd.sock', what: 'the CRI socket of cri-dockerd'}]

/** Files and folders that are Docker's, with the sockets left out. The first that holds a path tells what it is. */
export const DOCKER_FILES: readonly KnownPath[] = [
  {path: '/var/lib/docker/containers', what: "the log files and the state of Docker's containers"},
  {path: '/var/lib/docker/overlay2', what: "the image layers and root filesystems of Docker's containers"},
  {path: '/var/lib/docker/volumes', what: "Docker's volumes"},
  {path: '/var/lib/docker', what: 'the data of Docker'},
  {path: '/run/docker', what: 'the run-time state of Docker: network namespaces, plugin sockets'},
  {path: '/etc/docker', what: 'the configuration of Docker'},
  {path: '/usr/bin/docker', what: 'the Docker command line program of the node'},
  {path: '/usr/local/bin/docker', what: 'the Docker command line program of the node'},
  {path: '/usr/libexec/docker', what: 'programs of Docker'},
]

export const DOCKERSHIM_FILES: readonly KnownPath[] = [{path: '/var/lib/dockershim', what: 'the checkpoints of dockershim'}]
