// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {connectError, malformedError, statusError} from '../../../src/cri/errors.ts'

test.each([
  ['ENOENT', 'no-socket'],
  ['ENOTDIR', 'no-socket'],
  ['EISDIR', 'is-directory'],
  ['EACCES', 'permission'],
  ['EPERM', 'permission'],
  ['ECONNREFUSED', 'nobody-listens'],
  ['EAGAIN', 'deadline'],
  ['EMFILE', 'other'],
  [undefined, 'not-grpc'],
])('a connection that ends with %s is %s', (errno, kind) => {
  expect(connectError(errno).kind).toBe(kind)
})

test('a disabled CRI plugin and an old one answer alike, a missing call differs', () => {
  expect(statusError(12, 'unknown service runtime.v1.RuntimeService').kind).toBe('unknown-service')
  expect(statusError(12, 'unknown method RuntimeConfig for service runtime.v1.RuntimeService').kind).toBe('unimplemented')
})

test('the words of a runtime are kept, those of the transport are not', () => {
  expect(statusError(2, 'failed to get sandbox image').message).toBe('failed to get sandbox image')
  expect(statusError(4, 'Deadline exceeded after 3.002s,LB pick: 0.001s,remote_addr=/run/x.sock').message).toBe('no answer in time')
})

test('what made an answer unreadable is told', () => {
  expect(malformedError(new RangeError('premature EOF')).message).toContain('premature EOF')
  expect(malformedError('nothing').kind).toBe('malformed')
})
