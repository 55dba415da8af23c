// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'
import {ofHost} from '../lib/units.ts'

const HOOK = {'/usr/share/containers/oci/hooks.d/oci-nvidia-hook.json': '{"version":"1.0.0"}'}

export const checks = [
  nodeCheck({
    id: 'oci-hooks',
    title: {pass: 'OCI hooks of the host mean the same with the new runtime', fail: 'OCI hooks of the host will start, or cease, to run'},
    why:
      'Of the runtimes only CRI-O (and Podman) run the hooks in /usr/share/containers/oci/hooks.d for every container that matches. On ' +
      'the way to CRI-O hooks that did nothing so far start to act on pods; on the way from it they end, and ' +
      'GPUs or audit are missing in containers.',
    severity: 'medium',
    fix: {
      containerd: 'Move what the hooks do to an NRI plugin, to CDI device specifications, or to a `base_runtime_spec`.',
      'cri-o': 'Read each hook and its `when` conditions; remove those that pods must not get, or set `hooks_dir` of crio.conf.',
      'cri-dockerd': 'Move what the hooks do to an OCI runtime of its own in daemon.json.',
    },
    learnMore: 'https://github.com/cri-o/cri-o/blob/main/docs/crio.conf.5.md',
    unproven: 'Which containers a hook matches is not worked out.',
    needs: ['ociHooks'],
    run({ociHooks = []}, {upgrade, facts}) {
      const crio = ofHost(facts, facts.crios).some(({pid}) => pid !== undefined)
      const starts = upgrade.target === 'cri-o' && !crio
      const ends = upgrade.target !== 'cri-o' && crio
      if (ociHooks.length === 0 || (!starts && !ends)) return []
      const count = ociHooks.length === 1 ? 'An OCI hook' : `${ociHooks.length} OCI hooks`
      return [problem('hooks', `${count} of this host will ${starts ? 'start to run for containers of pods' : 'no longer run for containers of pods'}.`, {
        evidence: ociHooks.slice(0, 5).map((source) => ({source, text: 'OCI hook'})),
      })]
    },
    examples: {
      fail: [
        {upgrade: {target: 'cri-o'}, files: HOOK},
        {files: HOOK, processes: {640: '/usr/bin/crio'}},
      ],
      pass: [{files: HOOK, processes: {650: '/usr/bin/dockerd'}}, {upgrade: {target: 'cri-o'}}],
    },
  }),
]
