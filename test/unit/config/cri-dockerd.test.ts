// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import * as criDockerd from '../../../src/config/cri-dockerd/generate.ts'
import type {KubeletNeeds, NodeNeeds} from '../../../src/model/migration/needs.ts'
import {applied, CRI_DOCKERD, needsOf, type NodeFile, run, textOf} from './node.ts'

const SERVICE = '/etc/systemd/system/cri-docker.service'
const SOCKET = '/etc/systemd/system/cri-docker.socket'

const setting = (value: string) => ({value, source: 'kubelet'})
const flag = (name: string, value: string) => ({name, value, source: '/etc/default/kubelet:1'})

function generated(needs: Partial<NodeNeeds> = {}, kubelet: Partial<KubeletNeeds> = {}, texts: Record<string, NodeFile> = {}, version?: string) {
  return run(criDockerd, needsOf(needs, kubelet), {...CRI_DOCKERD, ...(version !== undefined && {version})}, texts)
}

function versions(kubelet: string, docker: string): Partial<NodeNeeds> {
  return {from: {...needsOf().from, versions: {kubelet, docker}}}
}

describe('new units', () => {
  test('are a service that takes its socket from the other, and says what is special about the node', () => {
    const made = generated(
      {sandboxImage: setting('k8s.gcr.io/pause:3.2'), cni: {confDir: setting('/etc/cni/net.d/'), binDirs: {value: ['/opt/cni/bin', '/usr/lib/cni'], source: 'kubelet'}}},
      {flags: [flag('image-pull-progress-deadline', '5m'), flag('network-plugin-mtu', '1450'), flag('node-ip', '10.0.0.1,fd00::1')]},
    )
    expect(textOf(made, SERVICE)).toContain(String.raw`ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd:// \
  --network-plugin=cni \
  --pod-infra-container-image=k8s.gcr.io/pause:3.2 \
  --cni-bin-dir=/opt/cni/bin,/usr/lib/cni \
  --network-plugin-mtu=1450 \
  --image-pull-progress-deadline=5m \
  --ipv6-dual-stack
`)
    expect(textOf(made, SOCKET)).toContain('ListenStream=/run/cri-dockerd.sock\n')
    expect(made.files.every(({mode, part}) => mode === 0o644 && part === 'runtime')).toBe(true)
    expect(made.remarks).toEqual([expect.objectContaining({level: 'note', next: expect.stringContaining('cri-dockerd --version')})])
    expect(made.rows.map(({name}) => name)).toEqual(['cgroup driver', 'sandbox image', 'CNI plugins', 'pull without progress'])
  })

  test('say no more than the network plugin of a node that has nothing special', () => {
    expect(textOf(generated({}, {flags: [flag('node-ip', '10.0.0.1'), flag('docker-endpoint', 'unix:///var/run/docker.sock')]}), SERVICE)).toContain('ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd:// \\\n  --network-plugin=cni\nExecReload')
  })

  test('take away what systemd would make of % and $, and refuse line breaks', () => {
    const odd = generated({sandboxImage: setting('reg/%h/$HOME"x')})
    expect(textOf(odd, SERVICE)).toContain(String.raw`"--pod-infra-container-image=reg/%%h/$$HOME\"x"`)
    const bad = generated({sandboxImage: setting('pause\nExecStartPre=/bin/evil')})
    expect(textOf(bad, SERVICE)).not.toContain('evil')
    expect(bad.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: 'kubelet'}))
  })

  test('are done once', () => {
    expect(generated({}, {}, applied({}, generated())).files).toEqual([])
  })
})

describe('units that are there', () => {
  const PACKAGED = {
    '/lib/systemd/system/cri-docker.service': '[Service]\nType=notify\nExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd://\n',
    '/lib/systemd/system/cri-docker.socket': '[Socket]\nListenStream=%t/cri-dockerd.sock\n',
  }

  test('stay as they are where nothing is special', () => {
    expect(generated({}, {}, PACKAGED)).toMatchObject({files: [], remarks: []})
  })

  test('get the flags that they lack, in a copy that says why', () => {
    const made = generated({sandboxImage: setting('k8s.gcr.io/pause:3.2')}, {}, PACKAGED)
    expect(textOf(made, SERVICE)).toMatch(/^# Copy of \/lib\/systemd\/system\/cri-docker\.service[\s\S]*fd:\/\/ --pod-infra-container-image=k8s\.gcr\.io\/pause:3\.2\n$/)
    expect(generated({sandboxImage: setting('k8s.gcr.io/pause:3.2')}, {}, applied(PACKAGED, made)).files).toEqual([])
  })

  test('have flags with another value changed where they are', () => {
    const made = generated({sandboxImage: setting('k8s.gcr.io/pause:3.2')}, {}, {...PACKAGED, [SERVICE]: '[Service]\nExecStart=/usr/local/bin/cri-dockerd --pod-infra-container-image registry.k8s.io/pause:3.9 \\\n  --container-runtime-endpoint fd://\n'})
    expect(textOf(made, SERVICE)).toBe('[Service]\nExecStart=/usr/local/bin/cri-dockerd --pod-infra-container-image k8s.gcr.io/pause:3.2 \\\n  --container-runtime-endpoint fd://\n')
  })

  test('that start something else, or listen elsewhere, are blockers', () => {
    expect(generated({}, {}, {...PACKAGED, [SERVICE]: '[Service]\nExecStart=/bin/sh -c cri-dockerd\n'}).remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: SERVICE}))
    expect(generated({}, {}, {...PACKAGED, [SOCKET]: '[Socket]\nListenStream=/run/other.sock\n'}).remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: SOCKET}))
  })

  test('that could not be read are not written over', () => {
    const made = generated({}, {}, {[SERVICE]: {unreadable: true}})
    expect(made.files).toEqual([])
    expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: SERVICE}))
  })
})

test.each([
  ['0.3.15', '1.24', '29.0.1', true], ['0.3.16', '1.24', '29.0.1', false], ['0.3.15', '1.24', '28.5.0', false], ['0.4.0', '1.30', '29.1.0', false],
  ['0.2.6', '1.26', '24.0.0', true], ['0.3.4', '1.26', '24.0.0', false],
  ['0.3.21', '1.22', '20.10.24', false], ['0.3.22', '1.22', '20.10.24', true], ['0.4.1', '1.22', '20.10.24', false], ['0.4.2', '1.22', '20.10.24', true], ['0.4.2', '1.24', '20.10.24', false],
])('cri-dockerd %s with a kubelet %s and Docker %s is refused: %s', (version, kubelet, docker, isRefused) => {
  const made = generated(versions(kubelet, docker), {version: kubelet}, {}, version)
  expect(made.remarks.some(({level}) => level === 'blocker')).toBe(isRefused)
})

test('Without systemd nothing starts it', () => {
  expect(generated({from: {...needsOf().from, systemd: false}})).toMatchObject({files: [], remarks: [{level: 'blocker'}]})
})
