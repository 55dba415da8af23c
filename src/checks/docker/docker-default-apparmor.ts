// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'
import {isForPods} from '../lib/docker-settings.ts'

const PROFILES = '/sys/kernel/security/apparmor/profiles'
const LOADED = 'docker-default (enforce)\n/usr/sbin/chronyd (enforce)\n'

export const checks = [
  nodeCheck({
    id: 'docker-default-apparmor',
    title: {pass: 'Containers are not confined by docker-default', fail: 'Containers are confined by the AppArmor profile that only dockerd loads'},
    why:
      'dockerd loads docker-default when it starts. After the move containers run under the profile of the new runtime, and ' +
      'after the next boot docker-default is not there: what names it ' +
      '(pods, seccomp and audit rules, scripts) finds nothing.',
    severity: 'info',
    fix: {
      containerd:
        'Nothing, unless something names docker-default: containerd loads cri-containerd.apparmor.d. Rules and alerts on ' +
        'profile="docker-default" have to name that one.',
      'cri-o':
        'Nothing, unless something names docker-default: CRI-O loads crio-default. Rules and alerts on ' +
        'profile="docker-default" have to name that one.',
      'cri-dockerd': 'Nothing has to be done: dockerd stays, and goes on loading it.',
    },
    learnMore: 'https://docs.docker.com/engine/security/apparmor/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerApparmor'],
    run({dockerApparmor}, node) {
      if (dockerApparmor !== true || !isForPods(node)) return []
      const text =
        'The AppArmor profile docker-default is loaded, by dockerd: what Docker confines runs under it, and ' +
        'will run under that of the new runtime.'
      return [problem('docker-default', text, {
        evidence: [{source: PROFILES, text: 'docker-default (enforce)'}],
      })]
    },
    examples: {
      fail: [{processes: {812: '/usr/bin/dockerd'}, files: {[PROFILES]: LOADED}}],
      pass: [{processes: {812: '/usr/bin/dockerd'}, files: {[PROFILES]: '/usr/sbin/chronyd (enforce)\n'}}, {files: {[PROFILES]: LOADED}}],
    },
  }),
]
