// SPDX-License-Identifier: Apache-2.0
import type {FleetReport, SharedFinding} from '../../model/fleet.ts'
import {EXPIRED_WAIVER} from '../../checks/accept.ts'
import {SEVERITIES} from '../../app/preflight/report.ts'
import type {Style} from '../../render/style.ts'
import {EXIT, type ExitCode} from '../exit-codes.ts'
import type {FailOn} from '../preflight/config-file.ts'

export const FORMATS = ['human', 'json', 'yaml', 'markdown', 'html'] as const
export type Format = (typeof FORMATS)[number]

/** Columns for a pipe, where lines are searched and not looked at. */
const WIDTH_OF_A_PIPE = 120

/** As of preflight: findings that fail the run: 3; else something that is not known: 4; else 0. */
export function exitCodeOf({findings, verdict}: FleetReport, failOn: FailOn): ExitCode {
  if (findings.some((finding) => fails(finding, failOn))) return EXIT.findings
  return isIncomplete(verdict) ? EXIT.incomplete : EXIT.ok
}

/** Of a no-go, too, something can be missing: its reasons begin with what breaks. */
function isIncomplete({answer, reasons}: FleetReport['verdict']): boolean {
  return answer === 'no-go' ? reasons.length > 1 : answer === 'incomplete'
}

function fails({check, severity}: SharedFinding, failOn: FailOn): boolean {
  if (failOn === 'never') return false
  return check === EXPIRED_WAIVER || SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn)
}

/** The report as text. Only what a format needs is loaded. */
export async function formatted(report: FleetReport, format: Format, {style, width}: {readonly style: Style; readonly width: number | undefined}): Promise<string> {
  switch (format) {
    case 'human':
      return (await import('../../render/fleet/human.ts')).renderFleet(report, {style, width: width ?? WIDTH_OF_A_PIPE})
    case 'json':
      return (await import('../../render/cri/document.ts')).jsonText(report)
    case 'yaml':
      return (await import('../../render/cri/yaml.ts')).yamlText(report)
    case 'markdown':
      return (await import('../../render/fleet/markdown.ts')).renderFleetMarkdown(report)
    case 'html':
      return (await import('../../render/fleet/html.ts')).renderFleetHtml(report)
  }
}
