// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {compareVersions} from '../../model/version.ts'
import {servesCriV1Only} from '../lib/cri-versions.ts'
import {podCheck, problem} from '../lib/define.ts'
import {repositoryOf, tagVersion} from '../lib/pod-images.ts'

/** Images that speak the CRI, and their first version that speaks v1. As of 2026-11. */
const CLIENTS: readonly {readonly name: string; readonly image: RegExp; readonly since: string; readonly source: string}[] = [
  {name: 'Falco', image: /(?:^|\/)falco(?:-no-driver)?$/, since: '0.36.0', source: 'https://github.com/falcosecurity/libs/issues/2264'},
  {name: 'Inspektor Gadget', image: /(?:^|\/)inspektor-gadget$|(?:^|\/)kinvolk\/gadget$/, since: '0.16.0', source: 'https://github.com/inspektor-gadget/inspektor-gadget/issues/1507'},
]

export const checks = [
  podCheck({
    id: 'cri-v1alpha2-client',
    title: {pass: 'No known client speaks CRI v1alpha2 only', fail: 'A program speaks CRI v1alpha2 only'},
    why:
      'containerd 2.0 and CRI-O 1.26 answer CRI v1 alone. A client of v1alpha2 gets "unknown service ' +
      'runtime.v1alpha2.RuntimeService", and goes on without names and labels of containers.',
    severity: 'medium',
    fix:
      'Use a version that speaks CRI v1. On containerd 1.7, `ctr deprecations list` tells whether anybody still asks for ' +
      'v1alpha2.',
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/containerd-2.0.md',
    unproven: 'The first version with CRI v1 of each image is from its sources or threads, not from a run.',
    applies: servesCriV1Only,
    run(pod) {
      return pod.containers.flatMap(({name, image, path}): readonly Outcome[] => {
        const version = tagVersion(image)
        const client = CLIENTS.find((one) => one.image.test(repositoryOf(image)))
        if (client === undefined || version === undefined || compareVersions(version, client.since) >= 0) return []
        const text = `Container "${name}" runs ${client.name} ${version}; it speaks CRI v1 from ${client.since} on.`
        return [problem(`${name} ${client.name}`, text, {
          fix: `Use ${client.name} ${client.since} or later.`, evidence: [{source: `container ${name}`, text: `image: ${image}`}], path: [...path, 'image'],
        })]
      })
    },
    examples: {
      fail: [{manifest: podWith('falcosecurity/falco:0.34.1'), upgrade: {containerd: '2.1'}}],
      pass: [
        {manifest: podWith('falcosecurity/falco:0.38.0'), upgrade: {containerd: '2.1'}},
        {manifest: podWith('falcosecurity/falco:0.34.1'), upgrade: {containerd: '1.7'}},
      ],
    },
  }),
]

function podWith(image: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: falco}\nspec:\n  containers:\n  - {name: falco, image: '${image}'}\n`
}
