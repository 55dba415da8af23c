// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {compareVersions} from '../../model/version.ts'
import {filesForPods, versionOfFile} from '../lib/containerd.ts'
import {comesWithContainerd2} from '../lib/containerd-support.ts'
import {nodeCheck, podCheck, problem} from '../lib/define.ts'
import {repositoryOf, tagVersion} from '../lib/pod-images.ts'
import {since} from '../tables/versions.ts'

const FIRST = since('nvidia-toolkit-reads-config-3')
const WHY =
  `NVIDIA's toolkit before ${FIRST} does not read a configuration of version 3, the form that ` +
  'containerd 2 writes: it ends with "unsupported config ' +
  'version: 3" and leaves the handler nvidia out. Pods with GPUs then stay in ContainerCreating, or run without any GPU.'
const FIX = `Use version ${FIRST} or later of the toolkit before containerd 2 comes (gpu-operator: \`toolkit.version\`, or leave it out).`
const LEARN = 'https://github.com/NVIDIA/gpu-operator/issues/2060'
const UNPROVEN = 'The version is from the release notes of the toolkit and reports of its users; none was run.'
const CONFIG = (version: number) => `version = ${version}\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia.options]\n  BinaryName = "/usr/bin/nvidia-container-runtime"\n`

export const checks = [
  nodeCheck({
    id: 'nvidia-toolkit-too-old',
    title: {pass: "NVIDIA's toolkit reads the configuration of containerd 2", fail: "NVIDIA's toolkit cannot read the configuration of containerd 2"},
    why: WHY, severity: 'medium', fix: FIX, learnMore: LEARN,
    unproven: `${UNPROVEN} What is installed by rpm or by gpu-operator is not looked at here.`,
    applies: ({target}) => target === 'containerd',
    needs: ['nvidiaToolkit', 'containerdConfigs'],
    run({nvidiaToolkit, containerdConfigs}, node) {
      if (nvidiaToolkit === undefined || compareVersions(nvidiaToolkit, FIRST) >= 0) return []
      const file = filesForPods(containerdConfigs, node).find((one) => versionOfFile(one) >= 3)
      if (file === undefined && !comesWithContainerd2(node.upgrade)) return []
      const what = file === undefined ? 'the configuration that containerd 2 writes' : file.path
      return [problem('toolkit', `\`nvidia-ctk runtime configure\` of ${nvidiaToolkit} cannot read ${what}: version 3 is known from ${FIRST} on.`, {
        evidence: [
          {source: '/var/lib/dpkg/status', text: `nvidia-container-toolkit ${nvidiaToolkit}`},
          ...(file === undefined ? [] : [{source: file.path, text: `version = ${file.version}`}]),
        ],
      })]
    },
    examples: {
      fail: [{...nodeWith('1.14.6-1'), upgrade: {containerd: '2.1'}}],
      pass: [{...nodeWith('1.18.1-1'), upgrade: {containerd: '2.1'}}, {...nodeWith('1.14.6-1'), upgrade: {containerd: '1.7'}}],
    },
  }),
  podCheck({
    id: 'nvidia-toolkit-image-too-old',
    title: {
      pass: "No pod brings a toolkit of NVIDIA that is too old for containerd 2",
      fail: 'A pod brings a toolkit of NVIDIA that is too old for containerd 2',
    },
    why: WHY, severity: 'high', fix: FIX, learnMore: LEARN, unproven: UNPROVEN,
    applies: comesWithContainerd2,
    run: (pod) => pod.containers.flatMap(({name, image, path}): readonly Outcome[] => {
      const version = /(?:^|\/)nvidia\/(?:k8s\/)?container-toolkit$/.test(repositoryOf(image)) ? tagVersion(image) : undefined
      if (version === undefined || compareVersions(version, FIRST) >= 0) return []
      const text =
        `Container "${name}" configures containerd with the toolkit ${version}, which knows version 3 ` +
        `of the configuration from ${FIRST} on only.`
      return [problem(name, text, {
        evidence: [{source: `container ${name}`, text: `image: ${image}`}], path: [...path, 'image'],
      })]
    }),
    examples: {
      fail: [{manifest: podWith('nvcr.io/nvidia/k8s/container-toolkit:v1.14.6-ubuntu20.04'), upgrade: {containerd: '2.1'}}],
      pass: [
        {manifest: podWith('nvcr.io/nvidia/k8s/container-toolkit:v1.17.8-ubuntu20.04'), upgrade: {containerd: '2.1'}},
        {manifest: podWith('nvcr.io/nvidia/k8s/container-toolkit:v1.14.6-ubuntu20.04'), upgrade: {containerd: '1.7'}},
      ],
    },
  }),
]

function nodeWith(version: string) {
  return {
    processes: {640: '/usr/bin/containerd'},
    files: {
      '/etc/containerd/config.toml': CONFIG(2), '/var/lib/dpkg/info/nvidia-container-toolkit.list': '/usr/bin/nvidia-ctk\n',
      '/var/lib/dpkg/status': `Package: nvidia-container-toolkit\nStatus: install ok installed\nVersion: ${version}\n\n`,
    },
  }
}

function podWith(image: string): string {
  return `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: nvidia-container-toolkit-daemonset}\nspec:\n  template:\n    spec:\n` +
    `      containers:\n` +
    `      - {name: toolkit, image: '${image}'}\n`
}
