// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {PodContainer} from '../../model/kubernetes.ts'
import {podCheck, problem, textCheck} from '../lib/define.ts'

const WHY =
  'The API server shows container ids as docker://ID and image ids as docker-pullable://IMAGE with dockershim, as ' +
  'containerd://ID or cri-o://ID and a plain image otherwise; ' +
  'cgroups are named cri-containerd-ID.scope or crio-ID.scope instead of docker-ID.scope. What cuts or matches the old form ' +
  'finds nothing.'
const FIX = {
  containerd: 'Cut any scheme: `${id##*://}`, `sed "s|.*://||"`; expect containerd://; for cgroups cri-containerd-ID.scope.',
  'cri-o': 'Cut any scheme: `${id##*://}`, `sed "s|.*://||"`; expect cri-o://; for cgroups crio-ID.scope.',
  'cri-dockerd': 'Nothing has to be done: ids keep the form docker://ID.',
}
const LEARN = 'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus'
/** Places that take the old form apart. `docker://` alone is also the scheme of image references (skopeo, GitHub actions). */
const FORMS: readonly RegExp[] = [
  /docker-pullable:\/\//,
  /s[|#,@!]\^?docker:\/\/[|#,@!]/, /s\/\^?docker:\\\/\\\/\//, /#\s?docker:\/\/\}/,
  /(?:TrimPrefix|removeprefix|replace|startsWith|startswith|HasPrefix|split|lstrip|sub|strip)\s*\(?[^\n]{0,80}["'/]\^?docker:(?:\/\/|\\\/\\\/)/,
  /containerI[Dd][^\n]{0,120}docker:(?:\/\/|\\\/\\\/)/, /docker:\/\/\(?\[(?:0-9a-f|a-f0-9)/,
  /\bdocker-(?:\*|\$\{?\w+\}?|\[\^?[\w-]+\][*+]?|[0-9a-f]{12,64})\.scope\b/, /\/sys\/fs\/cgroup\/[\w,/*-]*\/docker\//,
]

export const checks = [
  podCheck({
    id: 'docker-container-id',
    title: {pass: 'No command takes the container ids of Docker apart', fail: 'A command takes the container ids of Docker apart'},
    why: WHY, severity: 'medium', fix: FIX, learnMore: LEARN,
    applies: ({target}) => target !== 'cri-dockerd',
    run: (pod) => pod.containers.flatMap((container): readonly Outcome[] => {
      const found = lineIn(wordsOf(container))
      if (found === undefined) return []
      const sentence = `Container "${container.name}" works with ids as Docker has them: ${found.text}`
      return [problem(container.name, sentence, {evidence: [{source: `container ${container.name}`, text: found.text}], path: container.path})]
    }),
    examples: {
      fail: [{manifest: podWith('kubectl get pod x -o jsonpath={.status.containerStatuses[0].containerID} | sed s,docker://,,')}],
      pass: [{manifest: podWith('skopeo copy docker://a docker://b')}],
    },
  }),
  textCheck({
    id: 'docker-container-id-in-text',
    title: {pass: 'No script or policy takes the container ids of Docker apart', fail: 'A script or policy takes the container ids of Docker apart'},
    why: WHY, severity: 'medium', fix: FIX, learnMore: LEARN,
    applies: ({target}) => target !== 'cri-dockerd',
    run({text, name}) {
      const found = lineIn(text)
      if (found === undefined) return []
      return [problem('ids', `${name} works with ids as Docker has them: ${found.text}`, {line: found.line, evidence: [{source: `${name}:${found.line}`, text: found.text}]})]
    },
    examples: {
      fail: [
        {name: 'netns.sh', text: 'id=$(kubectl get pod "$1" -o jsonpath=\'{..containerID}\')\nid=${id#docker://}\n'},
        {name: 'policy.rego', text: 'id := trim_prefix(c.containerID, "docker://")\n'},
      ],
      pass: [
        {name: 'ci.yml', text: 'steps:\n- uses: docker://alpine:3.20\n'},
        {name: 'a.sh', text: 'case $id in docker://*|containerd://*) id=${id##*://};; esac\n'},
      ],
    },
  }),
]

/** The first line that takes an id apart; none where the text knows another runtime as well. */
function lineIn(text: string): {readonly line: number; readonly text: string} | undefined {
  if (text.length > 1_000_000 || !/docker[-:]|\/docker\//.test(text) || /(?:containerd|cri-o):(?:\/\/|\\\/\\\/)|cri-containerd-/.test(text)) return undefined
  const lines = text.split('\n')
  const index = lines.findIndex((line) => line.length < 2000 && !/^\s*(?:#|\/\/)/.test(line) && FORMS.some((form) => form.test(line)))
  return index === -1 ? undefined : {line: index + 1, text: (lines[index] as string).trim().slice(0, 200)}
}

/** Words of one line; longer ones are texts, and looked at as such. */
function wordsOf({command, args}: PodContainer): string {
  return [...command, ...args].filter((word) => !word.includes('\n')).join('\n')
}

function podWith(command: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: tool}\nspec:\n  containers:\n  - name: main\n    image: example.com/tool:1\n` +
    `    command: [sh, -c, '${command}']\n`
}
