// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {DnfContainerd} from '../../model/node/docker.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const FILES = (state: string, status = 'install ok installed') => ({
  '/var/lib/dpkg/info/docker.io.md5sums': 'x', '/var/lib/dpkg/info/containerd.md5sums': 'x', '/var/lib/apt/extended_states': state,
  '/var/lib/dpkg/status': `Package: containerd\nStatus: ${status}\nVersion: 1.6.20\n\nPackage: docker.io\nStatus: install ok installed\n`,
})
const AUTOMATIC = 'Package: containerd\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: docker.io\nAuto-Installed: 0\n'

const REASONS = '/usr/lib/sysimage/libdnf5/packages.toml'
const withDnf = (files: Readonly<Record<string, string>>) => ({
  processes: {650: '/usr/bin/dockerd'}, files: {'/etc/yum.repos.d/docker-ce.repo': '[docker-ce-stable]\n', ...files},
})

export const checks = [
  nodeCheck({
    id: 'containerd-autoremoved',
    title: {
      pass: 'containerd stays when the packages of Docker are removed',
      fail: 'The package manager will remove containerd together with Docker',
    },
    why:
      'containerd was installed only because Docker needs it. As soon as Docker is removed it is no longer needed: `apt autoremove` or ' +
      'unattended-upgrades take it away from under the running pods, dnf does so in the same step. After the ' +
      'next restart the kubelet has no runtime.',
    severity: 'high',
    fix:
      'Before Docker is removed: `apt-mark manual containerd.io` (or `containerd`), or `dnf mark user containerd.io` (dnf 4: `dnf mark ' +
      'install`). Look at `apt-get --simulate purge docker-ce` or `dnf remove --assumeno docker-ce` first.',
    learnMore: 'https://manpages.debian.org/stable/apt/apt-mark.8.en.html',
    unproven:
      'Why dnf 4 has a package is in its database, which is not read: that it goes is then possible only. ' +
      'Other tools for rpm (zypper) are not looked at.',
    applies: ({target}) => target === 'containerd',
    needs: ['runtimePackages', 'dnfContainerd'],
    run({runtimePackages = [], dnfContainerd}) {
      if (dnfContainerd !== undefined) return ofDnf(dnfContainerd)
      const docker = runtimePackages.find(({name}) => /^(?:docker(?:\.io|-ce|-ee)|moby-engine)$/.test(name))
      if (docker === undefined) return []
      return runtimePackages.filter(({name, automatic, held}) => /containerd/.test(name) && automatic && !held).map(({name}): Outcome =>
        problem(name, `Package ${name} is installed only because ${docker.name} needs it: \`apt autoremove\` removes it once ${docker.name} is gone.`, {
          evidence: [{source: '/var/lib/apt/extended_states', text: `Package: ${name}, Auto-Installed: 1`}],
          fix: `Before Docker is removed: \`apt-mark manual ${name}\`, and look at \`apt-get --simulate purge ${docker.name}\` first.`,
        }))
    },
    examples: {
      fail: [
        {files: FILES(AUTOMATIC)}, withDnf({[REASONS]: '[packages."containerd.io.x86_64"]\nreason = "Dependency"\n'}), withDnf({}),
      ],
      pass: [
        withDnf({[REASONS]: '[packages."containerd.io.x86_64"]\nreason = "User"\n'}), withDnf({'/etc/dnf/dnf.conf': '[main]\nclean_requirements_on_remove=False\n'}),
        {files: FILES('Package: runc\nAuto-Installed: 1\n')}, {files: FILES(AUTOMATIC, 'hold ok installed')}],
    },
  }),
]

/** dnf removes what nothing needs any more at once, unless it is told not to. */
function ofDnf({reason, cleans}: DnfContainerd): readonly Outcome[] {
  if (!cleans || reason === 'user') return []
  const fix =
    'Before Docker is removed: `dnf mark user containerd.io` (dnf 4: `dnf mark install containerd.io`), and look at `dnf remove ' +
    '--assumeno docker-ce` first.'
  if (reason === 'dependency') {
    const text = 'Package containerd.io is installed only because docker-ce needs it: `dnf remove docker-ce` removes both.'
    return [problem('containerd.io', text, {evidence: [{source: REASONS, text: 'containerd.io: Dependency'}], fix})]
  }
  const text =
    'dnf removes what nothing needs any more: whether that takes containerd.io away with docker-ce, `dnf ' +
    'remove --assumeno docker-ce` tells.'
  return [problem('containerd.io', text, {evidence: [{source: '/etc/dnf/dnf.conf', text: 'clean_requirements_on_remove is on'}], severity: 'low', fix})]
}
