// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {batches, layerSizes, totalBytes, type SizedImage} from '../../../src/images/batches.ts'

const GIB = 1024 ** 3

function sized(id: string, layers: Readonly<Record<string, number>>): SizedImage {
  const sizes = Object.values(layers)
  return {image: {id, layers: Object.keys(layers), size: sizes.reduce((sum, size) => sum + size, 0), os: 'linux', architecture: 'amd64', tags: []}, layerSizes: sizes}
}

test('sizes of layers are those of the steps that made one, or an even part of the whole', () => {
  const {image} = sized('a', {x: 10, y: 20})
  expect(layerSizes(image, [0, 10, 0, 20, 0])).toEqual([10, 20])
  expect(layerSizes(image, [30])).toEqual([15, 15])
  expect(layerSizes({...image, layers: []}, [])).toEqual([])
})

test('shared layers and those that are there count once and not at all', () => {
  const images = [sized('a', {base: 100, a: 1}), sized('b', {base: 100, b: 2}), sized('c', {there: 1000})]
  expect(totalBytes(images, (digest) => digest === 'there')).toBe(103)
})

test('an archive has images that share layers, up to a size', () => {
  const images = [sized('1', {a: GIB, one: 1}), sized('2', {b: GIB, two: 1}), sized('3', {a: GIB, three: 1}), sized('4', {b: GIB, four: 1}), sized('5', {c: 5 * GIB})]
  expect(batches(images).map((portion) => portion.map(({image}) => image.id))).toEqual([['1', '3'], ['4', '2'], ['5']])
})

test('an archive has no more than 50 images', () => {
  expect(batches(Array.from({length: 120}, (_, index) => sized(String(index), {base: 1}))).map((portion) => portion.length)).toEqual([50, 50, 20])
})
