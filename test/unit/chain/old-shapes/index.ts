// SPDX-License-Identifier: Apache-2.0
import {clearContainers} from './clear-containers.ts'
import {criContainerd10} from './cri-containerd-1.0.ts'
import {criO, criOConmonrs} from './cri-o.ts'
import {k0s, k3s, k3sAgent, microk8s, rke2} from './distributions.ts'
import {docker110, docker17} from './docker-1.10.ts'
import {docker1706, docker1712, dockerCurrent} from './docker-17.ts'
import {docker1809, docker1903} from './docker-19.03.ts'
import {firecrackerContainerd} from './firecracker.ts'
import {frakti} from './frakti.ts'
import {gvisor, gvisorDocker} from './gvisor.ts'
import {kata1, kata2} from './kata.ts'
import {kindNode, minikubeNode} from './nested.ts'
import {podman} from './podman.ts'
import {rkt} from './rkt.ts'
import type {OldShape} from './shape.ts'

export const oldShapes: readonly OldShape[] = [
  docker17,
  docker110,
  docker1706,
  docker1712,
  dockerCurrent,
  docker1809,
  docker1903,
  criContainerd10,
  rkt,
  frakti,
  clearContainers,
  kata1,
  kata2,
  firecrackerContainerd,
  gvisor,
  gvisorDocker,
  criO,
  criOConmonrs,
  k3s,
  k3sAgent,
  rke2,
  microk8s,
  k0s,
  kindNode,
  minikubeNode,
  podman,
]
