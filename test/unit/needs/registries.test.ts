// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {dockerContainer, dockerNode, needsOf, podLabels, remarksOn, withContainers} from './support.ts'

const pods = (...images: readonly string[]) =>
  withContainers(...images.map((image, index) => dockerContainer(index + 1, {name: `k8s_c_p${index}`, image, labels: podLabels(`p${index}`, 'c')})))

describe('registries of Docker', () => {
  test('have mirrors for docker.io only, from the file or from flags', async () => {
    const {registries} = await needsOf(dockerNode({dockerd: '--registry-mirror=https://a.example/ --registry-mirror=http://b.example:5000 --registry-mirror=https://a.example'}))
    expect(registries).toEqual([{host: 'docker.io', mirrors: [{value: 'https://a.example', source: 'argv of pid 812'}, {value: 'http://b.example:5000', source: 'argv of pid 812'}]}])
  })

  test.each(['ftp://mirror.example', 'https://user:geheim@mirror.example', 'https://../../etc', 'not a url'])('leave out the mirror %s, and say so', async (mirror) => {
    const needs = await needsOf(dockerNode({daemon: {'registry-mirrors': [mirror, 'https://good.example']}}))
    expect(needs.registries.map(({mirrors}) => mirrors.map(({value}) => value))).toEqual([['https://good.example']])
    expect(remarksOn(needs, /mirror .* of docker\.io is not carried over/)).toMatchObject([{level: 'loss'}])
    expect(JSON.stringify(needs.remarks)).not.toContain('geheim')
  })

  test('know which insecure ones are written with http://', async () => {
    const {registries} = await needsOf(dockerNode({daemon: {'insecure-registries': ['http://plain.example:5000', 'tls.example', 'https://both.example/']}}))
    expect(registries.map(({host, scheme, insecure}) => [host, scheme, insecure?.value])).toEqual([
      ['plain.example:5000', 'http', 'plain.example:5000'], ['tls.example', undefined, 'tls.example'], ['both.example', undefined, 'both.example/'],
    ])
  })

  test.each(['../../etc/passwd', 'a b', '-x.example', 'reg.example:port', `${'a'.repeat(300)}.example`])('leave out the insecure registry %s, which is no name', async (entry) => {
    const needs = await needsOf(dockerNode({daemon: {'insecure-registries': [entry]}}))
    expect(needs.registries).toEqual([])
    expect(remarksOn(needs, /is not the name of a registry/)).toMatchObject([{level: 'loss', source: '/etc/docker/daemon.json:2'}])
  })

  test('take an IPv6 address with its port', async () => {
    const {registries} = await needsOf(dockerNode({daemon: {'insecure-registries': ['[fd00::1]:5000']}}))
    expect(registries.map(({host}) => host)).toEqual(['[fd00::1]:5000'])
  })

  test('in a range are those that images of pods name by their address', async () => {
    const needs = await needsOf(dockerNode({
      daemon: {'insecure-registries': ['10.20.0.0/16', 'fd00::/8']}, ...pods('10.20.255.1:5000/a', '10.21.0.1:5000/b', 'reg.example/c', '999.20.0.1/d'),
    }))
    expect(needs.registries).toEqual([{host: '10.20.255.1:5000', mirrors: [], insecure: {value: '10.20.0.0/16', source: '/etc/docker/daemon.json:2'}}])
    expect(remarksOn(needs, /10\.20\.0\.0\/16.*only 10\.20\.255\.1:5000/)).toMatchObject([{level: 'loss', next: expect.stringContaining('host and port') as string}])
    expect(remarksOn(needs, /fd00::\/8.*no image/)).toHaveLength(1)
  })

  test('at loopback addresses are told where images are named so, and only there', async () => {
    const used = await needsOf(dockerNode({...pods('localhost:5000/a', '127.0.0.1:5001/b', 'localhost/c', 'reg.example/d')}))
    expect(used.registries.map(({host, insecure}) => [host, insecure?.source])).toEqual([
      ['localhost:5000', 'default of dockerd: 127.0.0.0/8'], ['127.0.0.1:5001', 'default of dockerd: 127.0.0.0/8'],
    ].toSorted(([a], [b]) => used.registries.findIndex(({host}) => host === a) - used.registries.findIndex(({host}) => host === b)))
    expect(remarksOn(used, /for insecure without being told|localhost\/…/).map(({level}) => level)).toEqual(['note', 'note', 'note'])
    const unused = await needsOf(dockerNode({daemon: {'insecure-registries': ['127.0.0.0/8', '::1/128']}}))
    expect(unused.registries).toEqual([])
    expect(remarksOn(unused, /127\.0\.0/)).toEqual([])
  })

  test('have a loopback address that is told with the place where it is told', async () => {
    const {registries} = await needsOf(dockerNode({daemon: {'insecure-registries': ['localhost:5000']}, ...pods('localhost:5000/a')}))
    expect(registries.map(({insecure}) => insecure?.source)).toEqual(['/etc/docker/daemon.json:2'])
  })

  test('have the folders of certificates by their names', async () => {
    const {certificates} = await needsOf(dockerNode({
      daemon: {}, files: {'/etc/docker/certs.d/reg.example:5000/ca.crt': 'x', '/etc/docker/certs.d/other.example/client.cert': 'x'},
    }))
    expect(certificates).toEqual({
      'reg.example:5000': {value: '/etc/docker/certs.d/reg.example:5000', source: '/etc/docker/certs.d/reg.example:5000'},
      'other.example': {value: '/etc/docker/certs.d/other.example', source: '/etc/docker/certs.d/other.example'},
    })
  })

  test('have no credentials, which are named only', async () => {
    const needs = await needsOf(dockerNode({daemon: {}, files: {'/root/.docker/config.json': '{"auths": {"reg.example": {"auth": "geheim"}}}'}}))
    expect(remarksOn(needs, /registry credentials in \/root\/\.docker\/config\.json/)).toMatchObject([{level: 'note'}])
    expect(JSON.stringify(needs)).not.toContain('geheim')
  })
})

