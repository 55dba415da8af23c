// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {planMigration} from '../../../../src/app/migrate/plan-migration.ts'
import {configVersionOf, targetOf} from '../../../../src/app/migrate/target.ts'
import {recordSnapshot} from '../../../../src/app/record-snapshot.ts'
import {openLiveHost} from '../../../../src/host/live-host.ts'
import {replaySnapshot} from '../../../../src/host/snapshot-host.ts'
import type {ExampleFile, NodeExample, TargetName} from '../../../../src/model/check.ts'
import type {Host} from '../../../../src/model/host.ts'
import type {Plan} from '../../../../src/model/migration/plan.ts'
import {renderPlanJson} from '../../../../src/render/migrate/document.ts'
import {exampleHost} from '../../../support/example-host.ts'
import {sampleNeeds} from '../../plan/sample-input.ts'

const NOW = new Date(0)
const planOf = (host: Host, to: TargetName, more: {readonly version?: string; readonly kubernetes?: string; readonly keepDocker?: boolean} = {}): Promise<Plan> =>
  planMigration(host, {to, rtctl: 'test', now: NOW, ...more})
const ids = ({steps}: Plan): readonly string[] => steps.map(({id}) => id)

const UNIT = '[Service]\nExecStart=/usr/bin/x\n'
const KUBELET_UNIT = '[Service]\nEnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nExecStart=/usr/bin/kubelet $KUBELET_KUBEADM_ARGS\n'
const SYSTEMD: Readonly<Record<string, ExampleFile>> = {
  '/proc/1/comm': 'systemd\n', '/lib/systemd/system/kubelet.service': KUBELET_UNIT, '/lib/systemd/system/docker.service': UNIT, '/lib/systemd/system/docker.socket': '[Socket]\nListenStream=/run/docker.sock\n',
  '/lib/systemd/system/containerd.service': UNIT, '/run/docker.sock': {socket: true}, '/run/containerd/containerd.sock': {socket: true}, '/etc/cni/net.d/10-x.conflist': '{"name": "x", "plugins": []}',
}

/** A node on cri-dockerd, whose dockerd starts a containerd of its own. */
const CRI_DOCKERD: NodeExample = {
  files: {
    ...SYSTEMD, '/lib/systemd/system/cri-docker.service': UNIT, '/lib/systemd/system/cri-docker.socket': UNIT, '/run/cri-dockerd.sock': {socket: true},
    '/run/docker/containerd/containerd.sock': {socket: true}, '/run/docker/containerd/containerd.toml': 'version = 2\n[grpc]\n  address = "/run/docker/containerd/containerd.sock"\n',
    '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/cri-dockerd.sock"\n',
  },
  processes: {
    700: '/usr/bin/dockerd', 710: '/usr/bin/containerd --config /run/docker/containerd/containerd.toml', 720: '/usr/bin/cri-dockerd',
    800: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/cri-dockerd.sock',
  },
}

