// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {parseImage, repositoryOf, tagVersion} from '../../../../src/checks/lib/pod-images.ts'

describe('an image reference', () => {
  test.each([
    ['nginx', {repository: 'nginx'}], ['team/app:1', {repository: 'team/app', tag: '1'}], ['docker.io/library/nginx:1.27', {registry: 'docker.io', repository: 'library/nginx', tag: '1.27'}],
    ['localhost:5000/app', {registry: 'localhost:5000', repository: 'app'}], ['localhost/app:1', {registry: 'localhost', repository: 'app', tag: '1'}],
    ['a.io/b@sha256:00', {registry: 'a.io', repository: 'b', digest: 'sha256:00'}], ['', {repository: ''}],
  ])('%s has its parts', (image, parts) => expect(parseImage(image)).toEqual(parts))

  test('gives the version its tag begins with', () => {
    expect(tagVersion('docker:19.03.15-dind')).toBe('19.3.15')
    expect(tagVersion('a/b:v1.2')).toBe('1.2')
    expect(tagVersion('a/b:latest')).toBeUndefined()
    expect(tagVersion('a.io:5000/b')).toBeUndefined()
  })

  test('is the same repository with and without registry and library', () => {
    expect(['docker', 'docker.io/library/docker:28', 'mirror.example.com/library/Docker'].map(repositoryOf)).toEqual(['docker', 'docker', 'docker'])
  })
})
