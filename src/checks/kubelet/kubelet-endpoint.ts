// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {endpointOf, isOnDockershim, kubeletsOfHost} from '../lib/kubelet.ts'

const LEARN_MORE = 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/change-runtime-containerd/'

export const checks = [
  nodeCheck({
    id: 'kubelet-endpoint-without-scheme',
    title: {pass: 'The CRI endpoint of the kubelet is written as a URL', fail: 'The CRI endpoint of the kubelet is a bare path'},
    why:
      'A path without unix:// is deprecated: the kubelet warns and adds it, kubeadm ≥ 1.24 does so too, other tools that ' +
      'compare the text see another endpoint.',
    severity: 'low',
    fix: 'Write `unix://` in front of the path, where the endpoint is configured.',
    learnMore: LEARN_MORE,
    needs: [],
    run(_known, node) {
      return kubeletsOfHost(node).flatMap(({endpoints}): readonly Outcome[] => {
        const bare = endpoints.filter(({value}) => value.startsWith('/'))
        const [first] = bare
        return first === undefined ? [] : [problem('endpoint', `The kubelet is given ${first.value}, a path without unix://.`, {
          evidence: bare.map(({value, source}) => ({source, text: value})),
        })]
      })
    },
    examples: {
      fail: [{
        processes: {812: '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=/run/containerd/containerd.sock'},
      }],
      pass: [{
        processes: {812: '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
      }],
    },
  }),
  nodeCheck({
    id: 'kubelet-endpoint-of-docker',
    title: {
      pass: 'The kubelet is not told to use Docker\'s own containerd',
      fail: 'The kubelet is told to use the containerd that dockerd starts for itself',
    },
    why:
      'dockerd without --containerd starts a containerd of its own below /run/docker, with CRI switched off, and writes its ' +
      'configuration anew at each start. A kubelet that is pointed there ends with ' +
      '"unknown service runtime.v1.RuntimeService", and the socket goes with dockerd.',
    severity: 'blocker',
    fix: {
      containerd: 'Install containerd with a systemd unit of its own, and write `unix:///run/containerd/containerd.sock`.',
      'cri-o': 'Write `unix:///var/run/crio/crio.sock`.',
      'cri-dockerd': 'Write `unix:///run/cri-dockerd.sock`.',
    },
    learnMore: 'https://github.com/kubernetes/kubernetes/issues/73189',
    needs: [],
    run(_known, node) {
      return kubeletsOfHost(node).flatMap(({endpoints}): readonly Outcome[] => {
        const wrong = endpoints.filter(({value}) => /\/run\/docker\/(?:containerd|libcontainerd)\//.test(value))
        const [first] = wrong
        return first === undefined ? [] : [problem('endpoint', `The kubelet is told to use ${first.value}, the containerd that dockerd starts for itself: it has no CRI.`, {
          evidence: wrong.map(({value, source}) => ({source, text: value})),
        })]
      })
    },
    examples: {
      fail: [{
        processes: {
          812: '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///var/run/docker/containerd/containerd.sock',
        },
      }],
      pass: [{
        processes: {812: '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
      }],
    },
  }),
  nodeCheck({
    id: 'kubelet-endpoint-without-listener',
    title: {pass: 'Somebody listens at the CRI endpoint of the kubelet', fail: 'Nobody listens at the CRI endpoint of the kubelet'},
    why:
      'A kubelet whose endpoint nobody serves does not start, or goes on without starting and stopping any container until ' +
      'the runtime is back. After an upgrade that restart comes at once.',
    severity: 'blocker',
    fix: 'Start the runtime that should listen there and see that it starts at boot, or correct the endpoint.',
    learnMore: LEARN_MORE,
    needs: [],
    run(_known, node) {
      const own = kubeletsOfHost(node).filter((kubelet) => !isOnDockershim(kubelet)).flatMap((kubelet) => endpointOf(kubelet) ?? [])
      const silent = node.chain.oddities.filter(({id, evidence}) => id === 'endpoint-without-listener' &&
        evidence.some((one) => one.kind === 'missing' && own.includes(one.source.replace(/^\/var\/run\//, '/run/'))))
      return silent.map(({text, evidence}) => problem('endpoint', `${text.charAt(0).toUpperCase()}${text.slice(1)}.`, {
        evidence: evidence.flatMap((one) => ('source' in one && 'text' in one ? [{source: one.source, text: one.text}] : [])),
      }))
    },
    examples: {
      fail: [{
        processes: {812: '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///run/crio/crio.sock'},
        files: {'/proc/1/net/unix': 'Num       RefCount Protocol Flags    Type St Inode Path\n'},
      }],
      pass: [{processes: {812: '/usr/bin/kubelet --network-plugin=cni'}}],
    },
  }),
]
