// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Outcome, Proof} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {isAtLeast, versionNumbers} from '../../model/version.ts'
import {containerdForPods, containerdToCome} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {flagInForce, flagsByName, isOnDockershim, kubeletsOfHost, proofOf, socketPath} from '../lib/kubelet.ts'
import {since} from '../tables/versions.ts'

/** First kubelet that does not have the flag: there is nothing to compare (tables/kubelet-flags.ts). */
const WITHOUT_FLAG = '1.35'
const PUBLIC = /^(?:registry\.k8s\.io|k8s\.gcr\.io|gcr\.io\/google[_-]containers|docker\.io|quay\.io|public\.ecr\.aws|mcr\.microsoft\.com)\//
const ENDPOINT = '--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock'

/** The sandbox image that the containerd of the pods says it uses, or is configured with. */
function imageOfContainerd(node: NodeContext): {readonly image: string; readonly proof: Proof} | undefined {
  const containerd = containerdForPods(node)
  if (containerd === undefined) return undefined
  const endpoint = node.facts.criEndpoints.find((one) => one.inside === undefined && socketPath(one.address) === socketPath(containerd.address.value))
  const said = valueOf(endpoint?.answer)?.sandboxImage
  if (said !== undefined && endpoint !== undefined) return {image: said, proof: {source: endpoint.answer.source, text: `sandbox image: ${said}`}}
  const image = valueOf(containerd.config)?.sandboxImage
  return image === undefined ? undefined : {image, proof: {source: containerd.configFile.value, text: `sandbox image: ${image}`}}
}

/** Whether containerd tells the kubelet, which asks since 1.23, to keep its sandbox image; undefined where its version is not known. */
function pinsSandboxImage(node: NodeContext): boolean | undefined {
  const version = containerdToCome(node)
  if (version === undefined) return undefined
  // of a branch the last release is meant
  if (versionNumbers(version).length < 3) return isAtLeast(version, '1.6')
  return isAtLeast(version, since('containerd-pins-sandbox-image')) || (isAtLeast(version, '1.6.24') && !isAtLeast(version, '1.7'))
}

