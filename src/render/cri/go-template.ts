// SPDX-License-Identifier: Apache-2.0
import {visible} from '../visible.ts'
import {execute} from './go-template/execute.ts'
import {parseTemplate} from './go-template/parse.ts'
import type {Value} from './go-template/values.ts'

/**
 * Text of a document by a template in the subset of Go's text/template that docs/cri-templates.md describes: fields,
 * pipelines, variables, if, with, range, trimming, Go's functions for data and text, crictl's json, lower, title and
 * upper. Left out: define, template, block, methods, numbers with a fraction, functions for HTML and JavaScript.
 *
 * @param document plain JSON data; what in it could drive a terminal is printed as escapes, line ends and tabs are not
 * @throws UserError with the line and column of what is wrong, also for a field that the data has not, as crictl
 */
export function executeTemplate(template: string, document: unknown): string {
  return execute(template, parseTemplate(template), document as Value).replaceAll(/[^\n\t]+/g, visible)
}
