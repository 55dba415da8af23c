// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {rolldown} from 'rolldown'
import {debianTree} from '../../packages/support/debian-tree.ts'
import {NODES} from '../../support/node.ts'
import {cacheDirectory, packages, type Suite} from '../harness/packages.ts'
import {outputOf} from '../harness/run.ts'

/** What a node has of Debian beside the essential packages. */
const PACKAGES = [
  'docker.io', 'containerd', 'runc', 'iptables', 'iproute2', 'kmod', 'procps', 'mount', 'containernetworking-plugins', 'busybox-static',
  // of Node.js
  'libatomic1',
]

const INSIDE = join(import.meta.dirname, 'inside')

/**
 * Stands in front of runc: on a machine without CAP_SYS_RESOURCE no process gets the negative `oom_score_adj` that pod sandboxes have.
 * The specification of a container is changed just before runc reads it.
 */
const RUNC = `#!/bin/sh
bundle=. create= previous=
for word in "$@"; do
  case $previous in --bundle | -b) bundle=$word ;; esac
  case $word in --bundle=*) bundle=\${word#--bundle=} ;; create | run) create=1 ;; esac
  previous=$word
done
[ -n "$create" ] && [ -f "$bundle/config.json" ] && sed -i 's/"oomScoreAdj": *-[0-9]*/"oomScoreAdj":0/' "$bundle/config.json"
exec /usr/sbin/runc.real "$@"
`

/** The parts of a node that are made once and kept in the cache of the tests. */
export interface NodeParts {
  /** bookworm without an init, and above it the engines of another release; only to be read, the uppermost first */
  readonly layers: readonly string[]
  /** the stand-in kubelet, one executable file */
  readonly kubelet: string
}

/** Makes them where they are not there yet. Throws with apt's or the bundler's own words. */
export async function nodeParts(suite: Suite): Promise<NodeParts> {
  const tree = await once('tree', JSON.stringify([PACKAGES, RUNC]), buildTree)
  const above = suite === 'bookworm' ? [] : [join((await packages()).directory, suite)]
  return {layers: [...above, tree], kubelet: await kubeletProgram()}
}

/** A file or folder of the cache, named after what it is made of. It gets its name when it is whole. */
async function once(name: string, content: string, make: (work: string) => Promise<string>): Promise<string> {
  const product = join(cacheDirectory(), `node-${name}-${createHash('sha256').update(content).digest('hex').slice(0, 12)}`)
  if (existsSync(product)) return product
  mkdirSync(cacheDirectory(), {recursive: true})
  const work = mkdtempSync(join(cacheDirectory(), 'making-'))
  try {
    renameSync(await make(work), product)
  } catch (error) {
    // another worker was faster
    if (!existsSync(product)) throw error
  } finally {
    rmSync(work, {recursive: true, force: true})
  }
  return product
}

async function buildTree(work: string): Promise<string> {
  const debian = await debianTree()
  try {
    await installPackages(debian.root)
    standIns(debian.root)
    // mv copies where the cache lies on another file system
    await outputOf('mv', [debian.root, join(work, 'tree')], {timeout: 280_000})
  } finally {
    debian.remove()
  }
  return join(work, 'tree')
}

async function installPackages(root: string): Promise<void> {
  copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'))
  const proxies = (await outputOf('apt-config', ['dump'])).split('\n').filter((line) => /^Acquire::(https?|Force|AllowInsecure)\S* "./i.test(line))
  // a mirror may be a frozen snapshot
  writeFileSync(join(root, 'etc/apt/apt.conf.d/90test'), [...proxies, 'Acquire::Check-Valid-Until "false";', 'Acquire::Retries "3";', ''].join('\n'))
  writeFileSync(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', {mode: 0o755})
  const apt = 'apt-get -q=2 update && apt-get -q=2 -y --no-install-recommends install "$@" && apt-get clean'
  const install = `mount -t proc proc "$0/proc" && exec chroot "$0" sh -c '${apt}' sh "$@"`
  await outputOf('unshare', ['--mount', '--pid', '--fork', '--propagation', 'private', 'sh', '-c', install, root, ...PACKAGES], {
    env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive'}, timeout: 280_000,
  })
  const left = ['etc/resolv.conf', 'etc/apt/apt.conf.d/90test', 'usr/sbin/policy-rc.d', 'var/lib/apt/lists']
  for (const path of left) rmSync(join(root, path), {recursive: true})
}

function standIns(root: string): void {
  renameSync(join(root, 'usr/sbin/runc'), join(root, 'usr/sbin/runc.real'))
  writeFileSync(join(root, 'usr/sbin/runc'), RUNC, {mode: 0o755})
  // where a kubelet and most clusters look for CNI plugins
  mkdirSync(join(root, 'opt/cni'), {recursive: true})
  symlinkSync('/usr/lib/cni', join(root, 'opt/cni/bin'))
  writeFileSync(join(root, 'usr/bin/rtctl'), '#!/bin/sh\nexec /opt/rtctl/node_modules/node/bin/node /opt/rtctl/bin/dev.js "$@"\n', {mode: 0o755})
}

/** The kubelet is an executable of its own, since rtctl asks the program that runs for its version. */
async function kubeletProgram(): Promise<string> {
  const bundle = await rolldown({input: join(INSIDE, 'kubelet.ts'), platform: 'node', logLevel: 'silent'})
  const {output: [{code}]} = await bundle.generate({format: 'cjs'})
  await bundle.close()
  return once('kubelet', code, async (work) => {
    const [main, output] = [join(work, 'kubelet.cjs'), join(work, 'kubelet')]
    writeFileSync(main, code)
    const config = {main, output, executable: NODES[26], disableExperimentalSEAWarning: true, execArgvExtension: 'none'}
    writeFileSync(join(work, 'sea.json'), JSON.stringify(config))
    await outputOf(NODES[26], ['--build-sea', join(work, 'sea.json')])
    chmodSync(output, 0o755)
    return output
  })
}
