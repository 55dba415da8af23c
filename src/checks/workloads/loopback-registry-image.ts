// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {podCheck, problem} from '../lib/define.ts'
import {parseImage} from '../lib/pod-images.ts'

/** `localhost:5000`, `127.0.0.1:32000`, `[::1]:5000`: with a port, as `localhost/NAME` is the name that Podman gives to its own builds. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]):\d{1,5}$/

export const checks = [
  podCheck({
    id: 'loopback-registry-image',
    title: {pass: 'No image is pulled from a registry at the address of the node itself', fail: 'An image is pulled from a registry at localhost'},
    why:
      'Docker and containerd take registries at 127.0.0.0/8 and localhost by plain HTTP without being told. CRI-O asks them by HTTPS like any ' +
      'other: the pull fails with "http: server gave HTTP response to HTTPS client", and the pod stays in ImagePullBackOff.',
    severity: 'medium',
    fix:
      'Where that registry speaks no TLS, write a file of /etc/containers/registries.conf.d on every node: `[[registry]]`, `location = ' +
      '"localhost:5000"`, `insecure = true`.',
    learnMore: 'https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md',
    unproven: 'Whether the registry speaks TLS is not known from a manifest; what CRI-O does is from the documentation of its library.',
    applies: ({target}) => target === 'cri-o',
    run(pod) {
      const seen = new Map(pod.containers.map((container) => [container.image, container]))
      return [...seen.values()].flatMap(({name, image, path}): readonly Outcome[] => {
        const {registry} = parseImage(image)
        if (registry === undefined || !LOOPBACK.test(registry)) return []
        return [problem(image, `Container "${name}" runs ${image}: CRI-O asks ${registry} by HTTPS, where Docker takes plain HTTP too.`, {
          fix: `Where ${registry} speaks no TLS, write on every node into /etc/containers/registries.conf.d/localhost.conf:\n[[registry]]\nlocation = "${registry}"\ninsecure = true`,
          evidence: [{source: `container ${name}`, text: `image: ${image}`}], path: [...path, 'image'],
        })]
      })
    },
    examples: {
      fail: [
        {manifest: podWith('localhost:5000/team/app:1'), upgrade: {target: 'cri-o'}},
        {manifest: podWith('127.0.0.1:32000/app'), upgrade: {target: 'cri-o'}},
      ],
      pass: [
        {manifest: podWith('registry.example.com:5000/app:1'), upgrade: {target: 'cri-o'}}, {manifest: podWith('localhost/app:1'), upgrade: {target: 'cri-o'}},
        {manifest: podWith('localhost:5000/team/app:1')},
      ],
    },
  }),
]

function podWith(image: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers:\n  - {name: app, image: '${image}'}\n`
}