export const checks = [
  nodeCheck({
    id: 'sandbox-image-differs',
    title: {
      pass: 'The kubelet and containerd mean the same sandbox image',
      fail: 'The kubelet protects another sandbox image than containerd uses',
    },
    why:
      'The kubelet keeps the image of --pod-infra-container-image from being collected, containerd starts every pod with the ' +
      'one in its own configuration. Where they differ, the one in use is removed when the disk fills up: ' +
      'the node stays Ready, and no pod starts on it until the image is pulled again, which a node without that registry cannot.',
    severity: 'medium',
    fix: {
      containerd:
        'Write the same image in both places: `sandbox_image` (from containerd 2.0 on `pinned_images.sandbox`) and ' +
        '--pod-infra-container-image.',
      'cri-o': 'Write the same image in both places: `pause_image` in `[crio.image]` and --pod-infra-container-image.',
      'cri-dockerd': 'Give cri-dockerd the same --pod-infra-container-image.',
    },
    learnMore: 'https://github.com/kubernetes/kubernetes/issues/81756',
    unproven: 'containerd from 1.6.24 and 1.7.3 on tells the kubelet to keep its sandbox image; where its version is not known it may be one of these.',
    applies: ({target, kubernetes}) => target === 'containerd' && !isAtLeast(kubernetes, WITHOUT_FLAG),
    needs: ['kubeletFlags'],
    run({kubeletFlags = []}, node): readonly Outcome[] {
      // What dockershim uses is another matter: sandbox-image-of-dockershim.
      if (kubeletsOfHost(node).some(isOnDockershim)) return []
      const places = flagsByName(kubeletFlags).get('pod-infra-container-image') ?? []
      const flag = flagInForce(places)
      const used = imageOfContainerd(node)
      if (flag === undefined || used === undefined || flag.value === used.image || pinsSandboxImage(node) === true) return []
      const text =
        `The kubelet protects ${flag.value}, containerd uses ${used.image}: that one may be removed when the ` +
        'disk fills up, and no pod starts without it.'
      return [problem('image', text, {
        evidence: [proofOf(flag), used.proof],
      })]
    },
    examples: {
      fail: [{
        processes: {640: '/usr/bin/containerd', 812: `/usr/bin/kubelet ${ENDPOINT} --pod-infra-container-image=registry.k8s.io/pause:3.9`},
        files: {
          '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "registry.k8s.io/pause:3.6"\n',
        },
      }],
      pass: [
        {
          upgrade: {containerd: '1.7.24'},
          processes: {640: '/usr/bin/containerd', 812: `/usr/bin/kubelet ${ENDPOINT} --pod-infra-container-image=registry.k8s.io/pause:3.9`},
          files: {
            '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "registry.k8s.io/pause:3.6"\n',
          },
        },
        {
          processes: {
            640: '/usr/bin/containerd', 812: `/usr/bin/kubelet ${ENDPOINT} --pod-infra-container-image=registry.k8s.io/pause:3.9`,
          },
          files: {
            '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "registry.k8s.io/pause:3.9"\n',
          },
        },
        {
          processes: {640: '/usr/bin/containerd', 812: `/usr/bin/kubelet ${ENDPOINT}`},
          files: {
            '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "registry.k8s.io/pause:3.6"\n',
          },
        },
      ],
    },
  }),
  nodeCheck({
    id: 'sandbox-image-not-pinned',
    title: {
      pass: 'The kubelet knows that it has to keep the sandbox image',
      fail: 'Nobody keeps the kubelet from removing the sandbox image',
    },
    why:
      'A kubelet without --pod-infra-container-image, from 1.35 on, keeps what the runtime calls pinned, and containerd before 1.6.24 and ' +
      '1.7.3 pins nothing. When the disk fills up the sandbox image goes with the others: the node stays Ready, and no pod starts until it ' +
      'is pulled again, which a node without that registry cannot.',
    severity: 'medium',
    fix: {
      containerd: 'Upgrade containerd before the kubelet: each release that is made for this Kubernetes pins its sandbox image.',
      'cri-o': 'Nothing: CRI-O pins its `pause_image`.',
      'cri-dockerd': 'Nothing: cri-dockerd has its own --pod-infra-container-image.',
    },
    learnMore: 'https://github.com/kubernetes/kubernetes/issues/81756',
    unproven: 'What containerd pins was read in its source; no kubelet 1.35 was run with it.',
    applies: ({target, kubernetes}) => target === 'containerd' && isAtLeast(kubernetes, WITHOUT_FLAG),
    needs: [],
    run(_known, node): readonly Outcome[] {
      const containerd = containerdForPods(node)
      if (containerd === undefined || kubeletsOfHost(node).length === 0 || pinsSandboxImage(node) !== false) return []
      return [problem('image', `containerd ${containerdToCome(node)} does not tell the kubelet to keep its sandbox image: that one is removed when the disk fills up.`, {
        evidence: [{source: containerd.pid === undefined ? containerd.configFile.value : `pid ${containerd.pid}`, text: `containerd ${containerdToCome(node)}`}],
      })]
    },
    examples: {
      fail: [{
        upgrade: {kubernetes: '1.35', containerd: '1.6.20'}, processes: {640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
      }],
      pass: [
        {upgrade: {kubernetes: '1.35', containerd: '1.7.28'}, processes: {640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'}},
        {upgrade: {kubernetes: '1.34', containerd: '1.6.20'}, processes: {640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'}},
      ],
    },
  }),
  nodeCheck({
    id: 'sandbox-image-credentials',
    title: {
      pass: 'The sandbox image needs no credentials of the kubelet',
      fail: 'The sandbox image is in a registry that only the kubelet has credentials for',
    },
    why:
      'The runtime pulls the sandbox image itself. It does not ask the credential providers of the kubelet, nor its ' +
      'config.json: from a private registry (ECR, ACR, Artifact Registry) the pull fails with 401 as soon as the image was ' +
      'removed, ' +
      'and no pod starts on the node.',
    severity: 'medium',
    fix: {
      containerd:
        'Pull the image into the namespace k8s.io when the node is made (`ctr -n k8s.io images pull --user …`) and use a ' +
        'containerd that pins it (1.7.3 or later), or take registry.k8s.io/pause.',
      'cri-o': 'Set `pause_image_auth_file` in `[crio.image]`, or take registry.k8s.io/pause.',
      'cri-dockerd': 'Pull the image with docker when the node is made, or take registry.k8s.io/pause.',
    },
    learnMore: 'https://github.com/awslabs/amazon-eks-ami/issues/2166',
    unproven: 'Whether the registry asks for credentials is not known from the node.',
    applies: ({target}) => target === 'containerd',
    needs: ['kubeletFlags'],
    run({kubeletFlags = []}, node): readonly Outcome[] {
      const providers = kubeletFlags.filter(({name}) => name === 'image-credential-provider-config')
      const used = imageOfContainerd(node)
      if (providers.length === 0 || used === undefined || PUBLIC.test(used.image) || !/^[^/]*[.:][^/]*\//.test(used.image)) return []
      return [problem('image', `containerd starts every pod with ${used.image}, which it pulls without the credential providers of the kubelet.`, {
        evidence: [used.proof, ...providers.map(proofOf)],
      })]
    },
    examples: {
      fail: [{
        processes: {
          640: '/usr/bin/containerd',
          812: `/usr/bin/kubelet ${ENDPOINT} --image-credential-provider-config=/etc/eks/ecr.json --image-credential-provider-bin-dir=/etc/eks`,
        },
        files: {
          '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/pause:3.5"\n',
        },
      }],
      pass: [{
        processes: {640: '/usr/bin/containerd', 812: `/usr/bin/kubelet ${ENDPOINT} --image-credential-provider-config=/etc/eks/ecr.json`},
        files: {
          '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "registry.k8s.io/pause:3.9"\n',
        },
      }],
    },
  }),
]
