// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {comesWithAtLeast} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {isForPods} from '../lib/docker-settings.ts'
import {CONTAINERD_CONFIG, criTable, fileStanza} from '../lib/docker-target.ts'
import {since} from '../tables/versions.ts'

const FOLDER = '/etc/docker/certs.d'
const CRIO =
  'Nothing has to be done: CRI-O reads /etc/docker/certs.d where /etc/containers/certs.d has nothing for the registry. Better ' +
  'move the folders there.'

export const checks = [
  nodeCheck({
    id: 'docker-registry-certificates',
    title: {pass: 'No registry has certificates that only Docker reads', fail: 'A registry has certificates that only Docker reads'},
    why:
      'dockerd takes the CA and the client certificate of a registry from /etc/docker/certs.d. containerd does so only where ' +
      'its config_path says: without, pulls fail with "certificate signed by unknown authority".',
    severity: 'high',
    fix: {
      containerd:
        'Move the folders to /etc/containerd/certs.d, and point config_path of the CRI plugin there: the layout of Docker is ' +
        'understood where there is no hosts.toml.',
      'cri-o': CRIO,
      'cri-dockerd': 'Nothing has to be done: dockerd stays, and goes on reading them.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/hosts.md',
    unproven: 'Whether a certificate in the trust store of the host makes it needless was not looked at.',
    applies: ({target}) => target === 'containerd',
    needs: ['dockerCertificates', 'registryTexts'],
    run({dockerCertificates = [], registryTexts = []}, node) {
      if (!isForPods(node)) return []
      const paths = registryTexts.filter(({path}) => path === CONTAINERD_CONFIG).flatMap(({text}) => text.split('\n').filter((line) => /^\s*config_path\s*=/.test(line)))
      // where it is not told otherwise, containerd 2.2 and later look there too
      const byDefault = paths.length === 0 && comesWithAtLeast(node, since('containerd-config-path-default'))
      const readsDockers = byDefault || paths.some((line) => line.includes(FOLDER))
      const known = (registry: string) => registryTexts.some(({path}) => path === `/etc/containerd/certs.d/${registry}/hosts.toml`)
      return readsDockers ? [] : dockerCertificates.filter((registry) => !known(registry)).map((registry): Outcome =>
        problem(registry, `Certificates for ${registry} are in ${FOLDER}/${registry}, where containerd does not look.`, {
          evidence: [{source: `${FOLDER}/${registry}`, text: 'certificates for dockerd'}],
          fix: {
            containerd:
              `mkdir -p /etc/containerd/certs.d && cp -a ${FOLDER}/${registry} ` +
              `/etc/containerd/certs.d/\n\n` +
              fileStanza(CONTAINERD_CONFIG, criTable(node.upgrade, 'images', 'registry'), '  config_path = "/etc/containerd/certs.d"'),
            'cri-o': CRIO, 'cri-dockerd': 'Nothing has to be done: dockerd stays, and goes on reading them.',
          },
        }))
    },
    examples: {
      fail: [{processes: {812: '/usr/bin/dockerd'}, files: {'/etc/docker/certs.d/registry.example.com:5000/ca.crt': ''}}],
      pass: [
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {
            '/etc/docker/certs.d/registry.example.com:5000/ca.crt': '',
            '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "/etc/containerd/certs.d:/etc/docker/certs.d"\n',
          },
        },
        {upgrade: {containerd: '2.2'}, processes: {812: '/usr/bin/dockerd'}, files: {'/etc/docker/certs.d/registry.example.com:5000/ca.crt': ''}},
        {processes: {640: '/usr/bin/containerd'}},
      ],
    },
  }),
]
