// SPDX-License-Identifier: Apache-2.0
import type {PreflightReport, Verdict} from '../../model/preflight.ts'
import {visible} from '../visible.ts'
import {counting, SEVERITIES, skippedFiles} from './words.ts'

const ANSWERS: readonly Verdict['answer'][] = ['go', 'no-go', 'incomplete']

interface Family {
  readonly name: string
  readonly help: string
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[]
}

/**
 * The report in the text format of Prometheus, for the textfile collector of node_exporter. It has no time of its own: node_exporter
 * tells when the file was written (node_textfile_mtime_seconds).
 */
export function renderPrometheus(report: PreflightReport): string {
  return familiesOf(report).filter(({samples}) => samples.length > 0).flatMap(({name, help, samples}) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}`),
  ]).map((line) => `${line}\n`).join('')
}

function familiesOf({rtctl, upgrade, verdict, findings, undecided, gaps, skipped}: PreflightReport): readonly Family[] {
  const {target, kubernetes, containerd = '', docker = ''} = upgrade
  const checks = Map.groupBy(counting(findings), ({check, severity}) => JSON.stringify([check, severity]))
  const failed = [...checks.values()].map((those) => [{check: those[0]!.check, severity: those[0]!.severity}, those.length] as const)
  return [
    {name: 'rtctl_preflight_info', help: 'Version of rtctl, and the upgrade that was checked.', samples: [[{version: rtctl, target, kubernetes, containerd, docker}, 1]]},
    {name: 'rtctl_preflight_verdict', help: 'The verdict: 1 for the answer that was given.', samples: ANSWERS.map((answer) => [{answer}, Number(answer === verdict.answer)])},
    {name: 'rtctl_preflight_findings', help: 'Findings that count, by severity.', samples: SEVERITIES.map((severity) => [{severity}, verdict.counts[severity]])},
    {name: 'rtctl_preflight_check_failed', help: 'Findings of a check that count; a check without any is left out.', samples: failed},
    {name: 'rtctl_preflight_accepted', help: 'Findings that a baseline, a waiver or --ignore accepts.', samples: [[{}, verdict.accepted]]},
    {name: 'rtctl_preflight_undecided', help: 'Answers that checks could not give.', samples: [[{}, undecided.length]]},
    {name: 'rtctl_preflight_gaps', help: 'What could not be looked at.', samples: [[{}, gaps.length]]},
    {name: 'rtctl_preflight_skipped_files', help: 'Files that were given and of which something was not looked at.', samples: [[{}, skippedFiles({skipped})]]},
  ]
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${labelValue(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** The format escapes backslash, quote and line feed; visible() leaves no line feed. */
function labelValue(text: string): string {
  return visible(text).replace(/["\\]/g, String.raw`\$&`)
}
