// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {redactJson, redactText} from '../../../src/host/redact.ts'

const X = '[redacted]'
const CMDLINE = '/proc/7/cmdline'
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl'
const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAAAA\n-----END RSA PRIVATE KEY-----'

function redacted(text: string, path = '/etc/x'): string {
  return redactText(path, text).value
}

describe('in a command line of procfs', () => {
  test.each([
    ['--token=abc def', `--token=${X}`],
    ['--token\0abc', `--token\0${X}`],
    ['-password\0a b\0--next', `-password\0${X}\0--next`],
    ['--db.password=\'a"b', `--db.password=${X}`],
    ['mysql\0--user=root\0--password=p', `mysql\0--user=root\0--password=${X}`],
    ['env\0API_KEY=abc\0sh', `env\0API_KEY=${X}\0sh`],
    ['curl\0-H\0Authorization: Bearer abcdefgh', `curl\0-H\0Authorization: ${X}`],
    ['curl\0https://me:pw@host/x', `curl\0https://${X}@host/x`],
    [`run\0${JWT}`, `run\0${X}`],
    ['x\0--secret==abc', `x\0--secret=${X}`],
  ])('%j is redacted', (text, wanted) => {
    expect(redacted(`${text}\0`, CMDLINE)).toBe(`${wanted}\0`)
  })

  test.each([
    'docker\0login\0--password-stdin\0host',
    'docker\0run\0-p\x008080:80\0nginx:1.25',
    'kubelet\0--token\0--config=/x',
    'kubelet\0--client-ca-file=/etc/kubernetes/pki/ca.crt\0--anonymous-auth=false\0--authorization-mode=Webhook',
    'kube-apiserver\0--service-account-key-file=/x.pub\0--token-auth-file=/x\0--enable-bootstrap-token-auth=true',
    'kubelet\0--container-runtime-endpoint=unix:///run/containerd/containerd.sock\0--kubeconfig=/etc/kubernetes/kubelet.conf',
    'containerd-shim-runc-v2\0-namespace\0k8s.io\0-id\x003f2a\0-address\0/run/containerd/containerd.sock',
    'dockerd\0-H\0ssh://root@10.0.0.1\0-H\0tcp://[::1]:2375\0-H\0fd://',
    'pause\0vault-secret:1.2\0registry.example/token:latest@sha256:abc',
  ])('%j stays as it is', (text) => {
    expect(redactText(CMDLINE, `${text}\0`)).toEqual({value: `${text}\0`, redacted: []})
  })
})

