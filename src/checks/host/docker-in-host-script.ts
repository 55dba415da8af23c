// SPDX-License-Identifier: Apache-2.0
import type {PerTarget, Severity} from '../../model/check.ts'
import type {HostScript} from '../../model/node/host.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {type DockerHit, dockerHitsIn, dockerHitsInCode, eachText, hitProofs} from '../lib/scripts.ts'

const BY_KIND: Readonly<Record<HostScript['when'], {readonly severity: Severity; readonly who: string}>> = {
  schedule: {severity: 'high', who: 'is run by cron'},
  boot: {severity: 'high', who: 'is run at every start of the host'},
  'new-node': {severity: 'medium', who: 'is run by cloud-init when a node is made'},
  login: {severity: 'low', who: 'is read by login shells'},
  'by-hand': {severity: 'medium', who: 'is a program of the administrator'},
}

const WHAT: Readonly<Record<DockerHit['kind'], string>> = {
  command: 'calls docker', image: 'moves images with docker', service: 'controls or watches dockerd', socket: 'names a socket of Docker',
  config: 'uses the configuration of Docker', data: "uses Docker's data folder", package: 'installs Docker',
}

const COMMANDS: Readonly<Record<'containerd' | 'cri-o', string>> = {
  containerd:
    'Use `crictl ps`, `crictl logs`, `crictl exec`, `crictl rmi --prune` for what belongs to pods, `nerdctl` or a systemd unit for ' +
    'containers of the host; restart `containerd.service`; its files are in /etc/containerd and /var/lib/containerd.',
  'cri-o':
    'Use `crictl ps`, `crictl logs`, `crictl exec`, `crictl rmi --prune` for what belongs to pods, `podman` or a systemd unit for ' +
    'containers of the host; restart `crio.service`; its files are in /etc/crio, /etc/containers and /var/lib/containers.',
}
const IMAGES: Readonly<Record<'containerd' | 'cri-o', string>> = {
  containerd:
    ' Images: `ctr --namespace k8s.io images import FILE` for `docker load`, `images export FILE NAME` for `save`, `images tag OLD NEW` for `tag`, ' +
    '`crictl pull` for `pull`. Without that namespace the kubelet does not see them.',
  'cri-o':
    ' Images: `skopeo copy docker-archive:FILE containers-storage:NAME` for `docker load`, the other way round for `save`, `podman tag` for `tag`, ' +
    '`crictl pull` for `pull`.',
}

function fixOf(images: boolean): PerTarget {
  return {
    containerd: COMMANDS.containerd + (images ? IMAGES.containerd : ''), 'cri-o': COMMANDS['cri-o'] + (images ? IMAGES['cri-o'] : ''),
    'cri-dockerd': 'Nothing: Docker stays.',
  }
}

export const checks = [
  nodeCheck({
    id: 'docker-in-host-script',
    title: {pass: 'No script or job of the host uses Docker', fail: 'A script or job of the host uses Docker'},
    why:
      'Clean-up jobs, image preloading, backups and boot scripts that call docker, restart dockerd or edit its files do nothing useful ' +
      'once containers run elsewhere: images pile up, preloaded images are not there, and the failure is ' +
      'often only a mail of cron that nobody reads.',
    severity: 'high',
    fix: fixOf(false),
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    unproven: 'Which command a script calls through variables is not followed, nor what it reads from other files.',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['hostScripts'],
    run({hostScripts}) {
      return eachText(hostScripts, ({path, text, when, language}) => {
        const hits = language === 'shell' ? dockerHitsIn(text) : dockerHitsInCode(text)
        if (hits.length === 0) return []
        const {severity, who} = BY_KIND[when]
        const kinds = [...new Set(hits.map(({kind}) => kind))]
        const more = hits.length > 5 ? ` There are ${hits.length} such lines.` : ''
        return [problem(path, `${path} ${who}, and ${kinds.map((kind) => WHAT[kind]).join(', ')}: it will fail, or do nothing, without Docker.${more}`, {
          severity, evidence: hitProofs(path, hits), fix: fixOf(kinds.includes('image')),
        })]
      })
    },
    examples: {
      fail: [
        {files: {'/etc/cron.daily/docker-clean': '#!/bin/sh\nset -e\ndocker system prune --force\n'}},
        {files: {'/etc/cron.d/images': 'MAILTO=root\n*/5 * * * * root docker load -i /srv/images/app.tar && systemctl restart docker\n'}},
        {files: {'/usr/local/bin/preload.py': '#!/usr/bin/python3\nimport docker\nclient = docker.from_env()\n'}},
        {files: {'/etc/profile.d/aliases.sh': "alias dps='docker ps'\n"}},
        {files: {'/var/lib/cloud/instance/user-data.txt': '#cloud-config\nruncmd:\n  - [sh, -c, "apt-get install -y docker-ce"]\n'}},
      ],
      pass: [
        {files: {'/etc/cron.daily/clean': '#!/bin/sh\n# docker system prune --force\ncrictl rmi --prune\necho "docker ps is gone"\n'}},
        {files: {'/usr/local/bin/pull': '#!/bin/sh\ncrictl pull docker.io/library/nginx\n'}},
        {files: {'/etc/cron.daily/docker-clean': '#!/bin/sh\ndocker system prune --force\n'}, upgrade: {target: 'cri-dockerd'}},
      ],
    },
  }),
]
