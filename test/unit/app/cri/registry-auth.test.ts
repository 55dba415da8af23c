// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {authFromDockerConfig, authOf} from '../../../../src/app/cri/registry-auth.ts'

describe('the flags of crictl', () => {
  test.each([
    ['ann:secret', {username: 'ann', password: 'secret'}], ['ann:se:cret', {username: 'ann', password: 'se:cret'}], ['ann', {username: 'ann', password: ''}],
  ])('--creds %s', (creds, auth) => expect(authOf({creds})).toMatchObject(auth))

  test('--auth goes as it is', () => expect(authOf({auth: 'YTpi'})).toMatchObject({auth: 'YTpi', username: ''}))
  test('without them there is nobody', () => expect(authOf({})).toBeUndefined())
  test.each([{creds: ''}, {creds: ':secret'}, {creds: 'a:b', auth: 'YTpi'}])('%j is refused, without the secret', (words) => {
    expect(() => authOf(words)).toThrow(expect.objectContaining({name: 'UserError', message: expect.not.stringContaining('secret')}))
  })
})

describe('config.json of docker', () => {
  const config = {
    auths: {'127.0.0.1:5000': {auth: 'bG9jYWw='}, 'https://index.docker.io/v1/': {auth: 'aHVi'}, 'https://old.example': {username: 'u', password: 'p'}, 'token.example': {identitytoken: 't'}, 'kept.example': {}},
    credHelpers: {'helped.example': 'ecr-login'}, credsStore: 'desktop',
  }
  const found = (image: string) => authFromDockerConfig(config, image, '/x/config.json')

  test.each([
    ['127.0.0.1:5000/app:1', {auth: 'bG9jYWw='}], ['busybox', {auth: 'aHVi'}], ['docker.io/library/busybox:1', {auth: 'aHVi'}], ['library/busybox', {auth: 'aHVi'}],
    ['old.example/app', {username: 'u', password: 'p'}], ['token.example/app', {identityToken: 't'}],
  ])('has %s', (image, auth) => expect(found(image)).toMatchObject({...auth, serverAddress: ''}))

  test('has nothing for other registries', () => expect(found('other.example/app')).toBeUndefined())
  test.each([['helped.example/app', 'ecr-login'], ['kept.example/app', 'desktop']])('leaves %s to a program that is not run', (image, helper) => {
    expect(() => found(image)).toThrow(`docker-credential-${helper}, which rtctl does not run`)
  })

  test.each([null, 1, [], {auths: null}, {auths: {'__proto__': {auth: 'x'}}}, {auths: {'docker.io': 'text'}}, {auths: {'docker.io': {auth: 7}}}])('that is %j has nothing', (odd) => {
    expect(authFromDockerConfig(odd, 'busybox', 'x')).toBeUndefined()
  })
})
