// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const appc: Component = {
  name: 'appc',
  aliases: ['app container', 'app container specification', 'ACI', 'app container spec'],
  layer: 'standard',
  role: 'standard',
  brief: 'CoreOS\'s container standard, before OCI',
  what: 'The App Container specification: CoreOS\'s image format (ACI) and runtime model.',
  why: 'rkt implemented it. It pressed Docker towards a common standard; OCI took its place.',
  standards: [],
  calledBy: ['rkt'],
  calls: [],
  history: 'Published with rkt 2014-12; no longer developed since 2016, in favour of the OCI.',
  see: 'not a process',
  sources: ['https://github.com/appc/spec'],
  fingerprints: [],
}