const CONTAINERD: NodeExample = {
  files: {
    ...SYSTEMD, '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n  SystemdCgroup = true\n',
    '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock"\n',
  },
  processes: {710: '/usr/bin/containerd', 800: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
}

describe('a node on cri-dockerd', () => {
  test('stops cri-dockerd with Docker, and sets containerd up first, as none but Docker\'s own runs', async () => {
    const plan = await planOf(exampleHost(CRI_DOCKERD), 'containerd')
    expect(plan.from.runtime).toBe('cri-dockerd')
    expect(ids(plan).filter((id) => id.startsWith('stop-'))).toEqual(['stop-kubelet', 'stop-cri-docker-socket', 'stop-cri-docker-service', 'stop-docker-socket', 'stop-docker-service'])
    expect(ids(plan).indexOf('wait-runtime')).toBeGreaterThan(0)
    expect(ids(plan).indexOf('wait-runtime')).toBeLessThan(ids(plan).indexOf('remove-pods'))
  })
})

describe('who uses Docker', () => {
  const host = () => exampleHost({...CRI_DOCKERD, files: {...CRI_DOCKERD.files, '/etc/cron.d/clean': '0 3 * * * root docker image prune --force\n'}})
  const users = ({remarks}: Plan) => remarks.filter(({level, next}) => level === 'loss' && next?.includes('explain docker-in-host-script'))

  test('is told where Docker goes, and only there', async () => {
    expect(users(await planOf(host(), 'containerd'))).toEqual([expect.objectContaining({source: '/etc/cron.d/clean:1'})])
    expect(users(await planOf(host(), 'containerd', {keepDocker: true}))).toEqual([])
    expect(users(await planOf(host(), 'cri-dockerd'))).toEqual([])
  })
})

describe('a node on containerd', () => {
  test('gets the configuration of the version that is asked for', async () => {
    const plan = await planOf(exampleHost(CONTAINERD), 'containerd', {version: '2.1'})
    expect(plan.target).toMatchObject({name: 'containerd', version: '2.1', configVersion: 3, endpoint: 'unix:///run/containerd/containerd.sock'})
    expect(plan.files.find(({path}) => path === '/etc/containerd/config.toml')?.text).toMatch(/version = 3/)
    expect(plan.asked).toEqual({version: '2.1'})
  })

  test('goes to CRI-O only where that is installed', async () => {
    const plan = await planOf(exampleHost(CONTAINERD), 'cri-o')
    expect(plan.remarks.find(({level}) => level === 'blocker')?.text).toContain('There is no crio.service')
  })
})

describe('what stands in the way', () => {
  test('is what preflight finds and the migration does not mend, by the id of its check', async () => {
    const {remarks} = await planOf(exampleHost({...CRI_DOCKERD, files: {...CRI_DOCKERD.files, '/etc/cni/net.d/10-x.conflist': '{'}}), 'containerd')
    expect(remarks.flatMap(({id, level}) => (level === 'blocker' ? [id] : []))).toContain('cni-config-broken')
  })

  test('is not what the migration is there to mend', async () => {
    const plan = await planOf(exampleHost({...CONTAINERD, files: {...CONTAINERD.files, '/etc/containerd/config.toml': 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n'}}), 'containerd')
    expect(plan.remarks.map(({id}) => id)).not.toContain('containerd-cri-disabled')
  })

  test('on a host without a kubelet is that alone, without steps', async () => {
    const plan = await planOf(exampleHost({processes: {700: '/usr/bin/dockerd'}}), 'containerd')
    expect(plan).toMatchObject({steps: [], files: [], rows: []})
    expect(plan.remarks.filter(({level}) => level === 'blocker').map(({text}) => text)).toEqual([expect.stringContaining('no kubelet')])
  })

  test('is a file that cannot be read: a gap, with nothing written there', async () => {
    const plan = await planOf(exampleHost({...CONTAINERD, files: {...CONTAINERD.files, '/etc/crictl.yaml': {unreadable: true}}}), 'containerd')
    expect(plan.gaps?.map(({what}) => what)).toContain('/etc/crictl.yaml')
    expect(plan.files.map(({path}) => path)).not.toContain('/etc/crictl.yaml')
  })
})

describe('the version of containerd', () => {
  const needs = (containerd?: string) => ({...sampleNeeds('dockershim'), from: {...sampleNeeds('dockershim').from, versions: containerd === undefined ? {} : {containerd}}})

  test('is the one that is installed, unless told', () => {
    expect(targetOf(needs('1.7.24'), 'containerd', undefined)).toEqual({target: {name: 'containerd', endpoint: 'unix:///run/containerd/containerd.sock', version: '1.7.24', configVersion: 2}, remarks: []})
    expect(targetOf(needs('2.1.0'), 'containerd', undefined).target).toMatchObject({configVersion: 3})
  })

  test('that is told and not installed yet refuses the plan where the old one could not read the new configuration', () => {
    expect(targetOf(needs('1.7.24'), 'containerd', '2.1').remarks).toMatchObject([{level: 'blocker', text: expect.stringContaining('containerd 1.7.24 runs on this node')}])
    expect(targetOf(needs('2.0.5'), 'containerd', '2.1').remarks).toEqual([])
  })

  test('that nobody knows is told as that', () => {
    expect(targetOf(needs(), 'containerd', undefined)).toMatchObject({target: {configVersion: 2}, remarks: [{level: 'note', next: expect.stringContaining('--runtime-version')}]})
  })

  test('of a kubelet that is on the target keeps its endpoint', () => {
    expect(targetOf(sampleNeeds('cri-o'), 'cri-o', undefined).target.endpoint).toBe('unix:///var/run/crio/crio.sock')
    expect(targetOf(sampleNeeds('dockershim'), 'cri-o', undefined).target.endpoint).toBe('unix:///run/crio/crio.sock')
  })
})

test.each([[undefined, 2], ['1.6.20~ds1', 2], ['1.7.28', 2], ['2.0.0', 3], ['2.2.1', 3], ['2.3.0', 4], ['2.10', 4]] as const)('containerd %s has a configuration of version %i', (version, expected) => {
  expect(configVersionOf(version)).toBe(expected)
})

describe('a real folder as a host', () => {
  let root = ''
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), {recursive: true})
    writeFileSync(join(root, path), text)
  }
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'rtctl-plan-'))
    put('/proc/sys/kernel/hostname', 'node-1\n')
    put('/proc/1/comm', 'systemd\n')
    put('/proc/1/stat', `1 (systemd) S 0 1 1 ${'0 '.repeat(15)}0 0 1 0 0\n`)
    put('/proc/1/cmdline', '/sbin/init\0')
    put('/lib/systemd/system/kubelet.service', KUBELET_UNIT)
    put('/lib/systemd/system/containerd.service', UNIT)
    put('/etc/systemd/system/containerd.service.d/proxy.conf', '[Service]\nEnvironment=HTTPS_PROXY=http://joe:hunter2@proxy.example:3128\n')
    put('/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock"\n')
    put('/etc/containerd/config.toml', 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.configs."r.example".auth]\n  username = "joe"\n  password = "hunter2"\n')
  })
  afterEach(() => rmSync(root, {recursive: true, force: true}))
  const open = (redaction?: 'none') => openLiveHost({root, askTimeoutMs: 500, ...(redaction && {redaction})})

  test.each(['containerd', 'cri-o', 'cri-dockerd'] as const)('gives a plan for %s that is to be read without its secrets, and one that is to be carried out with them: with the same fingerprint', async (to) => {
    const [shown, real] = [await planOf(open(), to), await planOf(open('none'), to)]
    expect(real.fingerprint).toBe(shown.fingerprint)
    expect(renderPlanJson(shown)).not.toContain('hunter2')
    if (to === 'containerd') {
      expect(shown.files.find(({path}) => path === '/etc/containerd/config.toml')?.before).toContain('[redacted]')
      expect(real.files.find(({path}) => path === '/etc/containerd/config.toml')?.text).toContain('hunter2')
    }
  })

  test('is read without redaction only where that is told, and private keys never', () => {
    put('/etc/kubernetes/pki/ca.key', 'x')
    expect(open('none').text('/etc/kubernetes/pki/ca.key')).toMatchObject({state: 'unreadable', reason: 'EACCES'})
    expect(open('none').redactions()).toEqual([])
    expect(open().text('/etc/containerd/config.toml')).toMatchObject({state: 'ok', value: expect.not.stringContaining('hunter2')})
  })

  test('is recorded with every file that a plan for any target asks for', async () => {
    const {snapshot} = await recordSnapshot(open(), {rtctlVersion: 'test', now: NOW})
    const replay = replaySnapshot('x', snapshot.records)
    for (const to of ['containerd', 'cri-o', 'cri-dockerd'] as const) {
      for (const version of [undefined, '2.1', '2.3']) {
        const plan = await planOf(replay, to, version === undefined ? {} : {version})
        expect(plan.gaps?.filter(({reason}) => reason === 'not-captured') ?? []).toEqual([])
        expect(plan.fingerprint).toBe((await planOf(open(), to, version === undefined ? {} : {version})).fingerprint)
      }
    }
  })
})
