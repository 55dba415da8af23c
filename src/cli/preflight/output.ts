// SPDX-License-Identifier: Apache-2.0
import {isIncomplete} from '../../app/preflight/report.ts'
import {isFailure} from '../../checks/accept.ts'
import type {Check} from '../../model/check.ts'
import type {Finding, PreflightReport} from '../../model/preflight.ts'
import {UserError} from '../../model/user-error.ts'
import type {Style} from '../../render/style.ts'
import {EXIT, type ExitCode} from '../exit-codes.ts'
import type {FailOn} from './config-file.ts'

export const FORMATS = ['human', 'json', 'yaml', 'sarif', 'junit', 'html', 'markdown', 'prometheus', 'npd'] as const
export type Format = (typeof FORMATS)[number]

/** What node-problem-detector takes an exit status of a custom plugin for (its docs/custom_plugin_monitor.md). */
export const NPD = {ok: 0, problem: 1, unknown: 2} as const

/** Findings that fail the run: 3; else something that could not be looked at: 4; else 0. Of `npd`: 1, 2, 0. */
export function exitCodeOf(report: PreflightReport, failOn: FailOn, format: Format): ExitCode {
  const fails = report.findings.some((finding) => isFailure(finding, failOn))
  if (format === 'npd') return fails ? NPD.problem : isIncomplete(report) ? NPD.unknown : NPD.ok
  return fails ? EXIT.findings : isIncomplete(report) ? EXIT.incomplete : EXIT.ok
}

export interface TextOptions {
  readonly style: Style
  /** columns of the terminal; undefined where there is none */
  readonly width: number | undefined
  readonly failOn: FailOn
}

/**
 * The report as text. Only what a format needs is loaded.
 *
 * @throws UserError where it is longer than a text of V8 can be: 512 MiB, some 200,000 findings
 */
export async function formatted(report: PreflightReport, format: Format, checks: readonly Check[], options: TextOptions): Promise<string> {
  try {
    return await render(report, format, checks, options)
  } catch (error) {
    if (!(error instanceof RangeError && error.message.includes('string length'))) throw error
    throw new UserError(
      `${report.findings.length} findings are too many for one report of -o ${format}.`, 'Look at fewer files or namespaces at a time, or use -o prometheus, which counts.', EXIT.usage,
    )
  }
}

async function render(report: PreflightReport, format: Format, checks: readonly Check[], options: TextOptions): Promise<string> {
  const fails = (finding: Finding) => isFailure(finding, options.failOn)
  switch (format) {
    case 'human':
      return (await import('../../render/preflight/human.ts')).renderReport(report, {style: options.style, width: options.width ?? 80})
    case 'json':
      return (await import('../../render/preflight/json.ts')).renderPreflightJson(report)
    case 'yaml':
      return (await import('../../render/preflight/yaml.ts')).renderPreflightYaml(report)
    case 'sarif':
      return (await import('../../render/preflight/sarif.ts')).renderSarif(report, checks)
    case 'junit':
      return (await import('../../render/preflight/junit.ts')).renderJunit(report, fails)
    case 'html':
      return (await import('../../render/preflight/html.ts')).renderPreflightHtml(report)
    case 'markdown':
      return (await import('../../render/preflight/markdown.ts')).renderMarkdown(report)
    case 'prometheus':
      return (await import('../../render/preflight/prometheus.ts')).renderPrometheus(report)
    case 'npd':
      return (await import('../../render/preflight/npd.ts')).renderNpd(report, fails)
  }
}
