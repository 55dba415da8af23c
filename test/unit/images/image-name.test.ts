// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {imageName} from '../../../src/images/image-name.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

test.each([
  ['nginx', 'docker.io/library/nginx:latest'],
  ['nginx:1.19', 'docker.io/library/nginx:1.19'],
  ['shop/web', 'docker.io/shop/web:latest'],
  ['docker.io/nginx:1', 'docker.io/library/nginx:1'],
  ['index.docker.io/shop/web:1', 'docker.io/shop/web:1'],
  ['localhost/web', 'localhost/web:latest'],
  ['registry.example.com:5000/a/b/c:v1', 'registry.example.com:5000/a/b/c:v1'],
  [`nginx@${DIGEST}`, `docker.io/library/nginx@${DIGEST}`],
  [`shop/web:1@${DIGEST}`, `docker.io/shop/web@${DIGEST}`],
  [DIGEST, DIGEST],
])('%s is %s to the runtime', (given, whole) => {
  expect(imageName(given)).toMatchObject({given, whole})
})

test('a digest is told from an id', () => {
  expect(imageName(`shop/web:1@${DIGEST}`)).toMatchObject({digest: DIGEST, isId: false})
  expect(imageName(DIGEST)).toEqual({given: DIGEST, whole: DIGEST, isId: true})
})

test.each(['', '..', '../../containers/json', 'a/../b', 'Shop/Web?', 'a b', 'a:b:c', 'nginx@sha256:12', 'x\u001b[2J', `a${'/a'.repeat(600)}`, '/nginx', 'nginx/', '<none>:<none>'])('%j is no name', (given) => {
  expect(imageName(given)).toBeUndefined()
})
