// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const FILES = (state: string, status = 'install ok installed') => ({
  '/var/lib/dpkg/info/docker.io.md5sums': 'x', '/var/lib/dpkg/info/containerd.md5sums': 'x', '/var/lib/apt/extended_states': state,
  '/var/lib/dpkg/status': `Package: containerd\nStatus: ${status}\nVersion: 1.6.20\n\nPackage: docker.io\nStatus: install ok installed\n`,
})
const AUTOMATIC = 'Package: containerd\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: docker.io\nAuto-Installed: 0\n'

export const checks = [
  nodeCheck({
    id: 'containerd-autoremoved',
    title: {pass: 'containerd stays when the packages of Docker are removed', fail: 'apt will remove containerd together with Docker'},
    why:
      'apt installed containerd only because Docker needs it. As soon as Docker is removed it is no longer needed, and `apt autoremove` or unattended-upgrades take it ' +
      'away from under the running pods: after the next restart the kubelet has no runtime.',
    severity: 'high',
    fix: 'Before Docker is removed: `apt-mark manual containerd.io` (or `containerd`), and look at `apt-get --simulate purge docker-ce` first.',
    learnMore: 'https://manpages.debian.org/stable/apt/apt-mark.8.en.html',
    unproven: 'Packages of rpm are not looked at: there, `dnf remove --assumeno docker-ce` tells what would go.',
    applies: ({target}) => target === 'containerd',
    needs: ['runtimePackages'],
    run({runtimePackages = []}) {
      const docker = runtimePackages.find(({name}) => /^(?:docker(?:\.io|-ce|-ee)|moby-engine)$/.test(name))
      if (docker === undefined) return []
      return runtimePackages.filter(({name, automatic, held}) => /containerd/.test(name) && automatic && !held).map(({name}): Outcome =>
        problem(name, `Package ${name} is installed only because ${docker.name} needs it: \`apt autoremove\` removes it once ${docker.name} is gone.`, {
          evidence: [{source: '/var/lib/apt/extended_states', text: `Package: ${name}, Auto-Installed: 1`}],
          fix: `Before Docker is removed: \`apt-mark manual ${name}\`, and look at \`apt-get --simulate purge ${docker.name}\` first.`,
        }))
    },
    examples: {
      fail: [{files: FILES(AUTOMATIC)}],
      pass: [{files: FILES('Package: runc\nAuto-Installed: 1\n')}, {files: FILES(AUTOMATIC, 'hold ok installed')}],
    },
  }),
]
