// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {programVersion} from '../../../src/probes/program-versions.ts'

test.each([
  ['runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+b1\nspec: 1.0.2-dev\ngo: go1.19.8', '1.1.5+ds1'],
  ['crun version 1.8.1\ncommit: f8a096be060b22ccd3d5f3ebe44108517fbf6c30', '1.8.1'],
  ['runsc version release-20221122.0\nspec: 1.0.2', 'release-20221122.0'],
  ['Docker version 20.10.24+dfsg1, build 297e128', '20.10.24+dfsg1'],
  ['containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u1', '1.6.20~ds1'],
  ['containerd github.com/containerd/containerd/v2 v2.1.4 75cb2b7193e4e490e9fbdc236c0e811ccaba3376', '2.1.4'],
  ['crio version 1.28.0\nGitCommit: unknown', '1.28.0'],
])('reads the version in %j', (text, version) => {
  expect(programVersion(text)).toBe(version)
})

test.each(['', 'version', 'Segmentation fault', 'containerd', '\u001b[2Jno version here'])('%j holds no version', (text) => {
  expect(() => programVersion(text)).toThrow('no version in its answer')
})
