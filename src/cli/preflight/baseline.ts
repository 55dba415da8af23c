// SPDX-License-Identifier: Apache-2.0
import {replaceFile} from '../../host/replace-file.ts'
import type {Finding} from '../../model/preflight.ts'
import {UserError} from '../../model/user-error.ts'
import {visible} from '../../render/visible.ts'
import {readText} from './config-file-yaml.ts'

/** A report of a large cluster has some ten megabytes. */
const MAX_BYTES = 512 * 1024 * 1024

/**
 * Reads a baseline: a file of `--write-baseline`, or a report of `-o json`.
 *
 * @returns the fingerprints in it
 * @throws UserError where it cannot be read or is neither
 */
export function readBaseline(file: string): ReadonlySet<string> {
  const next = 'Make one with `rtctl preflight --write-baseline FILE`.'
  const document = parse(readText(file, MAX_BYTES), file, next)
  const findings = isObject(document) ? document['findings'] : undefined
  if (!Array.isArray(findings)) throw new UserError(`${file} is no baseline and no report: it has no findings.`, next)
  return new Set(findings.map((finding: unknown, index) => {
    const fingerprint = isObject(finding) ? finding['fingerprint'] : undefined
    if (typeof fingerprint !== 'string') throw new UserError(`${file}: finding ${index + 1} has no fingerprint.`, next)
    return fingerprint
  }))
}

/**
 * Text of a baseline: the findings that count, or counted before. What a waiver or --ignore accepts stays out of it, so that it counts
 * when they end. Sorted, a line each, for small differences between versions.
 */
export function baselineText(findings: readonly Finding[]): string {
  const kept = findings.filter(({accepted}) => accepted === undefined || accepted.by === 'baseline')
  const lines = [...new Map(kept.map((finding) => [finding.fingerprint, finding])).values()]
    .toSorted((a, b) => (a.check === b.check ? order(a.fingerprint, b.fingerprint) : order(a.check, b.check)))
    .map(({check, fingerprint, text}) => `    ${JSON.stringify({check, fingerprint, text: visible(text)})}`)
  return `{\n  "rtctlBaseline": 1,\n  "findings": [${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n  `}]\n}\n`
}

/** @throws UserError where it cannot be written */
export function writeBaseline(file: string, findings: readonly Finding[]): void {
  replaceFile(file, baselineText(findings), {mode: 0o644, next: 'Check the path.'})
}

function parse(text: string, file: string, next: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UserError(`${file} is no JSON.`, next)
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
