// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {PodContainer} from '../../model/kubernetes.ts'
import {compareVersions} from '../../model/version.ts'
import {podCheck, problem} from '../lib/define.ts'
import {dockerDaemonsOf, objectOf} from '../lib/pod-docker-use.ts'
import {tagVersion} from '../lib/pod-images.ts'
import {BUILD_FIX} from '../tables/builders.ts'

/** The first Docker Engine that runs on a node with cgroup v2 only. */
const CGROUP_V2 = '20.10'

export const checks = [
  podCheck({
    id: 'docker-in-docker',
    title: {pass: 'No pod runs a Docker daemon of its own', fail: 'A pod runs a Docker daemon of its own'},
    why:
      'A dockerd inside a pod does not use the Docker of the node and goes on working with any runtime, as long as its ' +
      'container is privileged. Versions before 20.10 do not start on ' +
      'nodes with cgroup v2 ("Devices cgroup isn\'t mounted"), which new nodes mostly have.',
    severity: 'low',
    fix: `Nothing has to be done while it is privileged and 20.10 or later. It needs no privileges at all with another builder:\n\n${BUILD_FIX}`,
    learnMore: 'https://docs.docker.com/engine/release-notes/20.10/',
    run: (pod) => dockerDaemonsOf(pod).map((container): Outcome => {
      const version = tagVersion(container.image)
      const where = {evidence: [{source: `container ${container.name}`, text: `image: ${container.image}`}], path: container.path}
      if (version !== undefined && /dind|(?:^|\/)docker:/.test(container.image) && compareVersions(version, CGROUP_V2) < 0) {
        const text =
          `Container "${container.name}" runs a dockerd of its own (${container.image}), which does not start on nodes with cgroup v2: ` +
          `that takes ${CGROUP_V2} or later.`
        return problem(container.name, text, {
          ...where, severity: 'medium', fix: `Use docker:${CGROUP_V2}-dind or later, docker:28-dind say. Or build without Docker:\n\n${BUILD_FIX}`,
        })
      }
      if (isRootless(container)) {
        const text = `Container "${container.name}" runs a rootless dockerd of its own (${container.image}). It works on as it is.`
        return problem(container.name, text, {...where, severity: 'info'})
      }
      const privileged = container.privileged ? 'It is privileged, and works on with any runtime.' : 'It works on with any runtime if it gets privileges; this manifest gives none.'
      return problem(container.name, `Container "${container.name}" runs a dockerd of its own (${container.image}). ${privileged}`, where)
    }),
    examples: {
      fail: [{manifest: podWith('docker:19.03-dind')}, {manifest: podWith('docker:28-dind')}],
      pass: [
        {manifest: podWith('docker:28-cli')}, {manifest: podWith('moby/buildkit:rootless')},
        {manifest: podWith('gcr.io/kaniko-project/executor:v1.23.2')},
      ],
    },
  }),
]

function isRootless({image, raw}: PodContainer): boolean {
  const user = objectOf(raw['securityContext'])['runAsUser']
  return /rootless/.test(image) && (user === undefined || user !== 0)
}

function podWith(image: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ci}\nspec:\n  containers:\n  - name: docker\n    image: ${image}\n` +
    `    securityContext: {privileged: true}\n`
}
