// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {lstatSync, readFileSync, readdirSync, readlinkSync} from 'node:fs'
import {join} from 'node:path'
import {criPodNames, dockerPodNames, type Node} from './node.ts'

/** What comes and goes with containers, and what a migration says that it keeps. */
const LEFT_OUT = [
  '/dev', '/opt/rtctl', '/proc', '/run', '/sys', '/tmp', '/var/lib/cni', '/var/lib/containerd', '/var/lib/docker', '/var/lib/rtctl', '/var/log', '/var/tmp',
]

/** Files, links and folders by path: type, permission bits, owner and content. */
export type Tree = ReadonlyMap<string, string>

/** All that differs between the node's file system and the common tree, but what comes and goes with containers. */
export function treeOf(node: Node): Tree {
  const tree = new Map<string, string>()
  const upper = join(node.directory, 'upper')
  const walk = (path: string) => {
    if (LEFT_OUT.includes(path)) return
    tree.set(path, entryOf(join(upper, path)))
    if (tree.get(path)?.startsWith('directory')) for (const name of readdirSync(join(upper, path))) walk(`${path}/${name}`)
  }
  for (const name of readdirSync(upper)) walk(`/${name}`)
  return tree
}

/** What is different in the second tree, as lines: `+ path`, `- path`, `~ path before → after`. */
export function treeChanges(node: Node, before: Tree, after: Tree): readonly string[] {
  // what is not in the node's own layer is as in the common ones
  const below = (path: string) => node.lower.map((layer) => entryOf(join(layer, path))).find((entry) => entry !== 'nothing') ?? 'nothing'
  const look = (tree: Tree, path: string) => tree.get(path) ?? below(path)
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path) => {
    const [was, is] = [look(before, path), look(after, path)]
    if (was === is) return []
    return was === 'nothing' ? [`+ ${path}`] : is === 'nothing' ? [`- ${path}`] : [`~ ${path} ${was} → ${is}`]
  })
}

function entryOf(path: string): string {
  const stat = lstatSync(path, {throwIfNoEntry: false})
  // a character device 0:0 of an upper layer hides a file of the layer below
  if (stat === undefined || stat.isCharacterDevice() && stat.rdev === 0) return 'nothing'
  const owner = `${(stat.mode & 0o7777).toString(8)} ${stat.uid}:${stat.gid}`
  if (stat.isDirectory()) return `directory ${owner}`
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`
  return stat.isFile() ? `file ${owner} ${createHash('sha256').update(readFileSync(path)).digest('hex')}` : `special ${owner}`
}

const UNITS = ['docker.socket', 'docker.service', 'containerd.service', 'kubelet.service']

/** Everything about a node that a rollback has to bring back, told by the engines and the kernel themselves. */
export async function stateOf(node: Node) {
  const show = async (...argv: string[]) => (await node.run(argv, {limit: 20_000})).stdout
  const lines = (text: string) => text.split('\n').filter(Boolean).sort()
  const [enabled, active, foreign, dockerImages, criImages, tasks, rules, links, forward] = await Promise.all([
    show('systemctl', 'is-enabled', ...UNITS),
    show('systemctl', 'is-active', ...UNITS),
    show('docker', 'ps', '--filter', 'name=legacy-cron', '--format', '{{.Names}} {{.Ports}}'),
    show('docker', 'images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}'),
    show('ctr', '-n', 'k8s.io', 'images', 'ls'),
    show('ctr', '-n', 'k8s.io', 'tasks', 'ls', '-q'),
    show('iptables-save', '-t', 'filter'),
    show('ip', '-o', 'link', 'show'),
    show('sysctl', '-n', 'net.ipv4.ip_forward'),
  ])
  const words = (text: string) => Object.fromEntries(UNITS.map((unit, index) => [unit, text.split('\n')[index]]))
  return {
    enabled: words(enabled), active: words(active),
    dockerPods: await dockerPodNames(node), criPods: await criPodNames(node),
    criTasks: lines(tasks).length,
    foreign: lines(foreign), dockerImages: lines(dockerImages), criImages: lines(criImages).slice(1).map((line) => line.split(' ')[0] ?? ''),
    // counters, comments and the addresses of containers change
    rules: lines(rules).filter((line) => !line.startsWith('#')).map((line) => line.replace(/ \[\d+:\d+\]/, '').replace(/172\.17\.0\.\d+/, '172.17.0.n')),
    // the bridge of CNI is made with the first pod that has an address by it, and nobody removes it
    links: lines(links).map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? '').filter((link) => !/^veth|^cni0$/.test(link)).sort(),
    forward: forward.trim(),
  }
}

export type NodeState = Awaited<ReturnType<typeof stateOf>>
