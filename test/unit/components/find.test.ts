// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {findComponent} from '../../../src/components/find.ts'
import {components} from '../../../src/components/index.ts'

const nameOf = (term: string) => {
  const found = findComponent(term)
  return 'match' in found ? found.match.name : undefined
}

describe('finding a component', () => {
  test.for(components.map((component) => [component.name, component.aliases] as const))(
    '%s is found by its name and by each alias',
    ([name, aliases]) => {
      expect([name, ...aliases].map(nameOf)).toEqual([name, ...aliases].map(() => name))
    },
  )

  test.for([
    ['DOCKERSHIM', 'dockershim'],
    ['docker compose', 'Docker Compose'],
    ['docker-compose', 'Docker Compose'],
    ['  pod-sandbox ', 'pod sandbox'],
    ['OCI_Runtime_Spec', 'OCI runtime-spec'],
    ['cri-o', 'CRI-O'],
    ['CRIO', 'CRI-O'],
    ['shim runc v2', 'containerd-shim-runc-v2'],
    ['io.containerd.runc.v2', 'containerd-shim-runc-v2'],
    ['安全沙箱', 'Alibaba Cloud Sandboxed-Container'],
  ] as const)('case, spaces, dashes, dots and underscores do not matter: %j is %s', ([term, name]) => {
    expect(nameOf(term)).toBe(name)
  })

  test('what is not known is not guessed', () => {
    expect(findComponent('dockershimm')).toEqual({near: []})
    expect(findComponent('')).toEqual({near: []})
    expect(findComponent('__proto__')).toEqual({near: []})
  })

  test('near words are given as names, each once', () => {
    const near = (_: string, known: readonly string[]) =>
      known.filter((word) => word.includes('shim runc v2') || word === 'crio')
    expect(findComponent('x', near)).toEqual({near: ['containerd-shim-runc-v2', 'CRI-O']})
  })

  test('any text has an answer', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), (term) => {
        expect(Object.keys(findComponent(term)).join()).toMatch(/^(match|near)$/)
      }),
    )
  })
})
