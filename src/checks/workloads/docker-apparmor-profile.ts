// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {JsonPath} from '../../model/json.ts'
import type {PodTemplate} from '../../model/kubernetes.ts'
import {podCheck, problem} from '../lib/define.ts'
import {objectOf} from '../lib/pod-docker-use.ts'

const PREFIX = 'container.apparmor.security.beta.kubernetes.io/'

export const checks = [
  podCheck({
    id: 'docker-apparmor-profile',
    title: {pass: 'No pod asks for the AppArmor profile of Docker', fail: 'A pod asks for the AppArmor profile of Docker'},
    why:
      'dockerd loads the profile docker-default when it starts, and nothing else does. After the next boot without Docker the ' +
      'profile is missing, and the kubelet ' +
      'refuses the pod: "Cannot enforce AppArmor: profile "docker-default" is not loaded".',
    severity: 'high',
    fix:
      'Ask for the default of the runtime: `securityContext: {appArmorProfile: {type: RuntimeDefault}}` (before Kubernetes ' +
      '1.30 the annotation with `runtime/default`); or load a profile of your own on every node.',
    learnMore: 'https://kubernetes.io/docs/tutorials/security/apparmor/',
    applies: ({target}) => target !== 'cri-dockerd',
    run(pod) {
      return profilesOf(pod).filter(({profile}) => profile === 'docker-default').map(({where, path}): Outcome =>
        problem(where, `${where} asks for the AppArmor profile docker-default, which only dockerd loads.`, {evidence: [{source: where, text: 'docker-default'}], path}))
    },
    examples: {
      fail: [
        {manifest: podWith('annotations: {container.apparmor.security.beta.kubernetes.io/a: localhost/docker-default}', '{}')},
        {manifest: podWith('labels: {}', '{appArmorProfile: {type: Localhost, localhostProfile: docker-default}}')},
      ],
      pass: [
        {manifest: podWith('annotations: {container.apparmor.security.beta.kubernetes.io/a: runtime/default}', '{}')},
        {manifest: podWith('labels: {}', '{appArmorProfile: {type: RuntimeDefault}}')},
      ],
    },
  }),
]

interface Profile {
  readonly where: string
  readonly profile: unknown
  readonly path: JsonPath
}

function profilesOf({annotations, metadataPath, spec, path, containers}: PodTemplate): readonly Profile[] {
  const byAnnotation = Object.entries(annotations).filter(([key]) => key.startsWith(PREFIX)).map(([key, value]): Profile => (
    {where: `Annotation ${key}`, profile: value.replace(/^localhost\//, ''), path: [...(metadataPath ?? []), 'annotations', key]}))
  const fields = [{where: 'The pod', raw: spec, path}, ...containers.map((one) => ({where: `Container "${one.name}"`, raw: one.raw, path: one.path}))]
  return [...byAnnotation, ...fields.map(({where, raw, path: at}): Profile => (
    {where, profile: objectOf(objectOf(raw['securityContext'])['appArmorProfile'])['localhostProfile'], path: [...at, 'securityContext', 'appArmorProfile']}))]
}

function podWith(metadata: string, security: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  ${metadata}\n` +
    `spec: {containers: [{name: a, image: example.com/a, securityContext: ${security}}]}\n`
}
