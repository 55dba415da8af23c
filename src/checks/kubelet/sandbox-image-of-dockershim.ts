// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Proof} from '../../model/check.ts'
import type {Setting} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import {isAtLeast} from '../../model/version.ts'
import {containerdForPods, containerdToCome} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {flagInForce, flagsByName, isOnDockershim, kubeletsOfHost, proofOf} from '../lib/kubelet.ts'
import {ofHost} from '../lib/units.ts'
import {DEFAULT_SANDBOX_IMAGES} from '../tables/containerd.ts'

const CONFIG = '/etc/containerd/config.toml'
const DOCKERSHIM = '/usr/bin/kubelet --network-plugin=cni --pod-infra-container-image=registry.example:5000/pause:3.2'
/** What everybody can pull: another tag of it makes no difference. */
const PUBLIC = /^(?:registry\.k8s\.io|k8s\.gcr\.io)\//

/** The image that containerd will start pods with: the one it is told, or that of its version. */
function imageToCome(node: NodeContext): {readonly image: string; readonly proof: Proof} | undefined {
  const containerd = containerdForPods(node)
  const file = containerd?.configFile.value ?? CONFIG
  const told = containerd && valueOf(containerd.config)?.sandboxImage
  if (told !== undefined) return {image: told, proof: {source: file, text: `sandbox image: ${told}`}}
  const version = containerdToCome(node)
  const found = version === undefined ? undefined : DEFAULT_SANDBOX_IMAGES.findLast(({since}) => isAtLeast(version, since))
  return found && {image: found.image, proof: {source: file, text: `no sandbox image is set: ${found.image} in containerd ${version}`}}
}

/** The image that CRI-O will start pods with, where it is on this host. */
function imageOfCrio({facts}: NodeContext, told: Setting | undefined): {readonly image: string; readonly proof: Proof} | undefined {
  const [crio] = ofHost(facts, facts.crios)
  if (crio === undefined) return undefined
  if (told !== undefined && told.value !== '') return {image: told.value, proof: {source: told.source, text: `pause_image = "${told.value}"`}}
  return {image: 'an image of registry.k8s.io', proof: {source: crio.files[0] ?? '/etc/crio', text: 'no pause_image is set'}}
}

export const checks = [
  nodeCheck({
    id: 'sandbox-image-of-dockershim',
    title: {pass: 'The new runtime has the sandbox image that dockershim uses', fail: 'The new runtime does not know the sandbox image that dockershim uses'},
    why:
      'dockershim starts each pod with the image of --pod-infra-container-image. containerd and CRI-O do not look at that flag: they start pods with ' +
      'the image in their own configuration. On a node that cannot pull that one, because it has a registry of its own or no way out, no pod ' +
      'starts after the move: "failed to get sandbox image".',
    severity: 'high',
    fix: {
      containerd:
        'Write the same image into /etc/containerd/config.toml: `sandbox_image` in `[plugins."io.containerd.grpc.v1.cri"]`, from containerd 2.0 on ' +
        "`sandbox` in `[plugins.'io.containerd.cri.v1.images'.pinned_images]`; and have it in the namespace k8s.io before the first pod starts.",
      'cri-o': 'Write the same image as `pause_image` into the `[crio.image]` part of a file in /etc/crio/crio.conf.d, with `pause_image_auth_file` where its registry asks for credentials.',
      'cri-dockerd': 'Start cri-dockerd with the same --pod-infra-container-image.',
    },
    learnMore: 'https://github.com/kubernetes/kubeadm/issues/2801',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['kubeletFlags', 'crioPauseImage'],
    run({kubeletFlags = [], crioPauseImage}, node) {
      if (!kubeletsOfHost(node).some(isOnDockershim)) return []
      const flag = flagInForce(flagsByName(kubeletFlags).get('pod-infra-container-image') ?? [])
      const used = node.upgrade.target === 'cri-o' ? imageOfCrio(node, crioPauseImage) : imageToCome(node)
      if (flag === undefined || used === undefined || flag.value === used.image || PUBLIC.test(flag.value)) return []
      const text = `dockershim starts pods with ${flag.value}; ${node.upgrade.target} is going to start them with ${used.image}.`
      return [problem('image', text, {evidence: [proofOf(flag), used.proof]})]
    },
    examples: {
      fail: [
        {upgrade: {target: 'cri-o'}, processes: {641: '/usr/bin/crio', 812: DOCKERSHIM}},
        {processes: {640: '/usr/bin/containerd', 812: DOCKERSHIM}, files: {[CONFIG]: 'version = 2\n'}, upgrade: {containerd: '1.7'}},
        {
          processes: {640: '/usr/bin/containerd', 812: DOCKERSHIM},
          files: {[CONFIG]: 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "registry.k8s.io/pause:3.6"\n'},
        },
      ],
      pass: [
        {
          upgrade: {target: 'cri-o'}, processes: {641: '/usr/bin/crio', 812: DOCKERSHIM},
          files: {'/etc/crio/crio.conf.d/10-pause.conf': '[crio.image]\npause_image = "registry.example:5000/pause:3.2"\n'},
        },
        {upgrade: {target: 'cri-o'}, processes: {641: '/usr/bin/crio --pause-image registry.example:5000/pause:3.2', 812: DOCKERSHIM}},
        {
          processes: {640: '/usr/bin/containerd', 812: DOCKERSHIM},
          files: {[CONFIG]: 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "registry.example:5000/pause:3.2"\n'},
        },
        {
          processes: {640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --network-plugin=cni --pod-infra-container-image=k8s.gcr.io/pause:3.2'},
          files: {[CONFIG]: 'version = 2\n'}, upgrade: {containerd: '1.7'},
        },
      ],
    },
  }),
]
