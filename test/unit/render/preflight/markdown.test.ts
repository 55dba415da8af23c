// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {renderMarkdown} from '../../../../src/render/preflight/markdown.ts'
import {visible} from '../../../../src/render/visible.ts'
import {emptyReport, finding, hostileReport, manyFindings, richReport} from '../../../support/sample-report.ts'

/** Without the markup that rtctl writes itself. */
const bare = (text: string) => text.replace(/<\/?(?:details|summary|b|code)>|^<!-- rtctl preflight -->$/gm, '')

describe('Markdown for a pull request', () => {
  test('says the verdict first, behind the mark by which a job finds its comment', () => {
    expect(renderMarkdown(richReport()).split('\n').slice(0, 3)).toEqual(['<!-- rtctl preflight -->', '', '### rtctl preflight: 1 blocker, 3 high: do not upgrade to Kubernetes 1.24'])
  })

  test('of an empty report is short', () => {
    expect(renderMarkdown(emptyReport())).toBe(
      '<!-- rtctl preflight -->\n\n### rtctl preflight: Nothing stands in the way of Kubernetes 1.24\n\nLooked at nothing. Planned: containerd, Kubernetes 1.24.\n')
  })

  test('has a row for each check, the worst first', () => {
    expect(renderMarkdown(richReport()).split('\n').filter((line) => /^\| [^SN-]/.test(line)).slice(0, 4)).toEqual([
      '| ⛔ blocker | The kubelet is given a flag that it no longer knows | <code>kubelet-removed-flag</code> | 1 |',
      '| 🔴 high | A pod mounts the socket of Docker | <code>docker-sock-mount</code> | 2 |',
      '| 🔴 high | Docker is part of a swarm | <code>docker-swarm</code> | 1 |',
      '| 🟠 medium | A pod mounts the socket of Docker | <code>json-file-path</code> | 1 |',
    ])
  })

  test('folds the details of each check, and what could not be looked at', () => {
    const summaries = [...renderMarkdown(richReport()).matchAll(/<details><summary>(.*)<\/summary>\n\n/g)].map(([, text]) => text)
    expect(summaries).toEqual([
      '2 nodes, the easiest to migrate first', '<b>blocker</b>: The kubelet is given a flag that it no longer knows (1 blocker)', '<b>high</b>: A pod mounts the socket of Docker (2 high)',
      '<b>high</b>: Docker is part of a swarm (1 high)', '<b>medium</b>: A pod mounts the socket of Docker (1 medium)', '<b>low</b>: A pod mounts the socket of Docker (1 low)',
      '<b>info</b>: A pod mounts the socket of Docker (1 info)', 'Horizon: the first version that breaks something', 'Undecided: 1 answer that checks could not give',
      'Could not look: 1 gap', 'Skipped: 1 file',
    ])
  })

  test('has commands of the checks as code, and stanzas as blocks', () => {
    expect(renderMarkdown(richReport())).toContain('then <code>systemctl restart kubelet</code>.')
    expect(renderMarkdown(richReport())).toContain('**Fix:** \n\n```\nRemove the volume.\n  volumes: []\n```\n')
  })

  test('lets no stanza end its block', () => {
    const text = renderMarkdown(emptyReport({findings: [finding({fix: 'a\n```\n<script>\n````'})]}))
    expect(text).toContain('`````\na\n```\n<script>\n````\n`````\n')
  })

  test('has no markup, no mention, no issue and no link that a stranger wrote', () => {
    const report = hostileReport()
    // A fix of several lines is a block of code, where nothing has a meaning.
    const text = bare(renderMarkdown({...report, findings: report.findings.map((each) => ({...each, fix: each.text.replaceAll('\n', ' ')}))}))
    expect(text).not.toMatch(/<|@\w|(?<!&)#\w|\]\(http:|https?:\/\/(?!kubernetes\.io)|www\./)
    expect(visible(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''))
  })

  test('keeps the rows of a table whatever is in a cell', () => {
    fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 50}), (title) => {
      const text = renderMarkdown(emptyReport({findings: [finding({title, text: title, fix: 'x'})]}))
      expect(text.split('\n').find((line) => line.startsWith('| 🔴'))!.split('|')).toHaveLength(6)
      expect(bare(text)).not.toMatch(/<|@\w/)
    }))
  })

  test('fits into a comment, whatever was found, and says what was left out', () => {
    const findings = Array.from({length: 3000}, (_, index) => finding({
      check: `check-${index}`, text: '漢'.repeat(5000), place: {kind: 'manifest', file: '<'.repeat(5000)}, severity: index < 5 ? 'blocker' : 'low', evidence: [{source: 'x', text: '&'.repeat(5000)}],
    }))
    const text = renderMarkdown(emptyReport({findings}))
    expect(text.length).toBeLessThan(65_536)
    expect(Buffer.byteLength(text)).toBeLessThan(65_536)
    expect(text).toMatch(/\n\*\d+ parts of this report did not fit; `rtctl preflight` prints all of it\.\*\n$/)
    for (const index of [0, 1, 2, 3, 4]) expect(text).toContain(`rtctl explain check-${index}</code>`)
  })

  test('shows twenty places of a check, and how many more there are', () => {
    expect(renderMarkdown(manyFindings(100))).toContain('… and 80 places more.')
    expect(renderMarkdown(manyFindings(20))).not.toContain('more.')
  })

  test('fits into a comment when the fleet has thousands of nodes', () => {
    const nodes = Array.from({length: 5000}, (_, index) => ({name: `node-${index}`, source: ''}))
    expect(renderMarkdown(emptyReport({subjects: {nodes, files: 0, objects: 0, pods: 0, texts: 0}}))).toContain('| … and 4950 nodes more |')
  })
})
