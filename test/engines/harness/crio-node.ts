// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {basename, join, resolve} from 'node:path'
import {liveCri} from '../../unit/app/cri/live-cri.ts'
import type {Engines} from './engines.ts'
import {packages} from './packages.ts'
import type {Ended} from './rtctl.ts'
import {outcomeOf} from './run.ts'

const program = join(resolve(import.meta.dirname, '../../..'), 'bin/dev.js')
const LIMIT_MS = 100_000

/** An image in the storage, as its own list has it (containers/storage, images.json). */
export interface StoredImage {
  readonly id: string
  readonly digest: string
  readonly names: readonly string[]
}

/**
 * What rtctl and skopeo see of a node of CRI-O: the real storage at its real place and a real skopeo, in mount namespaces that
 * last as long as a program. CRI-O itself is a stand-in, which Debian has no package of: it answers from that storage.
 */
export interface CrioNode {
  readonly socket: string
  /** runs `rtctl …argv` there */
  readonly rtctl: (argv: readonly string[], input?: Buffer) => Promise<Ended>
  readonly skopeo: (...args: readonly string[]) => Promise<string>
  readonly images: () => readonly StoredImage[]
  /** where CRI-O looks for names without a registry */
  searched: readonly string[]
  /** what is in /etc/containers/policy.json; undefined: it is not there */
  policy: string | undefined
  /** forgets all images */
  readonly empty: () => void
  readonly stop: () => void
}

export async function startCrioNode(engines: Pick<Engines, 'directory' | 'suite'>): Promise<CrioNode> {
  const folder = join(engines.directory, 'crio')
  for (const name of ['layers', 'containers', 'tmp']) mkdirSync(join(folder, name), {recursive: true})
  const {program: find, libraryPath} = await packages()
  const skopeo = join(folder, 'skopeo')
  writeFileSync(skopeo, `#!/bin/sh\n${libraryPath && `LD_LIBRARY_PATH=${libraryPath}`} exec ${find(engines.suite, 'skopeo')} "$@"\n`, {mode: 0o755})
  writeFileSync(join(folder, 'enter'), entering(folder), {mode: 0o755})
  const images = () => storedImages(join(folder, 'containers/storage/overlay-images/images.json'))
  const env = () => ({
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/nonexistent', TMPDIR: join(folder, 'tmp'), RTCTL_TEST_RUN: basename(engines.directory),
    ...(node.policy !== undefined && {POLICY: node.policy}),
  })
  const words = (command: readonly string[]) => ['--mount', '--propagation', 'private', join(folder, 'enter'), ...command]
  const cri = await liveCri({
    Version: () => ({version: '0.1.0', runtimeName: 'cri-o', runtimeVersion: '1.30.0', runtimeApiVersion: 'v1'}),
    ImageFsInfo: () => ({imageFilesystems: [{fsId: {mountpoint: '/var/lib/containers/storage/overlay-images'}}]}),
    ListImages: () => ({images: images().map(answered)}),
    ImageStatus: ({image: {image}}: {image: {image: string}}) => {
      const candidates = /^[0-9a-f]{64}$/.test(image) ? [image] : candidatesFor(image, node.searched)
      const found = candidates.flatMap((name) => images().filter(({id, names}) => id === name || names.includes(name)))[0]
      return found === undefined ? {} : {image: answered(found)}
    },
  })
  const node: CrioNode = {
    socket: cri.socket, images, searched: ['docker.io'], policy: '{"default":[{"type":"insecureAcceptAnything"}]}', stop: cri.stop,
    rtctl: (argv, input) => ended(words([process.execPath, program, ...argv]), env(), input),
    empty: () => {
      rmSync(join(folder, 'containers'), {recursive: true})
      mkdirSync(join(folder, 'containers'))
    },
    skopeo: async (...args) => {
      const {code, stdout, stderr} = await outcomeOf('unshare', words(['/usr/local/bin/skopeo', ...args]), {env: env(), timeout: LIMIT_MS})
      if (code !== 0) throw new Error(stderr)
      return stdout
    },
  }
  return node
}

/** In a mount namespace of its own: folders that the node has and this machine may not have, above those that this machine has. */
function entering(folder: string): string {
  return `#!/bin/sh
set -e
mount -t tmpfs tmpfs ${folder}/layers
for of in etc var/lib usr/local; do
  mkdir -p ${folder}/layers/$of/upper ${folder}/layers/$of/work
  mount -t overlay overlay -o lowerdir=/$of,upperdir=${folder}/layers/$of/upper,workdir=${folder}/layers/$of/work /$of
done
mount -t tmpfs tmpfs /run
rm -rf /etc/containers
mkdir -p /etc/containers /var/lib/containers /usr/local/bin
mount --bind ${folder}/containers /var/lib/containers
[ -z "$POLICY" ] || echo "$POLICY" > /etc/containers/policy.json
cp ${folder}/skopeo /usr/local/bin/skopeo
exec "$@"
`
}

function storedImages(file: string): readonly StoredImage[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StoredImage[]).map(({id, digest, names}) => ({id, digest, names: names ?? []})) : []
}

/** As CRI-O tells of an image: its id without `sha256:` (server/image_status.go), an older one with a name for what has none (server/image_list.go). */
function answered({id, digest, names}: StoredImage): object {
  return {
    id, repoTags: names.length > 0 ? names : ['<none>:<none>'],
    repoDigests: names.map((name) => `${name.replace(/:[^/]*$/, '')}@${digest}`),
  }
}

/** Whole names for one of a pod spec (containers/image, pkg/shortnames): one without a registry only by the list of those to search. */
function candidatesFor(name: string, searched: readonly string[]): readonly string[] {
  const tagged = /:[^/]*$/.test(name) ? name : `${name}:latest`
  const isShort = !/^(?:[^/]*[.:][^/]*|localhost)\//.test(tagged)
  if (isShort && searched.length === 0) {
    const details = `short-name "${name}" did not resolve to an alias and no unqualified-search registries are defined in "/etc/containers/registries.conf"`
    throw Object.assign(new Error(details), {code: 2, details})
  }
  const library = (registry: string) => (registry === 'docker.io' && !tagged.includes('/') ? 'docker.io/library' : registry)
  return isShort ? searched.map((registry) => `${library(registry)}/${tagged}`) : [tagged]
}

async function ended(args: readonly string[], env: NodeJS.ProcessEnv, input: Buffer | undefined): Promise<Ended> {
  const started = performance.now()
  const child = spawn('unshare', args, {env, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'], timeout: LIMIT_MS, killSignal: 'SIGKILL'})
  const [output, errors]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (bytes: Buffer) => output.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise((settle, fail) => {
    child.once('error', fail)
    child.once('close', (status) => {
      const bytes = Buffer.concat(output)
      settle({status, stdout: bytes.toString(), bytes, stderr: Buffer.concat(errors).toString(), took: performance.now() - started})
    })
  })
}
