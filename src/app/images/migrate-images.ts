// SPDX-License-Identifier: Apache-2.0
import {buildChain} from '../../chain/build.ts'
import {withSpooled} from '../../host/spool.ts'
import {streamCommand} from '../../host/stream-command.ts'
import type {Host} from '../../model/host.ts'
import {CannotAsk} from '../../model/host.ts'
import type {ImageMove, ImageMoveReport} from '../../model/migration/images.ts'
import {nodeNeeds} from '../../needs/node-needs.ts'
import {collectFacts} from '../../probes/collect.ts'
import {collectNodeFacts} from '../../probes/node/collect.ts'
import {isRootsOwn} from '../../probes/trusted-program.ts'
import {upgradeOf} from '../preflight/run-preflight.ts'

/** What the pods of a node need, where nobody says what to move. */
export interface NodeImages {
  /** as pods name them */
  readonly images: readonly string[]
  /** of the dockerd that the node uses */
  readonly dockerSocket?: string
  /** what could not be read, so that images may be missing: one sentence each */
  readonly unread: readonly string[]
}

/** The socket of dockerd, and those where the runtimes listen unless told otherwise. */
export const DOCKER_SOCKET = '/run/docker.sock'
export const ENDPOINTS = {containerd: 'unix:///run/containerd/containerd.sock', 'cri-o': 'unix:///var/run/crio/crio.sock'} as const

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** The images that pods of a node use: those of running pods, and of static ones. */
export async function imagesOfPods(host: Host, to: ImageMove['to']['name']): Promise<NodeImages> {
  const facts = await collectFacts(host)
  const known = await collectNodeFacts(host, facts)
  const chain = buildChain(facts)
  const {images, from: {dockerSocket}} = nodeNeeds({facts, known, chain, upgrade: upgradeOf({target: to, oracle: {}}, undefined)})
  const {staticPods} = known
  const unread = [
    ...chain.gaps.map(({what, reason}) => `${what}: ${reason}`),
    ...(staticPods.state === 'unreadable' ? [`static pods in ${staticPods.source}: ${staticPods.detail ?? staticPods.reason}`] : []),
  ]
  return {images: images.map(({name}) => name), unread, ...(dockerSocket !== undefined && {dockerSocket})}
}

/**
 * Moves images on this machine, see moveImages of src/images.
 *
 * @throws UserError when they cannot be moved; what was moved until then stays
 */
export async function migrateImages(host: Host, move: Omit<ImageMove, 'run' | 'spool'>): Promise<ImageMoveReport> {
  const {moveImages} = await import('../../images/move-images.ts')
  return moveImages({...move, run: (name, args, signal) => runTrusted(host, name, args, signal), spool: withSpooled})
}

async function runTrusted(host: Host, name: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const program = FOLDERS.map((folder) => `${folder}/${name}`).find((path) => isRootsOwn(host, path))
  if (program === undefined) throw new CannotAsk('unsupported', `there is no \`${name}\` on this machine`)
  await streamCommand(program, args, {signal})
}
