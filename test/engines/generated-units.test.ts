// SPDX-License-Identifier: Apache-2.0
// What systemd itself says of the units and drop-ins that are generated: laid out in a folder as on a node, with the files they belong to.
import {chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {generateAll, wantedFiles} from '../../src/config/generate.ts'
import type {Target} from '../../src/model/migration/config.ts'
import type {NodeNeeds} from '../../src/model/migration/needs.ts'
import {applied, CONTAINERD, CRI_DOCKERD, CRIO, filesOf, needsOf, type NodeFile} from '../unit/config/node.ts'
import {ArchiveOutOfReach} from './harness/packages.ts'
import {type SystemdAnalyze, systemdAnalyze} from './harness/systemd-analyze.ts'

const setting = <T>(value: T) => ({value, source: 'daemon.json'})

/** Values that a unit file has to quote or escape. */
const NEEDS: NodeNeeds = needsOf({
  sandboxImage: setting('k8s.gcr.io/pause:3.2'), daemonOpenFiles: setting({soft: 1024, hard: -1}),
  proxies: [{name: 'HTTPS_PROXY', setting: setting('http://user:p%40s"s\\w@proxy.example.com:3128')}, {name: 'NO_PROXY', setting: setting('10.0.0.0/8, .svc;$HOME')}],
  cni: {confDir: setting('/etc/cni/net d'), binDirs: setting(['/opt/cni/bin', '/opt/100%/$cni'])},
}, {version: '1.24', flags: [{name: 'node-ip', value: '10.0.0.1,fd00::1', source: '/etc/default/kubelet:1'}]})

/** A node with a unit of every kind, tied to Docker as nodes are. */
const NODE: Record<string, string> = {
  '/usr/lib/systemd/system/kubelet.service': '[Unit]\nDescription=kubelet\nRequires=docker.service\nAfter=docker.service network-online.target\n\n[Service]\nExecStart=/usr/bin/kubelet\n\n[Install]\nWantedBy=multi-user.target\n',
  '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf': '[Service]\nEnvironment="KUBELET_EXTRA_ARGS=--network-plugin=cni --v=2"\nEnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nExecStart=\nExecStart=/usr/bin/kubelet \\\n  --network-plugin=cni \\\n  $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS\n',
  '/usr/lib/systemd/system/containerd.service': '[Unit]\nDescription=containerd\n\n[Service]\nExecStart=/usr/bin/containerd\n',
  '/usr/lib/systemd/system/crio.service': '[Unit]\nDescription=CRI-O\nBefore=kubelet.service\n\n[Service]\nExecStart=/usr/bin/crio\n',
  '/usr/lib/systemd/system/docker.service': '[Unit]\nDescription=Docker\n\n[Service]\nExecStart=/usr/bin/dockerd\n',
  '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS=""\n',
  '/var/lib/kubelet/config.yaml': 'kind: KubeletConfiguration\n',
}
const PROGRAMS = ['kubelet', 'containerd', 'crio', 'dockerd', 'cri-dockerd', 'kill']

let analyze: SystemdAnalyze | undefined
let missing = ''
let root = ''
beforeAll(async () => {
  try {
    analyze = await systemdAnalyze()
  } catch (error) {
    if (!(error instanceof ArchiveOutOfReach)) throw error
    missing = error.message
  }
})
beforeEach((context) => {
  if (analyze === undefined) context.skip(`no systemd-analyze: ${missing}`)
  root = mkdtempSync(join(tmpdir(), 'rtctl-units-'))
})
afterEach(() => rmSync(root, {recursive: true, force: true}))

/** Writes a node's files into the folder, with systemd's own units and programs that can be started. */
function layOut(texts: Readonly<Record<string, NodeFile>>, units: string): void {
  const own = join(root, 'usr/lib/systemd/system')
  for (const folder of [own, join(root, 'usr/bin'), join(root, 'bin')]) mkdirSync(folder, {recursive: true})
  symlinkSync('usr/lib', join(root, 'lib'))
  for (const entry of readdirSync(units, {withFileTypes: true})) {
    if (entry.isFile() && entry.name.endsWith('.target')) copyFileSync(join(units, entry.name), join(own, entry.name))
  }
  for (const name of PROGRAMS) for (const path of [join(root, 'usr/bin', name), join(root, 'bin', name)]) {
    writeFileSync(path, '#!/bin/sh\n')
    chmodSync(path, 0o755)
  }
  for (const [path, text] of Object.entries(texts)) {
    if (!path.startsWith('/usr/lib/systemd/') && !path.startsWith('/etc/systemd/')) continue
    mkdirSync(dirname(join(root, path)), {recursive: true})
    writeFileSync(join(root, path), text as string)
  }
}

async function verify(...units: readonly string[]): Promise<string> {
  const outcome = await analyze?.run('verify', '--man=no', '--recursive-errors=yes', `--root=${root}`, ...units)
  return `${outcome?.stderr.replaceAll(root, '') ?? ''}${outcome?.code === 0 ? '' : `exit status ${outcome?.code ?? 'none'}`}`
}

function after(target: Target, node: Readonly<Record<string, string>>): Readonly<Record<string, NodeFile>> {
  return applied(node, generateAll(NEEDS, target, filesOf(wantedFiles(NEEDS, target), node)))
}

const RUNTIME_UNITS = {containerd: ['containerd.service'], 'cri-o': ['crio.service'], 'cri-dockerd': ['cri-docker.service', 'cri-docker.socket']}

describe.each([CONTAINERD, CRIO, CRI_DOCKERD])('For $name', (target) => {
  test('systemd has nothing against the units of the node', async () => {
    layOut(after(target, NODE), analyze?.units ?? '')
    expect(await verify('kubelet.service', ...RUNTIME_UNITS[target.name])).toBe('')
  })
})

test('It would have: systemd names what is wrong in a unit or a drop-in', async () => {
  layOut({...after(CRIO, NODE), '/etc/systemd/system/crio.service.d/20-rtctl-limits.conf': '[Service]\nLimitNOFILE=many\n'}, analyze?.units ?? '')
  expect(await verify('crio.service')).toContain('/etc/systemd/system/crio.service.d/20-rtctl-limits.conf:2: Failed to parse')
})

test('The kubelet no longer needs docker.service: without one its units verify', async () => {
  const {'/usr/lib/systemd/system/docker.service': _docker, ...without} = NODE
  layOut(without, analyze?.units ?? '')
  expect(await verify('kubelet.service')).toContain('docker.service not found')
  rmSync(root, {recursive: true})
  mkdirSync(root)
  layOut(after(CONTAINERD, without), analyze?.units ?? '')
  expect(await verify('kubelet.service')).toBe('')
})
