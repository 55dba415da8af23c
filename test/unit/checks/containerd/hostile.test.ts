// SPDX-License-Identifier: Apache-2.0
// Configuration files are untrusted: any member may be of any type. No check may trip over one.
import fc from 'fast-check'
import {globSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {buildChain} from '../../../../src/chain/build.ts'
import {checks} from '../../../../src/checks/index.ts'
import {runOnNode} from '../../../../src/checks/run.ts'
import type {NodeCheck} from '../../../../src/model/check.ts'
import type {NodeFacts} from '../../../../src/model/node-facts.ts'
import {absent, ok} from '../../../../src/model/observed.ts'
import {collectFacts} from '../../../../src/probes/collect.ts'
import {exampleHost} from '../../../support/example-host.ts'
import {ROOT} from '../../../support/node.ts'

const OWN = checks.filter((check): check is NodeCheck => check.looksAt === 'node' && check.needs.includes('containerdConfigs'))
const KEYS = [
  'plugins', 'io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images', 'cri', 'containerd', 'runtimes', 'runc', 'options', 'runtime_type', 'registry', 'mirrors',
  'config_path', 'disabled_plugins', 'imports', 'version', 'snapshotter', 'pinned_images', 'sandbox', 'sandbox_image', 'cni', 'bin_dir', 'plugin_dir', '__proto__', 'constructor', 'default_runtime', 'runtime_root',
]
const {tree} = fc.letrec((tie) => ({
  tree: fc.oneof({maxDepth: 6}, fc.constantFrom(null, true, 2, 3, '', 'cri', 'x', 'io.containerd.runc.v1'), fc.array(tie('tree'), {maxLength: 3}), fc.dictionary(fc.constantFrom(...KEYS), tie('tree'), {maxKeys: 6})),
}))

const host = exampleHost({processes: {640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --cgroup-driver=systemd'}})
const facts = await collectFacts(host)
const chain = buildChain(facts)

describe('a configuration of containerd that makes no sense', () => {
  test.each(['1.6', '1.7', '2.1', '2.2.0', '2.4'])('is judged without a fault for containerd %s', (containerd) => {
    fc.assert(fc.property(fc.dictionary(fc.constantFrom(...KEYS), tree, {maxKeys: 8}), fc.option(fc.integer({min: 0, max: 5}), {nil: undefined}), (table, version) => {
      const file = {path: '/etc/containerd/config.toml', table: table as never, lines: {}, ...(version !== undefined && {version})}
      const known = {
        containerdConfigs: ok([{pid: 640, address: '/run/containerd/containerd.sock', files: [file, file]}], ''), containerdDropIns: ok(['a.toml'], ''), containerdDefaultHosts: ok('/h', ''),
        containerdBinaries: ok({'/x': false}, ''), nvidiaToolkit: ok('1.14.6-1', ''), kubeletFlags: absent(''),
      } as unknown as NodeFacts
      const results = runOnNode(OWN, {name: 'n', facts, chain, clients: [], upgrade: {target: 'containerd', kubernetes: '1.34', containerd, oracle: {}}}, known)
      expect(results.flatMap(({outcomes}) => outcomes).filter((outcome) => outcome.state === 'unknown')).toEqual([])
    }), {numRuns: 300})
  })

  test('is judged by every check of the folder that reads one', () => {
    const files = globSync('src/checks/containerd/*.ts', {cwd: join(ROOT)})
    expect(OWN.length).toBeGreaterThanOrEqual(files.length)
  })
})
