// SPDX-License-Identifier: Apache-2.0
import {describe, expect, it} from 'vitest'
import {flagMap} from '../../../../src/probes/parse/flags.ts'
import {carrierFlags, commandWords, parseKubeletArguments, platformConfigFlags, programOf} from '../../../../src/probes/parse/kubelet-args.ts'

describe('programOf', () => {
  it.each([
    ['/usr/bin/kubelet --config=/x', 'kubelet'],
    ['/hyperkube kubelet --v=2', 'hyperkube'],
    ['/usr/local/bin/k3s server', 'k3s'],
    ['k3s-agent --token=x', 'k3s'],
    ['/usr/local/bin/rke2 agent', 'rke2'],
    ['/snap/microk8s/1/kubelite --kubelet-args-file=/x', 'kubelite'],
    ['/usr/local/bin/k0s worker', 'k0s'],
    ['/opt/my-kubelet', 'kubelet'],
  ])('%s is %s', (line, program) => {
    expect(programOf(commandWords([line]))).toBe(program)
  })
})

describe('carrierFlags', () => {
  it('unpacks --kubelet-arg of k3s in both forms', () => {
    const {kubelet, platform} = carrierFlags('k3s', ['k3s', 'server', '--kubelet-arg=cgroup-driver=systemd', '--kubelet-arg', 'v=4', '--docker', '--token', 'SECRET'])
    expect(flagMap(kubelet)).toEqual({'cgroup-driver': 'systemd', v: '4'})
    expect(flagMap(platform)).toEqual({docker: 'true'})
  })

  it('unpacks --kubelet-extra-args of k0s', () => {
    const {kubelet, platform} = carrierFlags('k0s', ['k0s', 'worker', '--cri-socket', 'remote:unix:///x', '--kubelet-extra-args', '--a=1 --b 2'])
    expect(flagMap(kubelet)).toEqual({a: '1', b: '2'})
    expect(flagMap(platform)).toEqual({'cri-socket': 'remote:unix:///x'})
  })

  it('never repeats flags of a platform that may hold a secret', () => {
    const all = carrierFlags('rke2', ['rke2', 'server', '--token=SECRET', '--agent-token', 'SECRET', '--datastore-endpoint=mysql://u:SECRET@h'])
    expect(JSON.stringify(all)).not.toContain('SECRET')
  })

  it('finds the args file of microk8s', () => {
    expect(carrierFlags('kubelite', ['kubelite', '--kubelet-args-file=/snap/args/kubelet']).argsFile).toBe('/snap/args/kubelet')
  })
})

describe('files of arguments', () => {
  it('reads a file with one flag a line and comments', () => {
    expect(flagMap(parseKubeletArguments('--a=1\n# --b=2\n--c "x y"\n'))).toEqual({a: '1', c: 'x y'})
  })

  it('reads the configuration of k3s', () => {
    const flags = platformConfigFlags({'kubelet-arg': ['max-pods=10', 'v'], docker: true, token: 'SECRET', snapshotter: 'native'})
    expect(flagMap(flags.kubelet)).toEqual({'max-pods': '10', v: 'true'})
    expect(flagMap(flags.platform)).toEqual({docker: 'true', snapshotter: 'native'})
  })

  it('has nothing for a document that is no mapping', () => {
    expect(platformConfigFlags(['kubelet-arg'])).toEqual({kubelet: [], platform: []})
  })
})
