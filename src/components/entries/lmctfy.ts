// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const lmctfy: Component = {
  name: 'LMCTFY',
  aliases: ['let me contain that for you'],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'Google\'s container tool of 2013 (retired)',
  what: 'Let Me Contain That For You: the open version of Google\'s own container stack.',
  why:
    'It gave cgroup-based containers an interface before Docker was wide-spread; its ideas went into ' +
    'libcontainer.',
  standards: [],
  calledBy: ['Google', 'Kubernetes\' makers'],
  calls: ['the kernel'],
  history: 'Published by Google 2013-10; stopped 2015 in favour of libcontainer.',
  see: 'not a process today',
  sources: ['https://github.com/google/lmctfy'],
  fingerprints: [],
}