describe('registries of containerd', () => {
  const CONFIG = `version = 2
[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
  endpoint = ["https://mirror.example", "https://registry-1.docker.io"]
[plugins."io.containerd.grpc.v1.cri".registry.mirrors."plain.example:5000"]
  endpoint = ["http://plain.example:5000"]
[plugins."io.containerd.grpc.v1.cri".registry.mirrors."*"]
  endpoint = ["https://all.example", "no url"]
[plugins."io.containerd.grpc.v1.cri".registry.configs."tls.example".tls]
  insecure_skip_verify = true
  ca_file = "/etc/ca.crt"
[plugins."io.containerd.grpc.v1.cri".registry.configs."tls.example".auth]
  password = "geheim"
`
  const node = (config: string, target: 'containerd' | 'cri-o' = 'containerd') => needsOf({
    upgrade: {target}, processes: {640: '/usr/bin/containerd', 700: '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
    files: {'/etc/containerd/config.toml': config},
  })

  test('are those of registry.mirrors and registry.configs, with their lines', async () => {
    const {registries} = await node(CONFIG)
    const path = '/etc/containerd/config.toml'
    expect(registries).toEqual([
      {host: 'docker.io', mirrors: [{value: 'https://mirror.example', source: `${path}:2`}]},
      {host: 'plain.example:5000', mirrors: [], insecure: {value: 'http://plain.example:5000', source: `${path}:4`}, scheme: 'http'},
      {host: '_default', mirrors: [{value: 'https://all.example', source: `${path}:6`}]},
      {host: 'tls.example', mirrors: [], insecure: {value: 'tls.example', source: `${path}:8`}, scheme: 'https'},
    ])
  })

  test('name certificates and credentials, and copy none', async () => {
    const needs = await node(CONFIG)
    expect(remarksOn(needs, /certificates for tls\.example.*\/etc\/ca\.crt/)).toHaveLength(1)
    expect(remarksOn(needs, /credentials for tls\.example/)).toHaveLength(1)
    expect(JSON.stringify(needs)).not.toContain('geheim')
  })

  test('of a folder of hosts.toml files are lost on CRI-O', async () => {
    const config = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "/etc/containerd/certs.d"\n'
    expect(remarksOn(await node(config, 'cri-o'), /reads registries from \/etc\/containerd\/certs\.d/)).toMatchObject([{level: 'loss', source: '/etc/containerd/config.toml:3'}])
    expect(remarksOn(await node(config), /certs\.d/)).toEqual([])
  })
})
