// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {asQuantity, binaryBytes, decimalBytes, dockerSize, kubeletSize} from '../../../../src/checks/lib/bytes.ts'

describe('a size of the kubelet', () => {
  // what resource.ParseQuantity(…).AsInt64() of Kubernetes 1.20 answered for each
  test.each<[string, number | undefined]>([
    ['10Mi', 10_485_760], ['100M', 100_000_000], ['1.5G', 1_500_000_000], ['100k', 100_000], ['10Ki', 10_240], ['1e8', 100_000_000], ['1E8', 100_000_000],
    ['-1', -1], ['+5Mi', 5_242_880], ['10000Gi', 10_737_418_240_000], ['5Ti', 5_497_558_138_880], ['5.', 5], ['100000000', 100_000_000], ['1.50M', 1_500_000], ['2E', 2e18],
    ['100m', undefined], ['1000m', undefined], ['1.5Gi', undefined], ['0.5Gi', undefined], ['1.0Gi', undefined], ['.5Gi', undefined], ['100mb', undefined], ['100MB', undefined],
    ['100K', undefined], ['1e-1', undefined], ['', undefined], ['1Pi', undefined], ['9Ei', undefined], ['100 M', undefined], ['12345678901234567890', undefined], ['1u', undefined],
  ])('%s is %s bytes', (text, bytes) => expect(kubeletSize(text)).toBe(bytes))

  test('is any whole number of bytes as it is written', () => {
    fc.assert(fc.property(fc.integer({min: 0, max: Number.MAX_SAFE_INTEGER}), (bytes) => { expect(kubeletSize(String(bytes))).toBe(bytes) }))
  })

  test('is taken back from the quantity that a number of bytes is written as', () => {
    const sizes = fc.oneof(fc.integer({min: 1, max: 2 ** 40}), fc.integer({min: 1, max: 5000}).map((n) => n * 1e6), fc.integer({min: 1, max: 5000}).map((n) => n * 2 ** 20))
    fc.assert(fc.property(sizes, (bytes) => { expect(kubeletSize(asQuantity(bytes))).toBe(bytes) }))
  })

  test('never makes a text fail', () => { fc.assert(fc.property(fc.string(), (text) => { expect(['number', 'undefined']).toContain(typeof kubeletSize(text)) })) })
})

describe('a size of Docker', () => {
  test.each<[string, number | undefined]>([
    ['100m', 100_000_000], ['100MB', 100_000_000], ['100MiB', 100_000_000], ['1.5g', 1_500_000_000], ['10 k', 10_000], ['512', 512], ['0', undefined], ['-1', undefined], ['big', undefined],
  ])('%s is %s bytes: always powers of ten', (text, bytes) => expect(dockerSize(text)).toBe(bytes))
})

describe('bytes in words', () => {
  test.each([[300e6, '300 MB'], [3.6e9, '3.6 GB'], [999, '999 B'], [20_000, '20 kB']])('%s is %s', (bytes, text) => expect(decimalBytes(bytes)).toBe(text))
  test.each([[50 * 2 ** 20, '50 MiB'], [2500 * 2 ** 20, '2.4 GiB'], [0, '0 B']])('%s is %s', (bytes, text) => expect(binaryBytes(bytes)).toBe(text))
  test.each([[100e6, '100M'], [10 * 2 ** 20, '10Mi'], [1234, '1234'], [2e9, '2G']])('%s as a quantity is %s', (bytes, text) => expect(asQuantity(bytes)).toBe(text))
})
