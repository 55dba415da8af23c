// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {objectOf} from '../lib/pod-docker-use.ts'

/** `containerRuntimeExecutor: docker`, also in the JSON that older installers wrote */
const SETTING = /(?:^|[\s{,])["']?containerRuntimeExecutor["']?\s*:\s*["']?docker["']?(?:$|[\s,}])/m

/** of `containerRuntimeExecutors`, which names them by the labels of workflows */
const LISTED = /(?:^|\s|-)name:\s*["']?docker["']?\s*$/m

export const checks = [
  objectCheck({
    id: 'argo-docker-executor',
    title: {pass: 'Argo Workflows does not watch steps through Docker', fail: 'Argo Workflows watches steps through Docker'},
    why:
      'The docker executor mounts docker.sock of the node into the wait container of every step. Without Docker, steps never ' +
      'end, or fail with "failed to wait for main container".',
    severity: 'high',
    fix:
      'Set `containerRuntimeExecutor: emissary` in the ConfigMap (Argo 3.1 to 3.3; with 3.1 and 3.2 templates need a ' +
      '`command`), or upgrade to Argo 3.4 or later and remove the key.',
    learnMore: 'https://argo-workflows.readthedocs.io/en/latest/workflow-executors/',
    applies: ({target}) => target !== 'cri-dockerd',
    kinds: ['ConfigMap'],
    run({value}) {
      const data = objectOf(value['data'])
      return ['containerRuntimeExecutor', 'config', 'containerRuntimeExecutors'].flatMap((key): readonly Outcome[] => {
        const text = data[key]
        if (typeof text !== 'string') return []
        if (!(key === 'containerRuntimeExecutor' ? text.trim() === 'docker' : key === 'config' ? SETTING.test(text) : LISTED.test(text))) return []
        const evidence = [{source: `data.${key}`, text: 'docker'}]
        return [problem(key, 'The workflow controller runs steps with the docker executor.', {evidence, path: ['data', key]})]
      })
    },
    examples: {
      fail: [
        {manifest: config('containerRuntimeExecutor: docker')},
        {manifest: config('config: "{containerRuntimeExecutor: docker, namespaced: true}"')},
      ],
      pass: [
        {manifest: config('containerRuntimeExecutor: emissary')},
        {manifest: config('config: "# containerRuntimeExecutor was docker"')},
      ],
    },
  }),
]

function config(entry: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: workflow-controller-configmap}\ndata:\n  ${entry}\n`
}
