// SPDX-License-Identifier: Apache-2.0
import {CLIError} from '@oclif/core/errors'
import {describe, expect, test} from 'vitest'
import {describeFailure} from '../../../src/cli/failure.ts'
import {UserError} from '../../../src/model/user-error.ts'

describe('describeFailure', () => {
  test('a failure the user can mend keeps its message, next step and status', () => {
    const error = new UserError('cannot read node.jsonl', 'Check the path.', 8)
    expect(describeFailure(error)).toEqual({message: 'cannot read node.jsonl', next: 'Check the path.', exitCode: 8})
  })

  test('a message of oclif becomes one line without colour', () => {
    const error = new CLIError('Missing 1 required arg:\n\u001B[2mshell  (bash|zsh)\u001B[22m\nSee more help with --help')
    expect(describeFailure(error)).toEqual({
      message: 'Missing 1 required arg: shell (bash|zsh).',
      next: 'See `rtctl --help`.',
      exitCode: 2,
    })
  })

  test('anything else is a bug, told with its stack', () => {
    const failure = describeFailure(new TypeError('x is not a function'))
    expect(failure.message).toMatch(/^a bug in rtctl: TypeError: x is not a function\n {4}at /)
    expect(failure.next).toBeUndefined()
    expect(failure.exitCode).toBe(1)
  })

  test.each([['a string'], [undefined], [null], [{}]])('%j thrown is a bug too', (thrown) => {
    expect(describeFailure(thrown).exitCode).toBe(1)
  })
})
