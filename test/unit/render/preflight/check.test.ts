// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {checks} from '../../../../src/checks/index.ts'
import {objectCheck, podCheck} from '../../../../src/checks/lib/define.ts'
import {explainCheck, fixesOf, listChecks, looksAt} from '../../../../src/render/preflight/check.ts'
import {createStyle} from '../../../../src/render/style.ts'

const plain = createStyle({color: false})
const CHECK = podCheck({
  id: 'docker-sock-mount', title: {pass: 'No pod mounts the socket', fail: 'A pod mounts the socket'}, why: 'Nobody listens there any more, and the container fails with connection refused.',
  severity: 'high', fix: {containerd: 'Use the CRI:\n  rtctl cri ps', 'cri-o': 'Use the CRI.', 'cri-dockerd': 'Nothing to do.'}, learnMore: 'https://example.org/',
  unproven: 'Windows.', run: () => [], examples: {fail: [{manifest: ''}], pass: [{manifest: ''}]},
})

describe('the explanation of a check', () => {
  test('says everything about it', () => {
    expect(explainCheck(CHECK, plain, 60)).toBe(`docker-sock-mount  high: a workload or data breaks

Fails      A pod mounts the socket
Passes     No pod mounts the socket
Why        Nobody listens there any more, and the container
           fails with connection refused.
Looks at   pod templates: of workloads, of custom resources,
           static pods
Fix (containerd)
           Use the CRI:
  rtctl cri ps
Fix (cri-o)
           Use the CRI.
Fix (cri-dockerd)
           Nothing to do.
Not proven Windows.
More       https://example.org/
`.replace('\n  rtctl cri ps', `\n${' '.repeat(13)}rtctl cri ps`))
  })

  test('says a fix once where it is the same for every target', () => {
    expect(fixesOf({containerd: 'a', 'cri-o': 'a', 'cri-dockerd': 'a'})).toEqual([[undefined, 'a']])
    expect(fixesOf('a')).toEqual([[undefined, 'a']])
  })

  test('names the kinds of objects', () => {
    const {looksAt: _, ...rest} = CHECK
    const check = (kinds: readonly string[]) => objectCheck({...rest, kinds, run: () => []})
    expect([looksAt(check(['Node', 'RuntimeClass'])), looksAt(check(['*']))]).toEqual(['Kubernetes objects: Node, RuntimeClass', 'Kubernetes objects of every kind'])
  })
})

describe('the list of checks', () => {
  test('has each once, by severity, in lines of the width', () => {
    const lines = listChecks(checks, plain, 80).split('\n')
    const ids = lines.filter((line) => /^ {2}\S/.test(line)).map((line) => line.trim().split(' ')[0])
    expect(ids).toHaveLength(checks.length)
    expect(new Set(ids)).toEqual(new Set(checks.map(({id}) => id)))
    expect(lines.filter((line) => line.length > 80)).toEqual([])
  })

  test('has the whole title of each', () => {
    const text = listChecks(checks, plain, 60).replaceAll(/\s+/g, ' ')
    expect(checks.filter(({title}) => !text.includes(title.fail)).map(({id}) => id)).toEqual([])
  })

  test('of none is empty', () => expect(listChecks([], plain, 80)).toBe(''))
})
