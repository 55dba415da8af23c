// SPDX-License-Identifier: Apache-2.0
// What three generations of containerd make of a configuration (`containerd config dump`), and what the checks say of it beforehand.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {askOracle} from '../../src/app/preflight/oracle.ts'
import {buildChain} from '../../src/chain/build.ts'
import {checks as configVersion} from '../../src/checks/containerd/containerd-config-version.ts'
import {checks as criDisabled} from '../../src/checks/containerd/containerd-cri-disabled.ts'
import {checks as containerdPlugins} from '../../src/checks/containerd/containerd-plugins.ts'
import {checks as removedSetting} from '../../src/checks/containerd/containerd-removed-setting.ts'
import {checks as runtimes} from '../../src/checks/containerd/containerd-runtimes.ts'
import {runOnNode} from '../../src/checks/run.ts'
import {REMOVED_SETTINGS} from '../../src/checks/tables/containerd.ts'
import type {NodeFacts} from '../../src/model/node-facts.ts'
import {collectFacts} from '../../src/probes/collect.ts'
import {probeContainerd} from '../../src/probes/node/containerd.ts'
import {exampleHost} from '../support/example-host.ts'
import {packages, type Packages, suites, type Suite} from './harness/packages.ts'
import {outcomeOf, type Outcome} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'

const CHECKS = [...configVersion, ...criDisabled, ...containerdPlugins, ...removedSetting, ...runtimes]
const CRI = 'plugins."io.containerd.grpc.v1.cri"'
const RUNC = `[${CRI}.containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n`

/** Debian's containerd 1.6, 1.7 and 2.1. */
const V1: readonly Suite[] = ['bookworm', 'trixie']
const ALL: readonly Suite[] = suites
const ONLY_2: readonly Suite[] = ['forky']

interface Claim {
  readonly what: string
  readonly config: string
  /** the check that has to find it, on exactly these generations */
  readonly check: string
  readonly on: readonly Suite[]
  /** what the real containerd shows where the check finds something; where it does not, this must not be so */
  readonly seen: (outcome: Outcome) => boolean
}

const refused = ({code, stderr}: Outcome) => code !== 0 && /failed to load TOML|expected containerd config version/.test(stderr)
const withoutSystemd = ({stdout}: Outcome) => !/SystemdCgroup = true/.test(stdout)
const ignores = (key: string) => ({stderr}: Outcome) => stderr.split('\n').some((line) => line.includes('Ignoring unknown key') && line.includes(key))

