// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {DockerContainer} from '../../model/facts.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {containerProof, containersOutsideKubernetes, containerText, exampleDocker, kindOf} from '../lib/docker-containers.ts'
import {isForPods} from '../lib/docker-settings.ts'

const FIX =
  'Make it a pod (a DaemonSet or a static pod, if it belongs to this node), a systemd service with podman or nerdctl, or keep ' +
  'Docker installed beside the new runtime. ' +
  '`docker inspect NAME` has everything it was started with.'

export const checks = [
  nodeCheck({
    id: 'docker-container-outside-kubernetes',
    title: {pass: 'Docker runs no container that Kubernetes does not know', fail: 'Docker runs a container that Kubernetes does not know'},
    why:
      'What was started with `docker run` is in no manifest: no drain moves it, and no kubelet starts it again. It ends when ' +
      'dockerd is stopped, its restart policy ends with it, and its ' +
      'volumes are deleted with /var/lib/docker.',
    severity: 'high',
    fix: {containerd: FIX, 'cri-o': FIX, 'cri-dockerd': 'Nothing has to be done: dockerd stays, and runs it.'},
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: [],
    run(_known, node) {
      const {containers, unknown} = containersOutsideKubernetes(node)
      const own = containers.filter((container) => kindOf(container) === 'other')
      const text = (container: DockerContainer) => `Container ${containerText(container)} runs in Docker and in no pod: it ends with dockerd.`
      return [...unknown, ...own.map((container): Outcome => problem(`container ${container.name}`, text(container), {
        evidence: [containerProof(container)], ...(!isForPods(node) && {severity: 'low'}),
      }))]
    },
    examples: {
      fail: [exampleDocker({name: 'backup', image: 'registry.example.com/backup:3'})],
      pass: [
        exampleDocker({name: 'k8s_app_web-1_default_0d1c_0', image: 'nginx:1.27', labels: {'io.kubernetes.pod.uid': '0d1c'}}),
        exampleDocker({name: 'shop-web-1', image: 'nginx:1.27', labels: {'com.docker.compose.project': 'shop'}}),
        {processes: {640: '/usr/bin/containerd'}},
      ],
    },
  }),
]
