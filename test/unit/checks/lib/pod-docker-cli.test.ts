// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {dockerCommandOf, startsDockerd} from '../../../../src/checks/lib/pod-docker-cli.ts'
import {commandsIn} from '../../../../src/checks/lib/pod-shell.ts'

const found = (script: string) => commandsIn(script).map(dockerCommandOf).map((command) => command && [command.kind, command.what])

describe('a docker command', () => {
  test.each([
    ['docker build -t x .', ['build', 'docker build']], ['docker -H tcp://h:2375 --tlsverify push x', ['build', 'docker push']], ['docker --context c ps', ['client', 'docker ps']],
    ['docker image build .', ['build', 'docker image build']], ['docker load -i f', ['image', 'docker load']], ['docker-compose -f a.yml up -d', ['client', 'docker-compose up']],
    ['docker compose build', ['client', 'docker compose build']], ['docker buildx build .', ['build', 'docker buildx build']],
  ])('%s asks a daemon', (script, expected) => expect(found(script)).toEqual([expected]))

  test.each(['docker login r', 'docker --version', 'docker', 'docker context use c', 'docker buildx create --driver kubernetes', 'docker-compose config', 'dockerize -wait x', 'mydocker build', 'docker constructor'])(
    '%s asks none', (script) => expect(found(script)).toEqual([undefined]))

  test('names the daemon it asks', () => {
    expect(commandsIn('docker -H tcp://a:1 ps; docker --host=unix:///s ps').map((command) => dockerCommandOf(command)?.host)).toEqual(['tcp://a:1', 'unix:///s'])
  })
})

test('a daemon of its own is one that is not the service of the node', () => {
  expect(commandsIn('dockerd-entrypoint.sh --tls=false; service docker start; nsenter -t 1 -m systemctl start docker; docker start x').map(startsDockerd)).toEqual([true, true, false, false])
})
