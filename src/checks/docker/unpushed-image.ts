// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget, Proof} from '../../model/check.ts'
import type {DockerFacts} from '../../model/facts.ts'
import type {UnpushedImage} from '../../model/node/docker.ts'
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {exampleDocker} from '../lib/docker-containers.ts'
import {isForPods} from '../lib/docker-settings.ts'

const ID = `sha256:${'3898bbfa'.repeat(8)}`
const REPOSITORIES = '/var/lib/docker/image/overlay2/repositories.json'
const POD = {
  'io.kubernetes.pod.uid': '0d1c', 'io.kubernetes.pod.name': 'app-1', 'io.kubernetes.pod.namespace': 'ci',
  'io.kubernetes.docker.type': 'container',
}

export const checks = [
  nodeCheck({
    id: 'unpushed-image',
    title: {
      pass: 'Every image of Docker came from a registry or went to one',
      fail: 'An image was built or loaded on this node and is in no registry that Docker knows of',
    },
    why:
      'The new runtime begins without images and pulls what pods need. An image that was built here, or loaded from a file, ' +
      'may be nowhere else: its pods stay in ImagePullBackOff, ' +
      'and the image is lost with /var/lib/docker.',
    severity: 'high',
    fix: {
      containerd:
        'Push it to a registry, or copy it: `docker save IMAGE | ctr -n k8s.io images import -`, and see that the CRI finds ' +
        'it: `crictl inspecti IMAGE`.',
      'cri-o':
        'Push it to a registry, or copy it: `docker save -o i.tar IMAGE && skopeo copy docker-archive:i.tar containers-storage:IMAGE`, ' +
        'and see that the CRI finds it: `crictl inspecti IMAGE`.',
      'cri-dockerd': 'Nothing has to be done: the images of Docker stay.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy',
    unproven: 'Whether a registry has the image all the same cannot be seen on the node.',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['unpushedImages'],
    run({unpushedImages = []}, node) {
      if (!isForPods(node)) return []
      const {pods, sandboxes} = imagesInUse(node.facts.dockers)
      const inPods = unpushedImages.flatMap(({id, names}): readonly Outcome[] => {
        const [name = id, pod] = [names[0], pods.get(id)]
        if (pod === undefined) return []
        return [problem(name, `Image ${name} was never pulled nor pushed, as far as Docker knows, and ${pod} runs it: the new runtime will not have it.`, {
          evidence: [proofOf({id, names}), {source: pod, text: 'runs it now'}], fix: fixOf(name),
        })]
      })
      const others = unpushedImages.filter(({id}) => !pods.has(id))
      return [...inPods, ...(others.length === 0 ? [] : [unused(others, sandboxes)])]
    },
    examples: {
      fail: [withRepositories({'ci/app': {'ci/app:1': ID}}), {...withRepositories({'lab/tool': {'lab/tool:1': `sha256:${'ab'.repeat(32)}`}})}],
      pass: [
        withRepositories({'ci/app': {'ci/app:1': ID, [`ci/app@sha256:${'cd'.repeat(32)}`]: ID}}),
        {processes: {640: '/usr/bin/containerd'}},
      ],
    },
  }),
]

/** All that no container of a pod runs: one finding, as a host that builds has hundreds. */
function unused(images: readonly UnpushedImage[], sandboxes: ReadonlySet<string>): Outcome {
  const shown = images.slice(0, 10).map(({id, names}) => `${names[0] ?? id}${sandboxes.has(id) ? ' (pause)' : ''}`)
  const more = images.length > shown.length ? ` and ${images.length - shown.length} more` : ''
  const [subject, object] = images.length === 1 ? ['An image was', 'it'] : [`${images.length} images were`, 'them']
  const text =
    `${subject} never pulled nor pushed, as far as Docker knows, and no container of a pod runs ${object} now: ` +
    `${shown.join(', ')}${more}.`
  return problem('unused', text, {severity: 'low', evidence: images.slice(0, 10).map(proofOf)})
}

function proofOf({id, names}: UnpushedImage): Proof {
  return {source: '/var/lib/docker/image', text: `${names.slice(0, 5).join(', ')}: ${id.slice(0, 19)}, without a digest of a registry`}
}

/** By image id: a pod whose container runs it; and those of sandboxes, for which the new runtime brings its own. */
function imagesInUse(dockers: readonly DockerFacts[]): {readonly pods: ReadonlyMap<string, string>; readonly sandboxes: ReadonlySet<string>} {
  const pods = new Map<string, string>()
  const sandboxes = new Set<string>()
  for (const {imageId, labels, state} of dockers.flatMap(({containers, api}) => valueOf(containers) ?? valueOf(api)?.containers ?? [])) {
    const name = labels['io.kubernetes.pod.name']
    if (imageId === undefined || name === undefined || state !== 'running') continue
    if (labels['io.kubernetes.docker.type'] === 'podsandbox') sandboxes.add(imageId)
    else pods.set(imageId, `pod ${labels['io.kubernetes.pod.namespace'] ?? ''}/${name}`)
  }
  return {pods, sandboxes}
}

function fixOf(name: string): PerTarget {
  return {
    containerd:
      `Push it to a registry that the node can pull from. Or, with containerd running:\ndocker save ${name} | ctr -n k8s.io ` +
      `images import -\ncrictl inspecti ${name}`,
    'cri-o':
      `Push it to a registry that the node can pull from. Or:\ndocker save -o i.tar ${name}\nskopeo copy docker-archive:i.tar ` +
      `containers-storage:${name}\ncrictl inspecti ${name}`,
    'cri-dockerd': 'Nothing has to be done: the images of Docker stay.',
  }
}

function withRepositories(repositories: object) {
  const host = exampleDocker({name: 'k8s_app_app-1_ci_0d1c_0', image: 'ci/app:1', imageId: ID, labels: POD})
  return {...host, files: {...host.files, [REPOSITORIES]: JSON.stringify({Repositories: repositories})}}
}
