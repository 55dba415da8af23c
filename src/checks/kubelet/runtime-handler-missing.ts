// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {CriPod} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import {containerdForPods} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const ENDPOINT = '/run/containerd/containerd.sock'

export const checks = [
  nodeCheck({
    id: 'runtime-handler-missing',
    title: {
      pass: 'containerd has every handler that pods of this node use',
      fail: 'Pods of this node use a handler that containerd is not configured with',
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
    applies: ({target}) => target === 'containerd',
    needs: [],
    run(_known, node) {
      const containerd = containerdForPods(node)
      const config = valueOf(containerd?.config)
      if (containerd === undefined || config === undefined) return []
      const pods = node.facts.criEndpoints.filter(({inside}) => inside === undefined).flatMap(({answer}) => valueOf(answer)?.pods ?? [])
      const missing = Map.groupBy(pods.filter(({handler}) => handler !== '' && handler !== 'runc' && !Object.hasOwn(config.runtimes, handler)), ({handler}) => handler)
      const named = (users: readonly CriPod[]) =>
        `${users.length} ${users.length === 1 ? 'pod' : 'pods'} of this node (${users.slice(0, 3).map(({namespace, name}) => `${namespace}/${name}`).join(', ')})`
      const text = (handler: string, users: readonly CriPod[]) =>
        `${named(users)} use the handler ${handler}, which ${containerd.configFile.value} has not.`
      return [...missing].map(([handler, users]): Outcome => problem(handler, text(handler, users), {
        evidence: [{source: containerd.configFile.value, text: `no runtimes.${handler}`}],
      }))
    },
    examples: {
      fail: [{
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
