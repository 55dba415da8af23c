// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import type {PreflightReport} from '../../../../src/model/preflight.ts'
import {cell, columnsOf, fitted, wrappedColumns} from '../../../../src/render/preflight/columns.ts'
import {fleetRows} from '../../../../src/render/preflight/fleet.ts'
import {renderReport} from '../../../../src/render/preflight/human.ts'
import {createStyle} from '../../../../src/render/style.ts'
import {visible} from '../../../../src/render/visible.ts'
import {emptyReport, finding, hostileReport, HOSTILE, manyFindings, richReport} from '../../../support/sample-report.ts'

const plain = createStyle({color: false})
const draw = (report: PreflightReport, width = 100) => renderReport(report, {style: plain, width})

const RICH = `1 blocker, 3 high: do not upgrade to Kubernetes 1.24
Looked at cluster prod (v1.23.17), 2 nodes, 3 files, 4 objects, 2 pod templates, 1 text;
planned: containerd, Kubernetes 1.24
1 file skipped, in whole or in part: nothing is said of what is in it
3 findings accepted: 1 by the baseline, 1 by --ignore, 1 by a waiver

Nodes (2), the easiest to migrate first
  node              kubelet     runtime                blocker    high  medium  verdict
  node-2            v1.23.17                                 0       1       0  no-go
  node-1            v1.23.17    docker://20.10.24            1       0       0  no-go

Blocker (1): the node or its kubelet does not come up
  The kubelet is given a flag that it no longer knows
  kubelet-removed-flag
  ! node-1 /etc/default/kubelet:3
      --network-plugin in /etc/default/kubelet keeps kubelet 1.24 from starting.
      · /etc/default/kubelet:3: KUBELET_EXTRA_ARGS=--network-plugin=cni
    Fix: Take the flag out of /etc/default/kubelet, then \`systemctl restart kubelet\`.
    More: rtctl explain kubelet-removed-flag

High (3): a workload or data breaks
  A pod mounts the socket of Docker
  docker-sock-mount
  ! DaemonSet logging/fluentd deploy/fluentd.yaml:12:9
      Container fluentd mounts /var/run/docker.sock, where nothing will listen.
      · spec.template.spec.volumes[0].hostPath.path: /var/run/docker.sock
  ! Deployment ci/runner
      Container fluentd mounts /var/run/docker.sock, where nothing will listen.
      · spec.template.spec.volumes[0].hostPath.path: /var/run/docker.sock
    Fix: Remove the volume.
           volumes: []
    More: rtctl explain docker-sock-mount

  Docker is part of a swarm
  docker-swarm
  ! node-2
      Container fluentd mounts /var/run/docker.sock, where nothing will listen.
    Fix: Remove the volume.
           volumes: []
    More: rtctl explain docker-swarm

Medium (1): a visible change or loss of function
  A pod mounts the socket of Docker
  json-file-path
  ! ci/Jenkinsfile
      Container fluentd mounts /var/run/docker.sock, where nothing will listen.
      · spec.template.spec.volumes[0].hostPath.path: /var/run/docker.sock
    Fix: Remove the volume.
           volumes: []
    More: rtctl explain json-file-path

Low (1): to clean up
  A pod mounts the socket of Docker
  docker-sock-mount
  ! DaemonSet logging/fluentd -
      Container fluentd mounts /var/run/docker.sock, where nothing will listen.
      · spec.template.spec.volumes[0].hostPath.path: /var/run/docker.sock
    Fix: Remove the volume.
           volumes: []
    More: rtctl explain docker-sock-mount

Info (1): good to know
  A pod mounts the socket of Docker
  docker-sock-mount
  ! /srv/a b/ü.yaml:1:1
      Container fluentd mounts /var/run/docker.sock, where nothing will listen.
      · spec.template.spec.volumes[0].hostPath.path: /var/run/docker.sock
    Fix: Remove the volume.
           volumes: []
    More: rtctl explain docker-sock-mount

Horizon: the first version that breaks something
  Kubernetes 1.24       node-1: dockershim is gone.

Undecided (1): checks that could not tell
  ? node-2: permission denied: /etc/containerd/config.toml
    containerd-config

Could not look (1)
  ? processes: permission denied (/proc/812/root)
    Run as root.

Skipped (1)
  · charts/app/templates/deploy.yaml:4: a Go template, not YAML
`

