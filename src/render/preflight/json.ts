// SPDX-License-Identifier: Apache-2.0
import type {PreflightReport} from '../../model/preflight.ts'
import {jsonText} from '../cri/document.ts'
import {preflightDocument} from './document.ts'

/** The report as JSON: keys in the documented order, control characters escaped. Shape: schemas/preflight-report.schema.json. */
export function renderPreflightJson(report: PreflightReport): string {
  return jsonText(preflightDocument(report))
}
