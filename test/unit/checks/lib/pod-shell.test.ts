// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {commandsIn, commandsOfArgv, programName} from '../../../../src/checks/lib/pod-shell.ts'

const words = (script: string) => commandsIn(script).map((command) => command.words.join(' '))

describe('the commands of a script', () => {
  test.each([
    ['are split at newlines and operators', 'a 1; b 2 && c|d\ne', ['a 1', 'b 2', 'c', 'd', 'e']],
    ['are none in comments', '# docker build\na # docker run\n', ['a']],
    ['are none in quotes', 'echo "docker build; docker run" \'a; b\'', ['echo docker build; docker run a; b']],
    ['are found behind assignments and runners', 'A=1 sudo -E docker ps; exec timeout 5 docker info', ['docker ps', 'docker info']],
    ['are found in substitutions, also in quotes', 'for i in $(docker ps -q); do x "$(docker inspect $i)"; done', ['for i in $()', 'docker ps -q', 'x $()', 'docker inspect $i', 'done']],
    ['are found in backticks', 'id=`docker ps -q`', ['docker ps -q']],
    ['go on behind a backslash at the end of the line', 'docker build \\\n  -t x .', ['docker build -t x .']],
    ['are none in here-documents', 'cat > f <<EOF\ndocker build .\nEOF\nb', ['cat > f', 'b']],
    ['are found behind sh -c', 'bash -ec "docker build . && x"', ['docker build .', 'x']],
    ['lose the folder of the program', '/usr/bin/docker ps', ['docker ps']],
    ['keep a hash within a word', 'id=${id#docker://}; a b#c', ['a b#c']],
  ])('%s', (_, script, expected) => expect(words(script).toSorted()).toEqual([...expected].toSorted()))

  test('have the line they begin at', () => {
    expect(commandsIn('a\n\n# c\nb \\\n x\n"c\nd"\ne').map(({line}) => line)).toEqual([1, 4, 6, 8])
    expect(commandsIn("x\nsh -c '\ndocker ps'").map(({words: [program], line}) => [program, line])).toEqual([['x', 1], ['docker', 3]])
  })

  test('are told to run on the node by nsenter and chroot', () => {
    expect(commandsIn('nsenter -t 1 -m -- docker ps; chroot /host docker rm x; docker info').map(({words: [program, verb], onHost}) => [program, verb, onHost]))
      .toEqual([['docker', 'ps', true], ['docker', 'rm', true], ['docker', 'info', false]])
    expect(commandsOfArgv(['nsenter', '--target', '1', '--mount', '/bin/sh', '-c', 'docker ps']).map(({onHost}) => onHost)).toEqual([true])
  })

  test('come to an end for every text, however broken', () => {
    fc.assert(fc.property(fc.string({unit: fc.constantFrom(...'ab \n"\'`$()|;&<#\\-'), maxLength: 200}), (script) => {
      for (const command of commandsIn(script)) expect(command.words.length).toBeGreaterThan(0)
    }), {numRuns: 500})
  })

  test('take time in proportion to the text', () => {
    const start = performance.now()
    commandsIn('$('.repeat(100_000))
    commandsIn('"`'.repeat(100_000))
    commandsIn('sh -c "'.repeat(30_000))
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

test('a program is named without folder and .exe', () => {
  expect([programName('/usr/bin/docker'), programName('C:\\docker\\docker.exe'), programName('docker')]).toEqual(['docker', 'docker', 'docker'])
})
