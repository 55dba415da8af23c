// SPDX-License-Identifier: Apache-2.0
import type {PreflightReport} from '../../model/preflight.ts'
import {yamlText} from '../cri/yaml.ts'
import {preflightDocument} from './document.ts'

/** The report as YAML: the data of `-o json` in the same order. */
export function renderPreflightYaml(report: PreflightReport): string {
  return yamlText(preflightDocument(report))
}
