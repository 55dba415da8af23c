// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseKubeletConfig} from '../../../../src/probes/parse/kubelet-config.ts'

describe('parseKubeletConfig', () => {
  it('reads the keys it knows, from YAML as kubeadm writes it', () => {
    const text = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ncgroupDriver: systemd\nfailSwapOn: false\n'
      + 'clusterDNS:\n- 10.96.0.10\ncontainerRuntimeEndpoint: unix:///run/containerd/containerd.sock\nevictionHard:\n  memory.available: 100Mi\n'
    expect(parseKubeletConfig(text)).toEqual({
      containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock', cgroupDriver: 'systemd', failSwapOn: false, evictionHard: {'memory.available': '100Mi'},
    })
  })

  it('reads JSON too', () => {
    expect(parseKubeletConfig('{"cgroupDriver": "cgroupfs", "enforceNodeAllocatable": ["pods"]}')).toEqual({cgroupDriver: 'cgroupfs', enforceNodeAllocatable: ['pods']})
  })

  it('does not let aliases grow', () => {
    const bomb = `a: &a [x, x]\n${'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefg'[i]}, `.repeat(9)}*${'abcdefg'[i]}]\n`).join('')}evictionHard: *h\nfeatureGates: {A: true, B: *h}\n`
    expect(JSON.stringify(parseKubeletConfig(bomb)).length).toBeLessThan(200)
  })

  it('keeps hostile keys as keys', () => {
    const config = parseKubeletConfig('featureGates: {__proto__: true, X: false}\n__proto__: {cgroupDriver: evil}')
    expect(config['cgroupDriver']).toBeUndefined()
    expect(Object.keys(config['featureGates'] as object).sort()).toEqual(['X', '__proto__'])
  })

  it.each(['', '- a', '"text"', 'a: b: c', '{', '\u0000'])('refuses %j', (text) => {
    expect(() => parseKubeletConfig(text)).toThrow()
  })

  it('gives plain data or throws an Error, whatever the text is', () => {
    fc.assert(fc.property(fc.string({unit: fc.constantFrom(...'cgroupDriver: &*!|>-[]{},"\'\n #%@1'.split(''))}), (text) => {
      try {
        expect(JSON.stringify(parseKubeletConfig(text))).toMatch(/^\{/)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }))
  })
})
