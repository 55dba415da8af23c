// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {userDataAsShell} from '../../../../src/probes/parse/cloud-config.ts'

describe('user data of cloud-init as a shell script', () => {
  test('is what lists run, each in its line', () => {
    const text = '#cloud-config\npackages:\n  - docker.io\nruncmd:\n  - docker pull x\n  - [ sh, -c, "docker ps; true" ]\n  - "systemctl restart docker"\n  # - docker rm\nfinal_message: docker ps\n'
    expect(userDataAsShell(text).split('\n')).toEqual(
      ['', '', 'docker.io', '', 'docker pull x', "'sh' '-c' 'docker ps; true'", 'systemctl restart docker', '', '', ''])
  })

  test('is the text of a file that it writes', () => {
    expect(userDataAsShell('#cloud-config\nwrite_files:\n  - path: /x\n    content: |\n      #!/bin/sh\n      docker ps\n').split('\n')[5]).toBe('docker ps')
  })

  test('is a script as it is', () => expect(userDataAsShell('#!/bin/bash\n  docker ps\n')).toBe('#!/bin/bash\n  docker ps\n'))

  test('keeps the numbers of lines, whatever it is', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      expect(userDataAsShell(text).split('\n')).toHaveLength(text.split('\n').length)
    }))
  })
})
