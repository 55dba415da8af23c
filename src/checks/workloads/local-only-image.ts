// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {podCheck, problem} from '../lib/define.ts'
import {parseImage} from '../lib/pod-images.ts'

export const checks = [
  podCheck({
    id: 'local-only-image',
    title: {pass: 'Every image can be pulled', fail: 'An image is taken from the node only'},
    why:
      'The images of Docker are not those of the new runtime, which begins with an empty store. A container with ' +
      '`imagePullPolicy: Never` stays in ErrImageNeverPull ' +
      'until somebody has put its image there; an image named localhost/… is in no registry and cannot be pulled either.',
    severity: 'high',
    fix: {
      containerd:
        'Push the image to a registry and name it so; or move it: `docker save IMAGE | ctr --namespace k8s.io images import ' +
        '-`, on every node that may run the pod, before the pod starts.',
      'cri-o':
        'Push the image to a registry and name it so; or move it: `docker save IMAGE -o i.tar && skopeo copy ' +
        'docker-archive:i.tar containers-storage:IMAGE`, on every node that may run the pod.',
      'cri-dockerd': 'Nothing has to be done: the images of Docker stay.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy',
    applies: ({target}) => target !== 'cri-dockerd',
    run(pod) {
      return pod.containers.flatMap(({name, image, raw, path}): readonly Outcome[] => {
        if (image === '') return []
        const never = raw['imagePullPolicy'] === 'Never'
        if (!never && parseImage(image).registry !== 'localhost') return []
        const reason = never ? 'imagePullPolicy: Never' : 'an image of localhost'
        const text =
          `Container "${name}" runs ${image} (${reason}): the image must be in the store of the new ` +
          'runtime, on every node that may run the pod.'
        return [problem(`${name} ${image}`, text, {
          evidence: [{source: `container ${name}`, text: `image: ${image}, ${reason}`}], path: [...path, never ? 'imagePullPolicy' : 'image'],
        })]
      })
    },
    examples: {
      fail: [{manifest: podWith('team/app:1', 'Never')}, {manifest: podWith('localhost/app:1', 'IfNotPresent')}],
      pass: [{manifest: podWith('team/app:1', 'IfNotPresent')}, {manifest: podWith('localhost:5000/app:1', 'Always')}],
    },
  }),
]

function podWith(image: string, policy: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers:\n` +
    `  - {name: app, image: '${image}', imagePullPolicy: ${policy}}\n`
}
