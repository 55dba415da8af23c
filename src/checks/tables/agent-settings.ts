// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'

/** A setting in a pod that keeps an agent on Docker. As of 2026-11; source beside each. */
export interface AgentSetting {
  readonly agent?: string
  /** where the name of the setting is not the agent's own */
  readonly agentImage?: RegExp
  /** environment variable or option */
  readonly name: string
  /** values of the variable */
  readonly env?: RegExp
  /** words of command and arguments */
  readonly arg?: RegExp
  readonly severity: Severity
  readonly effect: string
  readonly fix: string
}

const DOCKER_SOCK = /docker\.sock/

export const AGENT_SETTINGS: readonly AgentSetting[] = [
  { // https://docs.datadoghq.com/containers/guide/docker-deprecation/
    agent: 'Datadog Agent', name: 'DD_CRI_SOCKET_PATH', env: DOCKER_SOCK, severity: 'high',
    effect: 'its CRI check asks a socket that is gone, or that never spoke the CRI.',
    fix:
      'set `DD_CRI_SOCKET_PATH=/host/run/containerd/containerd.sock` (CRI-O: /host/run/crio/crio.sock), mount that socket, ' +
      'and remove `DOCKER_HOST`. Helm: `datadog.criSocketPath`.',
  },
  { // https://github.com/google/cadvisor/blob/master/docs/runtime_options.md
    agent: 'cAdvisor', name: '--docker_only', arg: /^-{1,2}docker_only(?:=(?:true|1|t|T|TRUE|True))?$/, severity: 'high',
    effect: 'it leaves out every container that is not of Docker, which is all of them after the change.',
    fix: 'remove `--docker_only`, and mount /run/containerd/containerd.sock (`--containerd=…`, `--containerd-namespace=k8s.io`).',
  },
  { // https://docs.appdynamics.com/ (Docker visibility of the machine agent)
    agent: 'AppDynamics machine agent', name: '-Dappdynamics.docker.enabled', arg: /-Dappdynamics\.docker\.enabled=true/, severity: 'medium',
    effect: 'container metrics come from the Docker API.', fix: 'set it to false, and let the Cluster Agent report containers.',
  },
  { // https://github.com/weaveworks/scope
    agent: 'Weave Scope', name: '--probe.docker', arg: /^--probe\.docker(?:=true)?$/, agentImage: /weaveworks\/scope/, severity: 'high',
    effect: 'the probe asks the Docker API for containers.', fix: 'use `--probe.cri=true --probe.cri.endpoint=unix:///run/containerd/containerd.sock` instead.',
  },
  { // https://doc.traefik.io/traefik/providers/docker/
    agent: 'Traefik', name: '--providers.docker', arg: /^--(?:providers\.)?docker(?:=true|\.endpoint=.*|\.swarmMode.*)?$/, agentImage: /(?:^|\/)traefik(?::|@|$)/, severity: 'high',
    effect: 'routes are taken from labels of Docker containers.', fix: 'use `--providers.kubernetescrd` or `--providers.kubernetesingress`.',
  },
  { // https://github.com/openkruise/kruise
    agent: 'any agent', name: '--container-runtime', arg: /^--(?:container-runtime|runtime|cri)=docker$/, agentImage: /agent|exporter|scanner|collector|enforcer|defender|daemon|chaos|pumba|flame/, severity: 'high',
    effect: 'it asks Docker for containers.', fix: 'name the new runtime instead (containerd or crio), and mount its socket.',
  },
  { // https://chaos-mesh.org/docs/production-installation-using-helm/
    agent: 'Chaos Mesh daemon', name: '--runtime', arg: /^(?:--runtime=)?docker$/, agentImage: /chaos-daemon/, severity: 'high',
    effect: 'it finds the processes of a container through Docker.', fix: 'Helm: `chaosDaemon.runtime=containerd`, `chaosDaemon.socketPath=/run/containerd/containerd.sock`.',
  },
  { // https://litmuschaos.github.io/litmus/experiments/
    agent: 'LitmusChaos', name: 'CONTAINER_RUNTIME', env: /^docker$/, agentImage: /litmus|chaos/, severity: 'high',
    effect: 'it finds the processes of a container through Docker.', fix: 'set `CONTAINER_RUNTIME=containerd` and `SOCKET_PATH=/run/containerd/containerd.sock` (CRI-O: crio, /run/crio/crio.sock).',
  },
]
