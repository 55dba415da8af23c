// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {isForPods} from '../lib/docker-settings.ts'

/** Files of the kubelet's keyring (kubernetes, pkg/credentialprovider/config.go); those of homes are docker's own. */
const KUBELETS = /^\/(?:var\/lib\/kubelet\/(?:config\.json|\.dockercfg)|\.docker\/config\.json|\.dockercfg)$/

export const checks = [
  nodeCheck({
    id: 'docker-registry-credentials',
    title: {pass: 'No registry credentials of Docker are on the node', fail: 'Registry credentials of Docker are on the node'},
    why:
      'What `docker login` stored is read by the docker command, and some of it by the kubelet. containerd, CRI-O and `crictl ' +
      'pull` read none of it: pulls by scripts, and the pull of a ' +
      'private pause image, fail with 401.',
    severity: 'low',
    fix: {
      containerd:
        'Use imagePullSecrets or a credential provider of the kubelet. Preload and pin a private pause image: `ctr -n k8s.io ' +
        'images pull --user USER IMAGE`.',
      'cri-o':
        'Use imagePullSecrets or a credential provider of the kubelet. For the pause image set pause_image_auth_file, for ' +
        'everything global_auth_file, in a drop-in of CRI-O.',
      'cri-dockerd': 'Nothing has to be done: the docker command and the kubelet go on reading them.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/containers/images/#using-a-private-registry',
    unproven: 'The contents are never read: whether the credentials are for anything that pods use is not known.',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['registryCredentials'],
    run({registryCredentials = []}, node) {
      if (!isForPods(node)) return []
      return registryCredentials.map((path): Outcome => {
        const text = KUBELETS.test(path)
          ? `${path} exists: the kubelet goes on using it for the images of pods; the new runtime does not, when it pulls the pause image itself.`
          : `${path} exists: the docker command reads it, and the kubelet only if this is its home; the new runtime does not.`
        return problem(path, text, {evidence: [{source: path, text: 'exists; its contents are never read'}]})
      })
    },
    examples: {
      fail: [{processes: {812: '/usr/bin/dockerd'}, files: {'/root/.docker/config.json': '{}', '/var/lib/kubelet/config.json': '{}'}}],
      pass: [{processes: {812: '/usr/bin/dockerd'}}, {files: {'/root/.docker/config.json': '{}'}}],
    },
  }),
]
