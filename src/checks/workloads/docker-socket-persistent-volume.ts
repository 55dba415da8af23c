// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {objectOf} from '../lib/pod-docker-use.ts'
import {hostPathOf, isAbove} from '../lib/pod-paths.ts'
import {DOCKER_FILES, DOCKER_SOCKETS, DOCKERSHIM_FILES, DOCKERSHIM_SOCKETS} from '../tables/docker-paths.ts'

export const checks = [
  objectCheck({
    id: 'docker-socket-persistent-volume',
    title: {pass: 'No persistent volume is a socket or folder of Docker', fail: 'A persistent volume is a socket or folder of Docker'},
    why:
      'A claim hides from the pod that its volume is a host path: pods that use it reach Docker without naming it. After the ' +
      'change of the runtime they find an empty folder, ' +
      'or do not start, as the kubelet does not make the path of a local volume.',
    severity: 'high',
    fix: 'Find the pods of its claim, and treat each as one that mounts the path itself. Then delete claim and volume.',
    learnMore: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/',
    kinds: ['PersistentVolume'],
    run({value}, {target}) {
      const spec = objectOf(value['spec'])
      return ['hostPath', 'local'].flatMap((kind): readonly Outcome[] => {
        const written = objectOf(spec[kind])['path']
        if (typeof written !== 'string') return []
        const what = whatIs(hostPathOf(written), target === 'cri-dockerd')
        if (what === undefined) return []
        const claim = objectOf(spec['claimRef'])
        const [namespace, name] = [claim['namespace'], claim['name']]
        const user = typeof name === 'string' ? ` It is bound to claim ${typeof namespace === 'string' ? `${namespace}/` : ''}${name}.` : ''
        return [problem(hostPathOf(written), `The volume is ${written} of the node, ${what}.${user}`, {
          evidence: [{source: `spec.${kind}`, text: `path: ${written}`}], path: ['spec', kind, 'path'],
        })]
      })
    },
    examples: {
      fail: [{manifest: volume('hostPath: {path: /var/run/docker.sock}')}, {manifest: volume('local: {path: /run}')}],
      pass: [
        {manifest: volume('hostPath: {path: /data}')},
        {manifest: volume('hostPath: {path: /var/run/docker.sock}'), upgrade: {target: 'cri-dockerd'}},
      ],
    },
  }),
]

function whatIs(path: string, keepsDocker: boolean): string | undefined {
  const sockets = keepsDocker ? DOCKERSHIM_SOCKETS : [...DOCKER_SOCKETS, ...DOCKERSHIM_SOCKETS]
  const socket = sockets.find((one) => one.path === path)
  if (socket !== undefined) return socket.what
  if (path === '/run' && !keepsDocker) return 'which brings docker.sock with it'
  const files = keepsDocker ? DOCKERSHIM_FILES : [...DOCKER_FILES, ...DOCKERSHIM_FILES]
  return files.find((one) => one.path === path || isAbove(one.path, path))?.what
}

function volume(source: string): string {
  return `apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec:\n  capacity: {storage: 1Gi}\n  ${source}\n`
}
