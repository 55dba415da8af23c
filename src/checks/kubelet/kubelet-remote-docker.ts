// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'
import {proofOf} from '../lib/kubelet.ts'

export const checks = [
  nodeCheck({
    id: 'kubelet-remote-docker',
    title: {pass: 'The kubelet uses no Docker over the network', fail: 'The kubelet uses a Docker over the network'},
    why:
      'CRI runtimes listen on a socket of their own host. A Docker on another host, or in another machine of it, has no ' +
      'counterpart: its containers, images and logs are not on this node.',
    severity: 'high',
    fix: {
      containerd: 'Run containerd on the host of the kubelet, and move what the remote Docker has to it.',
      'cri-o': 'Run CRI-O on the host of the kubelet, and move what the remote Docker has to it.',
      'cri-dockerd':
        'Run dockerd and cri-dockerd on the host of the kubelet; cri-dockerd takes `--docker-endpoint` too, but expects logs ' +
        'and mounts on its own host.',
    },
    learnMore: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/',
    needs: ['kubeletFlags'],
    run({kubeletFlags = []}) {
      const remote = kubeletFlags.filter(({name, value}) => name === 'docker-endpoint' && /^(?:tcp|https?|ssh):\/\//.test(value))
      const [first] = remote
      if (first === undefined) return []
      const text = `The kubelet is told to use the Docker at ${first.value}: no CRI runtime is reached that way.`
      return [problem('docker-endpoint', text, {evidence: remote.map(proofOf)})]
    },
    examples: {
      fail: [{processes: {812: '/usr/bin/kubelet --docker-endpoint=tcp://10.0.0.5:2375'}}],
      pass: [{processes: {812: '/usr/bin/kubelet --docker-endpoint=unix:///var/run/docker.sock'}}],
    },
  }),
]
