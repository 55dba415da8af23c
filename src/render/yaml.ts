// SPDX-License-Identifier: Apache-2.0
import {dump} from 'js-yaml'
import type {InspectReport} from '../model/chain.ts'
import {document} from './document.ts'

/**
 * The report as YAML 1.2: the data of `-o json` in the same order. No anchors, no folded lines; text that
 * another reader (YAML 1.1 too) would take for a number, a date or a boolean is quoted.
 */
export function renderYaml(report: InspectReport): string {
  return dump(document(report), {noRefs: true, lineWidth: -1})
}
