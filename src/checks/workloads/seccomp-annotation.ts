// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {isAtLeast} from '../../model/version.ts'
import {podCheck, problem} from '../lib/define.ts'
import {objectOf} from '../lib/pod-docker-use.ts'

const KEY = /^(?:container\.)?seccomp\.security\.alpha\.kubernetes\.io\//
/** the first kubelet that looks at the field only */
const FIELD_ONLY = '1.27'

export const checks = [
  podCheck({
    id: 'seccomp-annotation',
    title: {pass: 'Seccomp profiles are named by field', fail: 'A seccomp profile is named by annotation'},
    why:
      'The profile docker/default is an old name of runtime/default, and the annotations that carry it have no effect from ' +
      'Kubernetes 1.27 on (static pods: 1.25): ' +
      'the container then runs without any seccomp filter, and nothing says so.',
    severity: 'medium',
    fix:
      'Replace the annotation by the field: `securityContext: {seccompProfile: {type: RuntimeDefault}}` for runtime/default ' +
      'and docker/default, `{type: Localhost, localhostProfile: FILE}` for localhost/FILE, `{type: Unconfined}` for ' +
      'unconfined.',
    learnMore: 'https://kubernetes.io/docs/tutorials/security/seccomp/',
    run({annotations, metadataPath, spec}, {kubernetes}) {
      if (objectOf(spec['securityContext'])['seccompProfile'] !== undefined) return []
      return Object.entries(annotations).flatMap(([key, value]): readonly Outcome[] => {
        if (!KEY.test(key)) return []
        const dead = isAtLeast(kubernetes, FIELD_ONLY)
        if (!dead && value !== 'docker/default') return []
        const text = dead
          ? `${key}: ${value} has no effect with Kubernetes ${kubernetes}.`
          : `${key}: ${value} is an old name; the annotation loses its effect with Kubernetes ${FIELD_ONLY}.`
        return [problem(key, text, {
          severity: dead && value !== 'unconfined' ? 'medium' : 'low',
          evidence: [{source: 'metadata.annotations', text: `${key}: ${value}`}], ...(metadataPath !== undefined && {path: [...metadataPath, 'annotations', key]}),
        })]
      })
    },
    examples: {
      fail: [{manifest: podWith('docker/default')}, {manifest: podWith('runtime/default'), upgrade: {kubernetes: '1.27'}}],
      pass: [
        {manifest: podWith('runtime/default')},
        {manifest: 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: example.com/a}]}\n'},
      ],
    },
  }),
]

function podWith(profile: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations: {seccomp.security.alpha.kubernetes.io/pod: ${profile}}\n` +
    `spec: {containers: [{name: a, image: example.com/a}]}\n`
}
