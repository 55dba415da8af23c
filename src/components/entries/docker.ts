// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const docker: Component = {
  name: 'docker',
  aliases: ['docker cli', 'docker-ce-cli', 'docker client'],
  layer: 'client',
  role: 'client',
  brief: 'the Docker command line',
  what: 'Docker\'s command line: it sends each command to dockerd over HTTP.',
  why: 'It runs nothing itself. Scripts, CI jobs and people who use it on a node depend on dockerd staying there.',
  standards: [],
  calledBy: ['people', 'scripts'],
  calls: ['dockerd', 'Docker Compose', 'BuildKit'],
  history:
    '2013-03; one binary with the daemon until dockerd split off in 1.12 (2016-07); a package of its own since ' +
    '18.09 (2018-11).',
  see: 'docker version',
  sources: ['https://docs.docker.com/reference/cli/docker/', 'https://github.com/docker/cli'],
  fingerprints: [
    {program: 'docker'},
    {program: 'docker-current'},
    {program: 'docker-latest'},
    {program: 'com.docker.cli'},
  ],
}