describe('in configuration', () => {
  test.each([
    ['INI', 'password = a b c\nuser = d', `password = ${X}\nuser = d`],
    ['an environment file', 'DB_PASSWORD=a b\nPATH=/bin', `DB_PASSWORD=${X}\nPATH=/bin`],
    ['an exported variable', 'export AWS_SECRET_ACCESS_KEY=abc', `export AWS_SECRET_ACCESS_KEY=${X}`],
    ['a unit', 'Environment="A_TOKEN=x y" "B=1"\nEnvironment=B_SECRET=x C=y', `Environment="A_TOKEN=${X}" "B=1"\nEnvironment=B_SECRET=${X} C=y`],
    ['a unit command', 'ExecStart=/bin/x --token=abc --token abc --v=2', `ExecStart=/bin/x --token=${X} --token ${X} --v=2`],
    ['a credential of a unit', 'SetCredential=id:abc', `SetCredential=${X}`],
    ['TOML', 'auth = "YTpi"\nidentitytoken = \'x\'', `auth = "${X}"\nidentitytoken = '${X}'`],
    ['an array of TOML', 'env = ["A=b", "PATH=/bin"]\nx = 1', `env = ["A=${X}", "PATH=/bin"]\nx = 1`],
    ['YAML', 'clientSecret: a b # c\nuser: d', `clientSecret: ${X}\nuser: d`],
    ['the key of certificates of kubeadm', 'certificateKey: 0123abcd\nuser: d', `certificateKey: ${X}\nuser: d`],
    ['a flow of YAML', 'x: {user: a, password: b}', `x: {user: a, password: ${X}}`],
    ['a quoted value of YAML', "token: 'it''s'\nuser: d", `token: '${X}'\nuser: d`],
    ['a block of YAML', 'a:\n  password: |\n    one\n\n    two\n  user: d', `a:\n  password: |\n    ${X}\n  user: d`],
    ['variables of a pod', 'env:\n- name: FOO\n  value: bar\n- name: PATH\n  value: /bin', `env:\n- name: FOO\n  value: ${X}\n- name: PATH\n  value: /bin`],
    ['a URL', 'proxy: http://u:p@ss@host:3128/x', `proxy: http://${X}@host:3128/x`],
    ['a URL with a raw slash in its password', 'dsn=postgres://u:p/w@db/x', `dsn=postgres://${X}@db/x`],
    ['a PEM block', `a\n${PEM}\nb`, `a\n${X}\nb`],
    ['a PEM block that was cut off', `a\n${PEM.slice(0, 40)}`, `a\n${X}`],
    ['a bearer token', 'sent bearer 0123456789abcdef to', `sent bearer ${X} to`],
    ['a JWT', `x=${JWT},y`, `x=${X},y`],
  ])('%s is redacted', (_, text, wanted) => {
    expect(redacted(text)).toBe(wanted)
  })

  test.each([
    'tokenTTL: 5m\nsecretName: default-token-abcde\nsecretRef:\n  name: db\nautomountServiceAccountToken: false\n',
    'io.kubernetes.container.hash: 1a2b3c\nio.kubernetes.pod.uid: 7',
    'image: registry.example/vault-secret:1.2\nimageID: docker://sha256:abc',
    'authentication:\n  anonymous:\n    enabled: false\n  x509:\n    clientCAFile: /etc/kubernetes/pki/ca.crt\nauthorization:\n  mode: Webhook\n',
    '[plugins."io.containerd.grpc.v1.cri".registry.configs."x".auth]\n  username = "u"\n',
    'password:\ntoken: ""\nsecret: ${FROM_ENV}\ncredsStore = "ecr-login"\n',
    '# a bearer token is a token\n- name: config\n  value: harmless\n',
    'Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"\nEnvironmentFile=-/etc/default/kubelet\n',
    'see https://example.org/a:b@c and http://host:8080/x@y',
    '[Service]\nLoadCredential=passwd.shell.root\nConditionCredential=|x\n',
    'PWD=/root\nbypass = 1\ncompass: north\n',
    '10: ffff8880: 00000002 00000000 00010000 0001 01 12345 /run/containerd/containerd.sock',
  ])('%j stays as it is', (text) => {
    expect(redactText('/etc/x', text)).toEqual({value: text, redacted: []})
  })
})

describe('in JSON text', () => {
  const config = {
    process: {env: ['PATH=/bin', 'A=b"c\\', 'EMPTY=', 'DOCKER_HOST=tcp://u:p@h:1'], args: ['x', '--token', 'abc', '--password=a b', '--v', '2']},
    annotations: {'io.kubernetes.container.hash': 'abc', secret: 7, nested: JSON.stringify({deep: JSON.stringify({password: 'a"b\\', user: 'c'}), env: [{name: 'DB', value: 'd"e'}]})},
    auths: {'registry.example': {auth: 'YTpi'}},
    message: 'token: abc\nuser: d',
  }

  test.each([['minified', 0], ['indented', 2]])('%s, values are redacted and the rest is still the same JSON', (_, indent) => {
    const {value} = redactText('/run/x/config.json', JSON.stringify(config, undefined, indent))
    const got = JSON.parse(value) as typeof config
    expect(got).toEqual({
      process: {env: ['PATH=/bin', `A=${X}`, 'EMPTY=', `DOCKER_HOST=tcp://${X}@h:1`], args: ['x', '--token', X, `--password=${X}`, '--v', '2']},
      annotations: {'io.kubernetes.container.hash': 'abc', secret: X, nested: expect.any(String)},
      auths: {'registry.example': {auth: X}},
      message: `token: ${X}\nuser: d`,
    })
    const nested = JSON.parse(got.annotations.nested) as {deep: string; env: unknown}
    expect(JSON.parse(nested.deep)).toEqual({password: X, user: 'c'})
    expect(nested.env).toEqual([{name: 'DB', value: X}])
  })

  test('a number under a secret name is replaced by something that is JSON', () => {
    expect(JSON.parse(redacted('{"pin_token": 7, "b": [1]}'))).toEqual({pin_token: X, b: [1]})
  })

  test('that was cut off is redacted all the same', () => {
    expect(redacted('{"Config":{"Env":["A=secr')).toBe(`{"Config":{"Env":["A=${X}`)
  })
})

