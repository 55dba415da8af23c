// SPDX-License-Identifier: Apache-2.0
import {chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {machineArchive} from '../../engines/harness/packages.ts'
import {outputOf} from '../../engines/harness/run.ts'
import {RELEASE} from './apt.ts'
import {fileNameOf, PULLED} from './images.ts'
import {imageDirectory, labDirectory, programDirectory, SOURCES} from './places.ts'

/** Name of the node in its cluster, and its address. */
export const NODE = {name: 'node-1', address: '198.51.100.10'} as const

/** What a node has installed. */
const PACKAGES = [
  'systemd', 'systemd-sysv', 'dbus', 'iproute2', 'iptables', 'procps', 'ca-certificates', 'ethtool', 'socat', 'conntrack',
  'docker.io', 'containerd', 'runc', 'tini', 'containernetworking-plugins',
]

const UNITS = ['containerd', 'docker', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'lab-cgroups', 'lab-network']

/** Names that the node knows besides its own, by address. */
const HOSTS = {
  '198.51.100.20': 'mirror.lab.example', '198.51.100.21': 'plain.lab.example', '198.51.100.22': 'selfsigned.lab.example',
} as const

/** The disk of the node: its root directory on this machine. */
export function diskDirectory(): string {
  return join(labDirectory(), 'disk')
}

/** The same node before it was ever started, in the place of a disk. */
export async function renewDisk(): Promise<void> {
  const template = join(labDirectory(), 'template')
  if (!existsSync(template)) await makeTemplate(template)
  rmSync(diskDirectory(), {recursive: true, force: true})
  await outputOf('cp', ['--archive', '--reflink=auto', template, diskDirectory()])
}

/** A Debian with Docker, a kubelet that kubeadm has set up, and a control plane, which has its final name only when it is whole. */
async function makeTemplate(template: string): Promise<void> {
  const root = `${template}.unfinished`
  rmSync(root, {recursive: true, force: true})
  mkdirSync(labDirectory(), {recursive: true})
  const {uri, signedBy} = machineArchive()
  const keyring = signedBy === undefined ? [] : [`--keyring=${signedBy}`]
  // It mounts /proc and /sys in the tree: in a mount namespace of its own they go with it.
  await outputOf('unshare', [
    '--mount', 'debootstrap', '--variant=minbase', ...keyring, `--include=${PACKAGES.join(',')}`, RELEASE, root, uri,
  ], {timeout: 900_000})
  rmSync(join(root, 'var/cache/apt'), {recursive: true, force: true})
  installFiles(root)
  wrapRunc(root)
  await outputOf('chroot', [root, 'systemctl', '--quiet', 'enable', ...UNITS])
  // Its settings would be those of the machine's kernel.
  symlinkSync('/dev/null', join(root, 'etc/systemd/system/systemd-sysctl.service'))
  await setUpKubelet(root)
  renameSync(root, template)
}

function installFiles(root: string): void {
  cpSync(join(SOURCES, 'node'), root, {recursive: true})
  const inUsr = ['kubelet', 'kubectl', 'kubeadm']
  for (const program of readdirSync(programDirectory())) {
    copyFileSync(join(programDirectory(), program), join(root, inUsr.includes(program) ? 'usr/bin' : 'usr/local/bin', program))
  }
  const images = join(root, 'opt/lab/images')
  mkdirSync(images)
  for (const file of readdirSync(imageDirectory()).filter((name) => name !== fileNameOf(PULLED))) {
    copyFileSync(join(imageDirectory(), file), join(images, file))
  }
  mkdirSync(join(root, 'opt/cni'))
  symlinkSync('/usr/lib/cni', join(root, 'opt/cni/bin'))
  writeFileSync(join(root, 'etc/hostname'), `${NODE.name}\n`)
  const hosts = Object.entries({'127.0.0.1': 'localhost', [NODE.address]: NODE.name, ...HOSTS})
  writeFileSync(join(root, 'etc/hosts'), hosts.map(([address, name]) => `${address} ${name}\n`).join(''))
  // a name server that nobody is
  writeFileSync(join(root, 'etc/resolv.conf'), 'nameserver 127.0.0.1\n')
}

/** Puts `runc.sh` before runc where this machine lacks what every node has. */
function wrapRunc(root: string): void {
  const CAP_SYS_RESOURCE = 24n
  const [, bounding = '0'] = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  if ((BigInt(`0x${bounding}`) >> CAP_SYS_RESOURCE & 1n) === 1n && existsSync('/sys/fs/cgroup/hugetlb')) return
  renameSync(join(root, 'usr/sbin/runc'), join(root, 'usr/sbin/runc.real'))
  copyFileSync(join(SOURCES, 'runc.sh'), join(root, 'usr/sbin/runc'))
}

/** Lets kubeadm write what it writes on a node: certificates, kubeconfigs, the kubelet's configuration and flags. */
async function setUpKubelet(root: string): Promise<void> {
  // It asks Docker for the cgroup driver, and no dockerd runs here.
  const docker = join(root, 'tmp/docker')
  writeFileSync(docker, '#!/bin/sh\necho systemd\n')
  chmodSync(docker, 0o755)
  const phases = ['certs all', 'kubeconfig all', 'kubelet-start'].map((phase) => `kubeadm init phase ${phase} --config /opt/lab/kubeadm.yaml`)
  const script = [`hostname ${NODE.name}`, 'export PATH=/tmp:$PATH', ...phases].join('\n')
  await outputOf('unshare', ['--uts', 'chroot', root, 'sh', '-ec', script])
  rmSync(docker)
}