describe('the report for a terminal', () => {
  test('says everything about a rich report', () => expect(draw(richReport(), 90)).toBe(RICH))

  test('says little about nothing', () => {
    expect(draw(emptyReport())).toBe('Nothing stands in the way of Kubernetes 1.24\nLooked at nothing; planned: containerd, Kubernetes 1.24\n')
  })

  test('begins with the verdict, in its colour', () => {
    const style = createStyle({color: true})
    expect(renderReport(richReport(), {style, width: 100}).split('\n')[0]).toBe(style.bold(style.red('1 blocker, 3 high: do not upgrade to Kubernetes 1.24')))
    expect(renderReport(emptyReport(), {style, width: 100}).split('\n')[0]).toBe(style.bold(style.green('Nothing stands in the way of Kubernetes 1.24')))
  })

  test('says the same with and without colour', () => {
    const bare = renderReport(richReport(), {style: createStyle({color: true}), width: 80}).replace(/\u001b\[\d+m/g, '')
    expect(bare).toBe(draw(richReport(), 80))
  })

  test('obeys nothing that a host wrote, and lets no name begin a line', () => {
    const text = draw(hostileReport())
    expect(visible(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''))
    expect(text).not.toMatch(/^@octocat/m)
    expect(text).toContain(visible(HOSTILE).split(' ')[0])
  })

  test.each([60, 80, 100])('has no line over %i columns but for what cannot be broken', (width) => {
    const long = draw(richReport(), width).split('\n').filter((line) => columnsOf(line) > width)
    expect(long).toEqual([])
  })

  test('uses at most 100 columns, and at least 60', () => {
    expect(draw(richReport(), 500)).toBe(draw(richReport(), 100))
    expect(draw(richReport(), 10)).toBe(draw(richReport(), 60))
  })

  test('shows ten places of a check, how many more there are and how to see them, and its fix once', () => {
    const text = draw(manyFindings(130))
    expect(text.match(/deploy\/app-\d+\.yaml/g)).toHaveLength(10)
    expect(text).toContain('… and 120 places more; `-o json` has all of them')
    expect(text.match(/Fix:/g)).toHaveLength(1)
    expect(draw(manyFindings(10))).not.toContain('more;')
  })

  test('gives each place its own fix where they differ', () => {
    const report = emptyReport({findings: [finding({fix: 'Do this.'}), finding({fix: 'Do that.'})]})
    expect(draw(report).match(/Fix: Do (?:this|that)\./g)).toHaveLength(2)
  })

  test('keeps the lines of a stanza in a fix', () => {
    expect(draw(emptyReport({findings: [finding()]}))).toContain('    Fix: Remove the volume.\n           volumes: []\n')
  })

  test('sends nobody to an explanation that is not there', () => {
    const text = draw(emptyReport({findings: [finding({check: 'expired-waiver', learnMore: 'docs/preflight.md#waivers'})]}))
    expect(text).toContain('More: docs/preflight.md#waivers')
    expect(text).not.toContain('rtctl explain')
  })

  test('shows the title of a check once for its places', () => {
    expect(draw(manyFindings(5)).match(/A pod mounts the socket of Docker/g)).toHaveLength(1)
  })

  test('folds long lists of gaps, undecided checks and skipped files', () => {
    const many = <T>(make: (index: number) => T): readonly T[] => Array.from({length: 100}, (_, index) => make(index))
    const text = draw(emptyReport({
      undecided: many((index) => ({check: 'a', subject: `node-${index}`, source: 'x', reason: 'y'})),
      gaps: many((index) => ({what: `w${index}`, source: 'x', reason: 'y', next: 'Run as root.'})),
      skipped: many((index) => ({file: `f${index}`, reason: 'y'})),
    }))
    expect(text.match(/… and \d+ (?:\w+ )?more/g)).toEqual(['… and 70 reasons more', '… and 70 gaps more', '… and 90 more'])
    expect(text.match(/Run as root\./g)).toHaveLength(1)
  })

  test('says why files were skipped once for all of them, and counts a file once', () => {
    const template = 'a template'
    const report = emptyReport({skipped: [
      {file: 'a.yaml', line: 1, reason: template}, {file: 'b.yaml', line: 3, reason: 'no YAML'}, {file: 'a.yaml', line: 9, reason: template},
    ]})
    const text = draw(report)
    expect(text).toContain('\n2 files skipped, in whole or in part: nothing is said of what is in them\n')
    expect(text).toContain('Skipped (3)\n  · a template:\n      a.yaml:1\n      a.yaml:9\n  · b.yaml:3: no YAML\n')
  })

  test('says each fix once, below the places that it is for', () => {
    const at = (file: string, fix: string) => finding({fix, evidence: [], place: {kind: 'manifest', file}})
    const text = draw(emptyReport({findings: [at('a.yaml', 'Do x.'), at('b.yaml', 'Do y.'), at('c.yaml', 'Do x.')]}))
    const lines = text.split('\n').map((line) => line.trim()).filter((line) => /^(?:!|Fix:)/.test(line))
    expect(lines).toEqual(['! a.yaml', '! c.yaml', 'Fix: Do x.', '! b.yaml', 'Fix: Do y.'])
  })

  test('names what could not be read once for all checks that needed it, and not without end', () => {
    const undecided = Array.from({length: 40}, (_, index) => ({check: `check-${index % 3}`, subject: 'node-1', source: `/etc/${index}`, reason: 'not in the snapshot'}))
    const text = draw(emptyReport({undecided})).replaceAll(/\s+/g, ' ')
    expect(text).toContain('Undecided (40): checks that could not tell ? node-1: not in the snapshot: /etc/0, /etc/1,')
    expect(text).toContain('/etc/9 … and 30 more check-0, check-1, check-2')
  })

  test('does not print megabytes of evidence', () => {
    const evidence = Array.from({length: 50}, () => ({source: 'x', text: 'y '.repeat(500_000)}))
    const text = draw(emptyReport({findings: [finding({evidence})]}))
    expect(text.length).toBeLessThan(5000)
    expect(text).toContain('… and 45 lines of evidence more')
  })

  test('does not show what is accepted, but how much of it there is', () => {
    expect(draw(emptyReport({findings: [finding({accepted: {by: 'ignore'}}), finding({accepted: {by: 'baseline'}}), finding({accepted: {by: 'baseline'}})]})))
      .toContain('\n3 findings accepted: 2 by the baseline, 1 by --ignore\n')
  })
})

describe('a fleet', () => {
  const nodes = ['c', 'a', 'b', 'd'].map((name) => ({name, source: ''}))
  const at = (node: string, severity: 'blocker' | 'high' | 'medium' | 'low') => finding({severity, place: {kind: 'node', node}})
  const fleet = emptyReport({
    subjects: {nodes, files: 0, objects: 0, pods: 0, texts: 0},
    findings: [at('a', 'blocker'), at('b', 'high'), at('b', 'high'), at('c', 'medium'), {...at('c', 'blocker'), accepted: {by: 'baseline'}}],
    undecided: [{check: 'x', subject: 'd', source: '', reason: ''}],
  })

  test('begins with the node that is easiest to migrate', () => {
    expect(fleetRows(fleet).map(({name, verdict}) => `${name} ${verdict}`)).toEqual(['d incomplete', 'c go', 'b no-go', 'a no-go'])
  })

  test('is a row per node, and none for a single one', () => {
    expect(draw(fleet).split('\n').filter((line) => /^ {2}[abcd] /.test(line)).map((line) => line.trim().replaceAll(/\s+/g, ' ')))
      .toEqual(['d 0 0 0 incomplete', 'c 0 0 1 go', 'b 0 2 0 no-go', 'a 1 0 0 no-go'])
    expect(draw({...fleet, subjects: {...fleet.subjects, nodes: nodes.slice(0, 1)}})).not.toContain('verdict')
  })

  test('of thousands of nodes is folded', () => {
    const many = Array.from({length: 5000}, (_, index) => ({name: `node-${index}`, source: ''}))
    expect(draw({...fleet, subjects: {...fleet.subjects, nodes: many}})).toContain('… and 4970 nodes more')
  })
})

describe('columns of a terminal', () => {
  test.each([['abc', 3], ['漢字', 4], ['e\u0301', 1], ['😀', 2], ['ｱ', 1], ['한', 2], ['', 0]])('%j takes %i', (text, columns) => expect(columnsOf(text)).toBe(columns))
  test.each([['漢字漢字', 5, '漢字…'], ['漢字漢字', 4, '漢…'], ['abc', 3, 'abc'], ['abcd', 3, 'ab…']])('%j in %i columns is %j', (text, width, expected) => expect(fitted(text, width)).toBe(expected))
  test('a cell is as wide as it has to be, whatever is in it', () => {
    for (const text of ['', 'abc', '漢字漢字漢字', HOSTILE]) expect(columnsOf(cell(text, 9))).toBe(9)
  })
  test('text is broken by columns, not by characters', () => expect(wrappedColumns('漢字 漢字 ab', 7)).toEqual(['漢字', '漢字 ab']))
})