test('every kind of secret is counted by its rule', () => {
  const text = `password=a\ntoken=b\n${PEM}\n${JWT}\nhttp://u:p@h\nbearer 0123456789abcdef\nenv = ["A=b"]\n`
  expect(redactText('/etc/x', text).redacted).toEqual([
    {rule: 'bearer', count: 1},
    {rule: 'env', count: 1},
    {rule: 'jwt', count: 1},
    {rule: 'pem', count: 1},
    {rule: 'secret-value', count: 2},
    {rule: 'url-userinfo', count: 1},
  ])
})

describe('an answer of a daemon', () => {
  test('is redacted by member, variable, flag and inside strings', () => {
    const {value, redacted: rules} = redactJson({
      Config: {Env: ['A=b', 'PATH=/bin', 'NOTHING'], Cmd: ['x', '--token', 'abc', '--password=d', 'e'], Labels: {'app.secret': 's', hash: 'h'}},
      Auth: {IdentityToken: 't', Password: '', username: 'u'},
      info: {config: '{"token":"abc","other":1}'},
      vars: [{name: 'FOO', value: 'bar'}, {name: 'path', value: 'x'}],
      proxy: 'http://u:p@host',
      pinToken: 5,
      enabledToken: true,
    })
    expect(value).toEqual({
      Config: {Env: [`A=${X}`, 'PATH=/bin', 'NOTHING'], Cmd: ['x', '--token', X, `--password=${X}`, 'e'], Labels: {'app.secret': X, hash: 'h'}},
      Auth: {IdentityToken: X, Password: '', username: 'u'},
      info: {config: `{"token":"${X}","other":1}`},
      vars: [{name: 'FOO', value: X}, {name: 'path', value: 'x'}],
      proxy: `http://${X}@host`,
      pinToken: X,
      enabledToken: true,
    })
    expect(rules).toEqual([
      {rule: 'env', count: 2},
      {rule: 'secret-value', count: 6},
      {rule: 'url-userinfo', count: 1},
    ])
  })

  test('may be a bare string, a number or null', () => {
    expect(redactJson('token=abc').value).toBe(`token=${X}`)
    expect(redactJson(3).value).toBe(3)
    expect(redactJson(null).value).toBeNull()
  })

  test('may be nested deeper than a call stack', () => {
    const deep = JSON.parse(`${'['.repeat(200_000)}"token=abc"${']'.repeat(200_000)}`) as unknown
    let inner = redactJson(deep).value
    while (Array.isArray(inner)) inner = inner[0]
    expect(inner).toBe(`token=${X}`)
  })
})

// Texts made of what the rules look for, so that they meet in every order.
const pieces = fc.constantFrom(
  'token', 'password', '--secret', 'auth', 'Authorization', 'Bearer ', 'basic ', 'env', 'Env', 'name', 'value', 'FOO', '=', ':', ': ', ' = ', '"', '\\"', "'",
  '\\\\\\"', '[', ']', '{', '}', ',', ' ', '\n', '\n  ', '\0', '|', '|\n', '-', '@', '/', '://', 'http://', 'ssh://', 'u:p@h', '-----BEGIN A-----', '-----END A-----',
  JWT, 'eyJ', 'abc', '0123456789abcdef', X, 'true', '${', '#', '\\n', '\\', 'PATH=', 'A=b',
)
const soup = fc.array(fc.oneof({weight: 8, arbitrary: pieces}, {weight: 1, arbitrary: fc.string()}), {maxLength: 30}).map((parts) => parts.join(''))

