// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'

const CRIO = {640: '/usr/bin/crio'}

export const checks = [
  nodeCheck({
    id: 'crio-policy-missing',
    title: {pass: 'CRI-O has a policy of image signatures', fail: 'CRI-O has no policy of image signatures'},
    why:
      'CRI-O reads a policy before it pulls any image, and has none of its own. Without the file no image can be pulled and no pod sandbox made: ' +
      '"open /etc/containers/policy.json: no such file or directory".',
    severity: 'blocker',
    fix: {
      containerd: 'Nothing: containerd has no such policy.',
      'cri-o':
        'Install the package that brings it (containers-common; on Debian and Ubuntu golang-github-containers-common or cri-o itself), ' +
        'or write what takes images as Docker does: ' +
        '`echo \'{"default": [{"type": "insecureAcceptAnything"}]}\' > /etc/containers/policy.json`.',
      'cri-dockerd': 'Nothing: Docker has no such policy.',
    },
    learnMore: 'https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md',
    unproven: 'What CRI-O says without the file is from reports of users.',
    applies: ({target}) => target === 'cri-o',
    needs: ['imagePolicy'],
    run({imagePolicy}) {
      if (imagePolicy === undefined || imagePolicy.exists) return []
      const text = `There is no ${imagePolicy.path}, which CRI-O reads before it pulls an image: it pulls none.`
      return [problem('policy', text, {evidence: [{source: imagePolicy.path, text: 'no such file'}]})]
    },
    examples: {
      fail: [
        {processes: CRIO, upgrade: {target: 'cri-o'}},
        {
          processes: CRIO, upgrade: {target: 'cri-o'},
          files: {'/etc/crio/crio.conf': '[crio.image]\nsignature_policy = "/etc/crio/policy.json"\n', '/etc/containers/policy.json': '{}'},
        },
      ],
      pass: [
        {processes: CRIO, files: {'/etc/containers/policy.json': '{"default": [{"type": "insecureAcceptAnything"}]}'}, upgrade: {target: 'cri-o'}},
        {processes: CRIO}, {upgrade: {target: 'cri-o'}},
      ],
    },
  }),
]