const CLAIMS: readonly Claim[] = [
  {what: 'tables of version 2 in a version 3 file', config: `version = 3\n${RUNC}[${CRI}.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n`, check: 'containerd-ignored-tables', on: ONLY_2, seen: (outcome) => outcome.code === 0 && withoutSystemd(outcome)},
  {what: 'tables of version 3 in a version 2 file', config: 'version = 2\n[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]\n  SystemdCgroup = true\n', check: 'containerd-ignored-tables', on: V1, seen: withoutSystemd},
  {what: 'version 3', config: 'version = 3\n[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]\n  SystemdCgroup = true\n', check: 'containerd-config-too-new', on: V1, seen: (outcome) => refused(outcome) || withoutSystemd(outcome)},
  {what: 'a short name in disabled_plugins of version 2', config: 'version = 2\ndisabled_plugins = ["cri"]\n', check: 'containerd-plugin-name', on: ALL, seen: refused},
  {what: 'a short name in disabled_plugins without a version', config: 'disabled_plugins = ["cri"]\n', check: 'containerd-cri-disabled', on: ALL, seen: ({stdout}) => /disabled_plugins = \[["'](?:cri|io\.containerd\.grpc\.v1\.cri)["']\]/.test(stdout)},
  {what: 'a snapshotter without runtimes', config: `version = 2\n[${CRI}.containerd]\n  snapshotter = "zfs"\n`, check: 'containerd-dropped-snapshotter', on: ONLY_2, seen: ({stdout}) => !/snapshotter = ["']zfs["']/.test(stdout)},
  {what: 'a snapshotter with runtimes', config: `version = 2\n[${CRI}.containerd]\n  snapshotter = "zfs"\n${RUNC}`, check: 'containerd-dropped-snapshotter', on: [], seen: ({stdout}) => !/snapshotter = ["']zfs["']/.test(stdout)},
  {what: 'a handler with options only', config: `version = 2\n[${CRI}.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n`, check: 'containerd-handler-type-missing', on: V1, seen: ({stdout}) => !/runtime_type = ["']io\.containerd\.runc\.v2["']/.test(stdout)},
  {what: 'plugin_dir', config: 'version = 2\nplugin_dir = "/opt/plugins"\n', check: 'containerd-go-plugins', on: ONLY_2, seen: ignores('plugin_dir')},
  {what: 'systemd_cgroup', config: `version = 2\n[${CRI}]\n  systemd_cgroup = true\n`, check: 'containerd-removed-setting', on: ONLY_2, seen: ignores('systemd_cgroup')},
  {what: 'untrusted_workload_runtime', config: `version = 2\n[${CRI}.containerd.untrusted_workload_runtime]\n  runtime_type = "io.containerd.runc.v2"\n`, check: 'containerd-removed-setting', on: ONLY_2, seen: ignores('untrusted_workload_runtime')},
  {what: 'default_runtime', config: `version = 2\n[${CRI}.containerd.default_runtime]\n  runtime_type = "io.containerd.runc.v2"\n`, check: 'containerd-removed-setting', on: ONLY_2, seen: ignores('default_runtime')},
  {what: 'runtime_engine', config: `version = 2\n${RUNC}  runtime_engine = "/usr/bin/kata"\n`, check: 'containerd-removed-setting', on: ONLY_2, seen: ignores('runtime_engine')},
  {what: 'runtime_root', config: `version = 2\n${RUNC}  runtime_root = "/run/x"\n`, check: 'containerd-removed-setting', on: ONLY_2, seen: ignores('runtime_root')},
  {what: 'disable_cgroup', config: `version = 2\n[${CRI}]\n  disable_cgroup = true\n`, check: 'containerd-removed-setting', on: ONLY_2, seen: ignores('disable_cgroup')},
  {what: 'no_pivot', config: `version = 2\n[${CRI}.containerd]\n  no_pivot = true\n${RUNC}`, check: 'containerd-removed-setting', on: ONLY_2, seen: ignores('no_pivot')},
  {what: 'registry-tls', config: `version = 2\n[${CRI}.registry.configs."r.example.com".tls]\n  insecure_skip_verify = true\n`, check: 'containerd-removed-setting', on: ONLY_2, seen: ignores('tls')},
  {what: 'linux-runtime', config: 'version = 2\n[plugins."io.containerd.runtime.v1.linux"]\n  runtime = "crun"\n', check: 'containerd-removed-setting', on: ONLY_2, seen: ({stdout}) => !/no_shim/.test(stdout)},
  {what: 'a short name without a version', config: '[plugins.cri]\n  sandbox_image = "x/y:1"\n', check: 'containerd-ignored-tables', on: ONLY_2, seen: ({stdout}) => !/x\/y:1/.test(stdout)},
  {what: 'the long name without a version', config: `[${CRI}]\n  sandbox_image = "x/y:1"\n`, check: 'containerd-ignored-tables', on: ALL, seen: ({stdout}) => !/x\/y:1/.test(stdout)},
  {what: 'a short name of a table in version 2', config: 'version = 2\n[plugins.cri]\n  sandbox_image = "x/y:1"\n', check: 'containerd-plugin-name', on: ALL, seen: (outcome) => refused(outcome) || !/sandbox = 'x\/y:1'/.test(outcome.stdout)},
]

const release = withEngines<Packages>(async () => packages())
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-config-'))
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

async function dump(suite: Suite, config: string, more: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const file = join(folder, 'config.toml')
  for (const [name, text] of Object.entries(more)) writeFileSync(join(folder, name), text)
  writeFileSync(file, config)
  const {libraryPath} = release()
  return outcomeOf(release().program(suite, 'containerd'), ['--config', file, 'config', 'dump'], {timeout: 20_000, env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...(libraryPath !== '' && {LD_LIBRARY_PATH: libraryPath})}})
}

/** Ids of the checks that fail for a host with this configuration, and for the containerd of this release. */
async function findings(suite: Suite, config: string): Promise<readonly string[]> {
  const oracle = await askOracle({containerdBin: release().program(suite, 'containerd')})
  const host = exampleHost({processes: {640: '/usr/bin/containerd'}, files: {'/etc/containerd/config.toml': config}})
  const facts = await collectFacts(host)
  const known = (await probeContainerd(host, facts)) as NodeFacts
  const node = {name: 'node', facts, chain: buildChain(facts), clients: [], upgrade: {target: 'containerd', kubernetes: '1.34', oracle} as const}
  return runOnNode(CHECKS, node, known).filter(({outcomes}) => outcomes.length > 0).map(({check}) => check.id)
}

describe.each(suites)('containerd of %s', (suite) => {
  test.each(CLAIMS.map((claim) => [claim.what, claim] as const))('%s: containerd does what the check says', async (_, {config, check, on, seen}) => {
    const outcome = await dump(suite, config)
    const expected = on.includes(suite)
    expect({found: (await findings(suite, config)).includes(check), seen: seen(outcome)}, `${outcome.stderr}\n${outcome.stdout.slice(0, 2000)}`).toEqual({found: expected, seen: expected})
  })

  test('imports add to disabled_plugins, and win over other settings', async () => {
    const part = join(folder, 'part.toml')
    const {stdout} = await dump(suite, `version = 2\nimports = ["${part}"]\ndisabled_plugins = ["io.containerd.snapshotter.v1.zfs"]\n`, {'part.toml': 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\noom_score = 7\n'})
    expect(stdout).toMatch(/disabled_plugins = \["?'?io\.containerd\.snapshotter\.v1\.zfs["'], ["']io\.containerd\.grpc\.v1\.cri["']\]/)
    expect(stdout).toMatch(/oom_score = 7/)
  })

  test('the CRI table of an import takes the place of that of the main file in 1.x, and is merged with it in 2.x', async () => {
    const main = `version = 2\nimports = ["${join(folder, 'part.toml')}"]\n[${CRI}.registry.mirrors."docker.io"]\n  endpoint = ["https://mirror.example.com"]\n`
    const {stdout} = await dump(suite, main, {'part.toml': `version = 2\n[${CRI}.registry]\n  config_path = "/etc/containerd/certs.d"\n`})
    expect(stdout).toContain('/etc/containerd/certs.d')
    expect(stdout.includes('mirror.example.com')).toBe(ONLY_2.includes(suite))
  })

  test('the cgroup driver is cgroupfs unless SystemdCgroup is set', async () => {
    expect((await dump(suite, 'version = 2\n')).stdout).toMatch(/SystemdCgroup = false/)
  })
})

test('every setting that is gone in 2.0 is one of the claims, or an option of a handler', () => {
  const claimed = CLAIMS.map(({what}) => what)
  expect(REMOVED_SETTINGS.filter(({version, path}) => version === '2.0' && !path.includes('options')).map(({key}) => key).filter((key) => !claimed.includes(key))).toEqual([])
})
