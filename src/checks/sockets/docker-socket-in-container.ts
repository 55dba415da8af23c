// SPDX-License-Identifier: Apache-2.0
import type {Container} from '../../model/chain.ts'
import type {NodeExample} from '../../model/check.ts'
import type {VisibleSocket} from '../../model/node/sockets.ts'
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const ID = '4f'.repeat(32)
const HOST_MOUNTS = '21 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 21 0:20 / /run rw - tmpfs tmpfs rw\n'
const container = (mounts: string, readerPid = 4711): NodeExample => ({
  processes: {
    1: {argv: ['/sbin/init'], files: {mountinfo: HOST_MOUNTS}},
    812: '/usr/bin/dockerd -H unix:///run/docker.sock',
    1000: `/usr/bin/containerd-shim-runc-v2 -namespace moby -id ${ID} -address /run/containerd/containerd.sock`,
    1020: {argv: ['/usr/bin/agent'], ppid: 1000, cgroup: `/system.slice/docker-${ID}.scope`, files: {mountinfo: mounts}},
  },
  files: {'/run/docker.sock': {socket: true}},
  answers: {
    reader: {uid: 0, pid: readerPid, platform: 'linux', time: '2026-11-21T12:00:00.000Z', architecture: 'x64'},
    'docker /run/docker.sock': {version: {Version: '20.10.24', ApiVersion: '1.41'}, info: {}},
  },
})

export const checks = [
  nodeCheck({
    id: 'docker-socket-in-container',
    title: {pass: 'No container has docker.sock in its file system', fail: 'A container can reach docker.sock'},
    why:
      'The mount namespace of a running container says what it can reach, whatever folder its pod mounted and under whatever name. ' +
      'With the socket at hand it may use Docker from time to time, and then fails on a node without dockerd. Anything that can open the ' +
      'socket also is root on the node.',
    severity: 'medium',
    fix:
      'Find out whether it uses Docker: `rtctl preflight --watch 1h` names who connects. If it does not, mount a smaller folder instead ' +
      'of the whole of /run; if it does, see the check docker-socket-client.',
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    needs: ['visibleSockets'],
    run({visibleSockets = []}, {chain, clients, facts, upgrade}) {
      // With cri-dockerd the socket of Docker stays, that of dockershim does not.
      const own = valueOf(facts.machine.reader)?.pid
      const going = visibleSockets.filter(({pid, socket}) => (
        // rtctl itself, in a container that may look at its host
        pid !== own && (upgrade.target !== 'cri-dockerd' || socket.endsWith('/dockershim.sock'))
      ))
      const ids = new Set(clients.map(({container: id}) => id))
      // From another network namespace only the pod is known, by its sandbox: the client is one of its containers.
      const connected = new Set(chain.containers.filter(({id}) => ids.has(id)).map(placeOf))
      const containers = new Map(chain.containers.map((one) => [one.pid, one]))
      const names = Map.groupBy(going, ({pid}) => nameOf(containers.get(pid), pid))
      return [...names].flatMap(([name, seen]) => {
        const [first] = seen as [VisibleSocket, ...VisibleSocket[]]
        const found = containers.get(first.pid)
        if (found !== undefined && connected.has(placeOf(found))) return []
        const text = `${name} sees ${first.socket} as ${first.at}, and was not connected to it when it was looked at.`
        return [problem(name, text, {evidence: seen.map(({pid, socket, at}) => ({source: `/proc/${pid}/mountinfo`, text: `${socket} at ${at}`}))})]
      })
    },
    examples: {
      fail: [
        container(`${HOST_MOUNTS}90 21 0:20 /docker.sock /var/run/docker.sock rw - tmpfs tmpfs rw\n`),
        container('80 1 0:50 / / rw - overlay overlay rw\n90 80 0:20 / /host/run rw - tmpfs tmpfs rw\n'),
      ],
      pass: [
        container('80 1 0:50 / / rw - overlay overlay rw\n90 80 0:20 /netns /run/netns rw - tmpfs tmpfs rw\n'),
        container('80 1 0:50 / / rw - overlay overlay rw\n90 80 0:20 / /host/run rw - tmpfs tmpfs rw\n91 90 0:60 / /host/run rw - tmpfs tmpfs rw\n'),
        container('80 1 0:50 / / rw - overlay overlay rw\n90 80 0:20 / /host/run rw - tmpfs tmpfs rw\n', 1020),
      ],
    },
  }),
]

function nameOf(found: Container | undefined, pid: number): string {
  if (found?.pod) return `pod ${found.pod.namespace}/${found.pod.name}, container ${found.name ?? found.id.slice(0, 12)}`
  return found === undefined ? `the container of pid ${pid}` : `container ${found.name ?? found.id.slice(0, 12)}`
}

/** What a client is known by: its pod, or the container itself. */
function placeOf({id, pod}: Container): string {
  return pod === undefined ? id : `${pod.namespace}/${pod.name}`
}
