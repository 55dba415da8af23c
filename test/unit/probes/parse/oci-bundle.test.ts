// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseOciConfig, parsePidFile, parseShimOptions} from '../../../../src/probes/parse/oci-bundle.ts'

describe('parseOciConfig', () => {
  it('reads arguments, annotations and the cgroup path', () => {
    const text = JSON.stringify({
      ociVersion: '1.0.2', process: {args: ['/pause'], env: ['A=1']}, annotations: {'io.kubernetes.cri.container-type': 'sandbox'},
      linux: {cgroupsPath: 'kubepods.slice:cri-containerd:1', seccomp: {}},
    })
    expect(parseOciConfig(text)).toEqual({
      args: ['/pause'], annotations: {'io.kubernetes.cri.container-type': 'sandbox'}, cgroupsPath: 'kubepods.slice:cri-containerd:1',
    })
  })

  it('leaves out what is missing or of the wrong type', () => {
    expect(parseOciConfig('{"process": null, "annotations": ["x"], "linux": {"cgroupsPath": 3}}')).toEqual({args: [], annotations: {}})
  })

  it('tells whether a container mounts anything of the host', () => {
    const alone = (...mounts: readonly unknown[]) => parseOciConfig(JSON.stringify({mounts})).onlyOwnMounts
    const id = '4f'.repeat(32)
    const pod = '/var/lib/kubelet/pods/0a0d346f-0a9e-4135-b7e2-24551dbbceb7'
    const bind = (source: string) => ({type: 'bind', source, destination: '/x'})
    expect(alone()).toBe(true)
    expect(alone({type: 'proc', source: 'proc'}, bind(`/var/lib/docker/containers/${id}/hosts`), bind(`/data/docker/containers/${id}/mounts/shm`))).toBe(true)
    expect(alone(bind(`/run/containerd/io.containerd.grpc.v1.cri/sandboxes/${id}/shm`), bind(`${pod}/etc-hosts`), bind(`${pod}/containers/web/15a9bd7c`))).toBe(true)
    expect(alone(bind(`${pod}/volumes/kubernetes.io~secret/token`))).toBe(true)
    for (const source of [
      '/run/docker.sock', '/run', '/', `/var/lib/docker/containers/${id}`, '/var/lib/docker/containers', `${pod}/volumes/kubernetes.io~csi/data/mount`,
      `${pod}/volumes/kubernetes.io~empty-dir/shared`, `${pod}/volumes/kubernetes.io~secret/..`, `/x/../containers/${id}/hosts`, `${pod}/volume-subpaths/a/b/0`,
    ]) expect(alone({type: 'tmpfs', source: 'tmpfs'}, bind(source)), source).toBeUndefined()
    expect(alone({destination: '/x'})).toBeUndefined()
    expect(parseOciConfig('{}').onlyOwnMounts).toBeUndefined()
  })

  it('does not take inherited properties for content', () => {
    expect(parseOciConfig('{"__proto__": {"annotations": {"a": "b"}}}').annotations).toEqual({})
  })

  it('throws only for text that is no JSON object', () => {
    for (const text of ['', '{"a":', '[1]', 'null', '"x"']) expect(() => parseOciConfig(text)).toThrow()
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('process', 'annotations', 'linux'), fc.jsonValue()), (config) => {
      expect(parseOciConfig(JSON.stringify(config)).args.every((word) => typeof word === 'string')).toBe(true)
    }))
  })
})

describe('parsePidFile', () => {
  it('reads a number', () => {
    expect([parsePidFile('1838'), parsePidFile(' 7\n')]).toEqual([1838, 7])
  })

  it.each(['', '0', '-1', '1 2', '1e3', '99999999999', 'abc'])('refuses %j', (text) => {
    expect(() => parsePidFile(text)).toThrow('not a pid')
  })
})

describe('parseShimOptions', () => {
  it('reads what dockerd tells the shim', () => {
    expect(parseShimOptions('{"binary_name":"runc","root":"/var/run/docker/runtime-runc","systemd_cgroup":true}')).toEqual({
      binary: 'runc', root: '/var/run/docker/runtime-runc',
    })
  })

  it('has nothing for the options of the CRI plugin', () => {
    expect(parseShimOptions('{"binary_name":"","systemd_cgroup":true}')).toEqual({})
  })
})
