// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget} from '../../model/check.ts'
import {isAtLeast} from '../../model/version.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {objectOf} from '../lib/pod-docker-use.ts'
import {since} from '../tables/versions.ts'

const STEPS =
  'write `containerRuntime: containerd` while the cluster is still on 1.23, move what is in `spec.docker` to its new place (registryMirrors: ' +
  '`spec.containerd.registryMirrors`; logOpt: `spec.kubelet.containerLogMaxSize` and `containerLogMaxFiles`), and run `kops update cluster --yes` and ' +
  '`kops rolling-update cluster --yes`. Raise the version of Kubernetes after that.'

const FIX: PerTarget = {
  containerd: `kops: ${STEPS}`,
  'cri-o': `kops installs containerd and no CRI-O. With kops, ${STEPS}`,
  'cri-dockerd': `kops installs containerd and no cri-dockerd. With kops, ${STEPS}`,
}

/** members of spec.docker that say which Docker is installed, and nothing of how it runs */
const NO_SETTINGS = new Set(['version', 'packages', 'skipInstall', 'hash', 'hashes', 'healthCheck'])

export const checks = [
  objectCheck({
    id: 'kops-cluster-on-docker',
    title: {pass: 'No cluster of kops is specified for Docker', fail: 'A cluster of kops is specified for Docker'},
    why:
      'kops gives Kubernetes 1.24 and newer to containerd alone. With `containerRuntime: docker` its validation refuses the specification, ' +
      'so that neither the new version nor any other change is rolled out; later versions of kops have no such field. Settings below `spec.docker` ' +
      '(mirrors, insecure registries, log options) reach no runtime, without any message.',
    severity: 'blocker',
    fix: FIX,
    learnMore: 'https://kops.sigs.k8s.io/cluster_spec/#containerruntime',
    unproven: 'Read from the API and the validation of kops (kubernetes/kops pull request 12927); no cluster was made.',
    applies: ({kubernetes}) => isAtLeast(kubernetes, since('kubelet-without-dockershim')),
    kinds: ['Cluster'],
    run({ref, value}): readonly Outcome[] {
      if (!/^kops(?:\.k8s\.io)?\//.test(ref.apiVersion)) return []
      const spec = objectOf(value['spec'])
      if (spec['containerRuntime'] === 'docker') {
        return [problem('containerRuntime', `Cluster ${ref.name} of kops has containerRuntime: docker, which kops refuses for Kubernetes 1.24 and newer.`, {
          evidence: [{source: 'spec.containerRuntime', text: 'docker'}], path: ['spec', 'containerRuntime'],
        })]
      }
      const settings = Object.keys(objectOf(spec['docker'])).filter((key) => !NO_SETTINGS.has(key))
      if (settings.length === 0) return []
      return [problem('docker', `Cluster ${ref.name} of kops has settings of Docker (${settings.slice(0, 5).join(', ')}), which reach no runtime on nodes with containerd.`, {
        severity: 'medium', evidence: [{source: 'spec.docker', text: settings.slice(0, 20).join(', ')}], path: ['spec', 'docker'],
      })]
    },
    examples: {
      fail: [
        {manifest: cluster('containerRuntime: docker')},
        {manifest: cluster('containerRuntime: containerd, docker: {logDriver: json-file, logOpt: [max-size=10m]}')},
      ],
      pass: [
        {manifest: cluster('containerRuntime: containerd, docker: {skipInstall: true}')},
        {manifest: cluster('containerRuntime: docker'), upgrade: {kubernetes: '1.23'}},
        {manifest: 'apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {name: c}\nspec: {containerRuntime: docker}\n'},
      ],
    },
  }),
]

function cluster(spec: string): string {
  return `apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata: {name: east.example.com}\nspec: {kubernetesVersion: 1.23.17, ${spec}}\n`
}
