// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {podCheck, problem} from '../lib/define.ts'
import {parseImage} from '../lib/pod-images.ts'

export const checks = [
  podCheck({
    id: 'short-image-name',
    title: {pass: 'Every image names its registry', fail: 'An image names no registry'},
    why:
      'Docker and containerd take docker.io for an image without a registry. CRI-O looks into registries.conf: with no ' +
      'unqualified-search-registries, or with several and ' +
      '`short_name_mode = enforcing` (the default), the pull fails: "short name mode is enforcing, but image name … returns ' +
      'ambiguous list", or "did not resolve to an alias".',
    severity: 'medium',
    fix:
      'Write the registry: docker.io/library/NAME for official images, docker.io/OWNER/NAME for others. Or, on every node, ' +
      'have exactly one search registry: ' +
      '`unqualified-search-registries = ["docker.io"]` in /etc/containers/registries.conf.',
    learnMore: 'https://github.com/cri-o/cri-o/blob/main/docs/crio.conf.5.md',
    applies: ({target}) => target === 'cri-o',
    run(pod) {
      const seen = new Map(pod.containers.map((container) => [container.image, container]))
      return [...seen.values()].flatMap(({name, image, path}): readonly Outcome[] => {
        const parsed = parseImage(image)
        if (parsed.repository === '' || parsed.registry !== undefined || /[${}]/.test(image)) return []
        const full = `docker.io/${image.includes('/') ? image : `library/${image}`}`
        const text =
          `Container "${name}" runs ${image}, which names no registry. Which one CRI-O asks is decided by ` +
          `registries.conf of the node; Docker took ${full}.`
        return [problem(image, text, {
          evidence: [{source: `container ${name}`, text: `image: ${image}`}], path: [...path, 'image'],
        })]
      })
    },
    examples: {
      fail: [
        {manifest: podWith('nginx:1.27'), upgrade: {target: 'cri-o'}},
        {manifest: podWith('team/app'), upgrade: {target: 'cri-o'}},
      ],
      pass: [{manifest: podWith('docker.io/library/nginx:1.27'), upgrade: {target: 'cri-o'}}, {manifest: podWith('nginx:1.27')}],
    },
  }),
]

function podWith(image: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers:\n  - {name: app, image: '${image}'}\n`
}
