// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {generateAll, wantedFiles} from '../../../src/config/generate.ts'
import type {Target} from '../../../src/model/migration/config.ts'
import type {NodeNeeds} from '../../../src/model/migration/needs.ts'
import {applied, CONTAINERD, CRI_DOCKERD, CRIO, filesOf, needsOf, type NodeFile} from './node.ts'

const setting = <T>(value: T) => ({value, source: 'daemon.json'})

const TARGETS: readonly Target[] = [CONTAINERD, {...CONTAINERD, configVersion: 3}, {...CONTAINERD, configVersion: 4}, CRIO, CRI_DOCKERD]

/** A node of kubeadm 1.20 with Docker and much that is special about it. */
const NEEDS: NodeNeeds = needsOf({
  cgroup: {driver: setting('systemd'), mode: 'v1'}, sandboxImage: setting('k8s.gcr.io/pause:3.2'), logs: {maxSize: setting('50Mi'), maxFiles: setting(4)},
  registries: [{host: 'docker.io', mirrors: [setting('https://mirror.example.com')]}, {host: 'reg.example.com:5000', mirrors: [], insecure: setting('reg.example.com:5000')}],
  proxies: [{name: 'HTTP_PROXY', setting: setting('http://proxy:3128')}], daemonOpenFiles: setting({soft: -1, hard: -1}),
  runtimes: [{handler: 'nvidia', type: 'io.containerd.runc.v2', binary: '/usr/bin/nvidia-container-runtime', source: 'daemon.json'}],
  kernel: {modules: [setting('overlay')], sysctls: {'net.ipv4.ip_forward': setting('1')}, links: [], chains: []},
}, {version: '1.24'})

const NODE: Record<string, NodeFile> = {
  '/var/lib/kubelet/config.yaml': 'kind: KubeletConfiguration\n',
  '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--network-plugin=cni"\n',
  '/usr/lib/systemd/system/kubelet.service': '[Service]\nExecStart=/usr/bin/kubelet $KUBELET_KUBEADM_ARGS\nEnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\n',
}

const all = (needs: NodeNeeds, target: Target, texts: Record<string, NodeFile>) => generateAll(needs, target, filesOf(wantedFiles(needs, target), texts))

describe.each(TARGETS)('For $name', (target) => {
  test('runtime, client, kubelet and host get their files, no path twice', () => {
    const {files} = all(NEEDS, target, NODE)
    expect(new Set(files.map(({part}) => part))).toEqual(new Set(['runtime', 'client', 'kubelet', 'host']))
    expect(new Set(files.map(({path}) => path)).size).toBe(files.length)
  })

  test('every file says what it is for and ends with a line feed', () => {
    for (const {path, text, why, mode} of all(NEEDS, target, NODE).files) {
      expect(why, path).toMatch(/^\S.*\S$/)
      expect(text ?? '\n', path).toMatch(/\n$/)
      expect(mode & 0o111, path).toBe(path.startsWith('/usr/local/') ? 0o111 : 0)
    }
  })

  test('every row is there once and every remark has a sentence', () => {
    const {rows, remarks} = all(NEEDS, target, NODE)
    expect(new Set(rows.map(({name, after}) => `${name} ${after?.source ?? ''}`)).size).toBe(rows.length)
    for (const {text} of remarks) expect(text).not.toBe('')
  })

  test('done once, nothing is left to do', () => {
    const after = applied(NODE, all(NEEDS, target, NODE))
    expect(all(NEEDS, target, after).files.map(({path}) => path)).toEqual([])
  })

  test('what is asked for is asked for once, by absolute paths', () => {
    const {files, patterns} = wantedFiles(NEEDS, target)
    for (const list of [files, patterns]) {
      expect(new Set(list).size).toBe(list.length)
      for (const path of list) expect(path).toMatch(/^\/(?!.*\/\.\.?(?:\/|$))/)
    }
  })

  test.each(['k3s', 'rke2', 'k0s', 'microk8s', 'other'])('a node of %s gets no file, and is told which of its own files to use', (value) => {
    const needs = {...NEEDS, from: {...NEEDS.from, generatedBy: {value, source: '/etc/systemd/system/k3s.service'}}}
    expect(wantedFiles(needs, target)).toEqual({files: [], patterns: []})
    expect(all(needs, target, NODE)).toEqual({files: [], rows: [], remarks: [expect.objectContaining({level: 'blocker', next: expect.stringContaining(value), source: '/etc/systemd/system/k3s.service'})]})
  })
})

test('A row names what is in force now and after, for the settings that nodes break by', () => {
  const names = all(NEEDS, CRIO, NODE).rows.map(({name}) => name)
  expect(names).toEqual(expect.arrayContaining(['cgroup driver', 'sandbox image', 'CRI endpoint', 'log rotation', 'HTTP_PROXY', 'open files', 'runtime nvidia', 'registry mirrors of docker.io', 'insecure registry reg.example.com:5000', 'CNI configuration', 'CNI plugins', 'sysctl net.ipv4.ip_forward']))
})
