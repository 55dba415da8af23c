// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Outcome} from '../../model/check.ts'
import type {CriPod} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import {containerdForPods} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {ofHost} from '../lib/units.ts'

const ENDPOINT = '/run/containerd/containerd.sock'

/** The handlers of the runtime to come, where it is configured on this host already. Both have some without being told. */
function handlersToCome(node: NodeContext): {readonly names: readonly string[]; readonly source: string} | undefined {
  if (node.upgrade.target === 'cri-o') {
    const [crio] = ofHost(node.facts, node.facts.crios)
    return crio && {names: ['runc', 'crun', ...Object.keys(crio.runtimes)], source: crio.files[0] ?? '/etc/crio'}
  }
  const containerd = containerdForPods(node)
  const config = valueOf(containerd?.config)
  return containerd === undefined || config === undefined ? undefined : {names: ['runc', ...Object.keys(config.runtimes)], source: containerd.configFile.value}
}

export const checks = [
  nodeCheck({
    id: 'runtime-handler-missing',
    title: {
      pass: 'The new runtime has every handler that pods of this node use',
      fail: 'Pods of this node use a handler that the new runtime is not configured with',
    },
    why:
      'A pod whose RuntimeClass names a handler that the runtime does not know stays in ContainerCreating: "no runtime for ' +
      '<handler> is configured". Running pods go on until they are started again.',
    severity: 'high',
    fix: {
      containerd: 'Add `runtimes.<handler>` with its runtime_type to the CRI plugin of containerd, and restart it.',
      'cri-o': 'Add `[crio.runtime.runtimes.<handler>]` to the configuration of CRI-O, and restart it.',
      'cri-dockerd': 'Docker runs pods with its default runtime only: move these pods to other nodes.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/containers/runtime-class/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: [],
    run(_known, node) {
      const known = handlersToCome(node)
      if (known === undefined) return []
      const pods = node.facts.criEndpoints.filter(({inside}) => inside === undefined).flatMap(({answer}) => valueOf(answer)?.pods ?? [])
      const missing = Map.groupBy(pods.filter(({handler}) => handler !== '' && !known.names.includes(handler)), ({handler}) => handler)
      const named = (users: readonly CriPod[]) =>
        `${users.length} ${users.length === 1 ? 'pod' : 'pods'} of this node (${users.slice(0, 3).map(({namespace, name}) => `${namespace}/${name}`).join(', ')})`
      const text = (handler: string, users: readonly CriPod[]) =>
        `${named(users)} use the handler ${handler}, which ${known.source} has not.`
      return [...missing].map(([handler, users]): Outcome => problem(handler, text(handler, users), {
        evidence: [{source: known.source, text: `no runtimes.${handler}`}],
      }))
    },
    examples: {
      fail: [{
        upgrade: {target: 'cri-o'},
        processes: {640: '/usr/bin/containerd', 641: '/usr/bin/crio', 812: `/usr/bin/kubelet --container-runtime-endpoint=unix://${ENDPOINT}`},
        files: {[ENDPOINT]: {socket: true}, '/etc/crio/crio.conf': '[crio.runtime.runtimes.kata]\nruntime_path = "/usr/bin/kata"\n'},
        answers: {
          [`cri ${ENDPOINT}`]: {
            apiVersions: ['v1'], runtimeName: 'containerd', runtimeVersion: '1.6.20', conditions: [], handlers: [], containers: [],
            pods: [{id: 'a', name: 'web', namespace: 'shop', uid: 'u', state: 0, ready: true, handler: 'runsc'}],
          },
        },
      }, {
        processes: {640: '/usr/bin/containerd', 812: `/usr/bin/kubelet --container-runtime-endpoint=unix://${ENDPOINT}`}, files: {[ENDPOINT]: {socket: true}, '/etc/containerd/config.toml': 'version = 2\n'},
        answers: {
          [`cri ${ENDPOINT}`]: {
            apiVersions: ['v1'], runtimeName: 'containerd', runtimeVersion: '1.6.20', conditions: [], handlers: [], containers: [],
            pods: [{id: 'a', name: 'web', namespace: 'shop', uid: 'u', state: 0, ready: true, handler: 'runsc'}],
          },
        },
      }],
      pass: [{
        processes: {640: '/usr/bin/containerd', 812: `/usr/bin/kubelet --container-runtime-endpoint=unix://${ENDPOINT}`},
        files: {
          [ENDPOINT]: {socket: true},
          '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runsc]\n  runtime_type = "io.containerd.runsc.v1"\n',
        },
        answers: {
          [`cri ${ENDPOINT}`]: {
            apiVersions: ['v1'], runtimeName: 'containerd', runtimeVersion: '1.6.20', conditions: [], handlers: [], containers: [],
            pods: [{id: 'a', name: 'web', namespace: 'shop', uid: 'u', state: 0, ready: true, handler: 'runsc'}],
          },
        },
      }],
    },
  }),
]
