// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {chooseServer, ownCluster} from '../../../src/cluster/kubeconfig.ts'
import {UserError} from '../../../src/model/user-error.ts'

const file = (text: string, path = '/home/user/.kube/config') => ({path, text})

const ONE = `
current-context: lab
contexts:
- {name: lab, context: {cluster: lab, user: admin, namespace: team}}
- {name: other, context: {cluster: other}}
clusters:
- {name: lab, cluster: {server: "https://10.0.0.1:6443/", certificate-authority: pki/ca.crt, tls-server-name: api.lab}}
- {name: other, cluster: {server: "http://127.0.0.1:8001", proxy-url: "socks5://proxy:1080"}}
users:
- {name: admin, user: {client-certificate: /abs/admin.crt, client-key-data: a2V5, as: auditor}}
`

describe('a kubeconfig', () => {
  test('names the server of its current context, and its files relative to its folder', async () => {
    expect(await chooseServer([file(ONE)])).toEqual({
      context: 'lab', source: 'user admin of /home/user/.kube/config',
      cluster: {name: 'lab', server: 'https://10.0.0.1:6443', skipTLSVerify: false, tlsServerName: 'api.lab', caFile: '/home/user/.kube/pki/ca.crt'},
      user: {name: 'admin', certFile: '/abs/admin.crt', keyData: 'a2V5', impersonateUser: 'auditor'},
    })
  })

  test('names that of another context, which may have no user and no TLS', async () => {
    expect(await chooseServer([file(ONE)], 'other')).toEqual({
      context: 'other', source: '/home/user/.kube/config', user: {name: ''},
      cluster: {name: 'other', server: 'http://127.0.0.1:8001', skipTLSVerify: true, proxyUrl: 'socks5://proxy:1080'},
    })
  })

  test('of several files is the first for each name, and each has its own folder', async () => {
    const first = file('current-context: lab\nusers:\n- {name: admin, user: {tokenFile: token, token: stale}}\n', '/a/config')
    const chosen = await chooseServer([file('', '/empty'), first, file(ONE, '/b/config')])
    expect(chosen.user).toEqual({name: 'admin', authProvider: {name: 'tokenFile', config: {tokenFile: '/a/token'}}})
    expect(chosen.cluster.caFile).toBe('/b/pki/ca.crt')
  })

  test('with an exec plugin tells it what kubectl tells it', async () => {
    const users = 'users:\n- name: admin\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [token, 7], provideClusterInfo: true, env: [{name: A, value: b}]}\n'
    const {user} = await chooseServer([file(users, '/a/config'), file(ONE)])
    const {command, args, env} = user.exec as {command: string; args: string[]; env: {name: string; value: string}[]}
    expect([command, args, env[0]]).toEqual(['/a/./bin/login', ['token'], {name: 'A', value: 'b'}])
    expect(env[1]?.name).toBe('KUBERNETES_EXEC_INFO')
    expect(JSON.parse(env[1]?.value ?? '')).toEqual({
      kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1', spec: {interactive: false, cluster: {server: 'https://10.0.0.1:6443/'}},
    })
  })

  test('with an exec plugin of the PATH leaves it there', async () => {
    const {user} = await chooseServer([file('users: [{name: admin, user: {exec: {command: aws}}}]'), file(ONE)])
    expect((user.exec as {command: string}).command).toBe('aws')
  })

  test.each([
    ['no YAML', 'a: [', undefined, '/home/user/.kube/config is no YAML'],
    ['a list', '- a', undefined, '/home/user/.kube/config is no kubeconfig'],
    ['nothing', '', undefined, 'No current context in /home/user/.kube/config'],
    ['no such context', ONE, 'prod', 'There is no context prod in /home/user/.kube/config'],
    ['a cluster that is not there', 'current-context: a\ncontexts: [{name: a, context: {cluster: b}}]', undefined, 'names the cluster b, which is not there'],
    ['a user that is not there', 'current-context: a\ncontexts: [{name: a, context: {cluster: b, user: c}}]\nclusters: [{name: b, cluster: {server: "https://x"}}]', undefined, 'names the user c, which is not there'],
    ['a context without a cluster', 'current-context: a\ncontexts: [{name: a}]', undefined, 'Context a of /home/user/.kube/config names no cluster'],
    ['no server', 'current-context: a\ncontexts: [{name: a, context: {cluster: b}}]\nclusters: [{name: b, cluster: {}}]', undefined, 'has no server that is an http(s) URL: none'],
    ['a file for a server', 'current-context: a\ncontexts: [{name: a, context: {cluster: b}}]\nclusters: [{name: b, cluster: {server: "file:///etc/passwd"}}]', undefined, 'has no server that is an http(s) URL: file:///etc/passwd'],
    ['a plugin without a command', `${ONE}- {name: x}\n`.replace('client-certificate: /abs/admin.crt', 'exec: {}'), undefined, 'has an exec plugin without a command'],
  ])('with %s is the mistake of whoever gave it', async (_, text, context, message) => {
    const error: unknown = await chooseServer([file(text)], context).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toContain(message)
    expect((error as UserError).exitCode).toBe(2)
  })

  test('tells which contexts there are where the one is not', async () => {
    const error: unknown = await chooseServer([file(ONE)], 'prod').catch((thrown: unknown) => thrown)
    expect((error as UserError).next).toBe('Name another with --context: lab, other.')
  })

  test('of any shape gives a server or a message', async () => {
    const part = fc.oneof(fc.jsonValue(), fc.constant({name: 'a', context: {cluster: 'a', user: 'a'}}), fc.constant({name: 'a', cluster: {server: 'https://x'}}))
    const config = fc.record({'current-context': fc.oneof(fc.constant('a'), fc.jsonValue()), contexts: fc.oneof(fc.array(part), fc.jsonValue()), clusters: fc.array(part), users: fc.array(part)})
    await fc.assert(fc.asyncProperty(config, async (value) => {
      const chosen: unknown = await chooseServer([file(JSON.stringify(value))]).catch((error: unknown) => error)
      expect(chosen instanceof UserError || !(chosen instanceof Error)).toBe(true)
    }), {numRuns: 300})
  })
})

test('the service account of a pod names the server, also where that has an IPv6 address', () => {
  const {cluster, user, context} = ownCluster({host: 'fd00::1', port: '443', tokenFile: '/t', caFile: '/c'})
  expect([context, cluster.server, cluster.caFile]).toEqual(['in-cluster', 'https://[fd00::1]:443', '/c'])
  expect(user.authProvider).toEqual({name: 'tokenFile', config: {tokenFile: '/t'}})
})