test('redacting twice changes nothing more', () => {
  fc.assert(
    fc.property(soup, fc.constantFrom(CMDLINE, '/etc/x'), (text, path) => {
      const once = redactText(path, text).value
      expect(redactText(path, once)).toEqual({value: once, redacted: []})
    }),
    {numRuns: 3000},
  )
})

test('a redacted answer of JSON is redacted no further', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const once = redactJson(structuredClone(value)).value
      expect(redactJson(structuredClone(once))).toEqual({value: once, redacted: []})
    }),
  )
})

test('JSON text stays JSON', () => {
  const names = fc.oneof(fc.constantFrom('env', 'token', 'password', 'name', 'value', 'auth', 'args'), fc.string())
  const strings = fc.oneof(soup, fc.string())
  const document = fc.letrec<{any: unknown}>((tie) => ({
    any: fc.oneof({maxDepth: 3}, strings, fc.integer(), fc.boolean(), fc.array(tie('any'), {maxLength: 4}), fc.dictionary(names, tie('any'), {maxKeys: 4})),
  })).any
  fc.assert(
    fc.property(fc.dictionary(names, document, {minKeys: 1, maxKeys: 4}), (value) => {
      expect(() => JSON.parse(redacted(JSON.stringify(value)))).not.toThrow()
    }),
    {numRuns: 1000},
  )
})

test('the value of a secret never survives, whatever it is', () => {
  const secret = fc.string({minLength: 8, maxLength: 20, unit: fc.constantFrom(...Array.from('abcXYZ0123+/=!$%&*?;,.:@"\'\\ '))}).map((text) => `S3CR${text}ET`)
  fc.assert(
    fc.property(secret, fc.constantFrom('password', 'apiKey', 'client-secret'), (value, name) => {
      expect(redacted(JSON.stringify({[name]: value, other: 1}))).toBe(JSON.stringify({[name]: X, other: 1}))
      expect(redacted(JSON.stringify({env: [`A=${value}`, 'PATH=/bin']}))).toBe(JSON.stringify({env: [`A=${X}`, 'PATH=/bin']}))
      expect(redacted(`a\0--${name}=${value}\0b\0`, CMDLINE)).toBe(`a\0--${name}=${X}\0b\0`)
      expect(redacted(`a\0--${name}\0${value}\0b\0`, CMDLINE)).toBe(`a\0--${name}\0${X}\0b\0`)
    }),
  )
})

const SIZE = 8 * 1024 * 1024
const HOSTILE = [
  'a', 'token', 'tokentoken=', 'eyJ', 'eyJaaaaaaaaa.', '://', '://a:', '://a@', 'bearer ', 'Bearer  aaaaaaaaaaaaaaaa', '-----BEGIN A-----', '-----BEGIN ',
  '"env":[', '"env":["', '"env":["A=', '"env":["PATH=', 'name: A\nvalue:', 'name:avalue:', 'name:A                    value:', 'value: ', '"token":"', '"token":\\"',
  "token: '", "token: \\\\\\\"", '\\', '"', '--token ', '--token\0', 'token: |\n', 'password=', ' password=', '\n', ' ', '{', 'auth', "''", 'token: ${', '"env":["PATH=\'env\':[\'PATH=',
]

test.each(HOSTILE)('8 MiB of %j take linear time', (piece) => {
  const time = (size: number) => {
    const text = piece.repeat(Math.ceil(size / piece.length))
    const before = process.cpuUsage()
    redactText('/etc/x', text)
    const {user, system} = process.cpuUsage(before)
    return (user + system) / 1000
  }
  // A quadratic scan of 8 MiB takes hours, so this bound is wide of any machine.
  expect(time(SIZE)).toBeLessThan(8000)
}, 30_000)

test('the spaces before something that never comes take linear time', () => {
  for (const start of ['bearer', '"env"', 'name: A', '"token"', 'token: ', '--token']) redactText('/etc/x', start + ' '.repeat(SIZE))
})
