// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {settingsOfUnit} from '../lib/docker-units.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const FIX = 'Remove MountFlags= from the unit and its drop-ins, then `systemctl daemon-reload` and restart it on a drained node.'

export const checks = [
  nodeCheck({
    id: 'runtime-mount-flags',
    title: {pass: 'Mounts of pods reach the host', fail: 'A unit keeps mounts of pods from the host'},
    why:
      'With MountFlags=slave or private a runtime has a mount namespace whose mounts never reach the host: volumes with ' +
      'Bidirectional propagation, as CSI drivers use, are empty for other ' +
      'pods, and unmounts on the host leave them busy in the runtime.',
    severity: 'high',
    fix: {containerd: FIX, 'cri-o': FIX, 'cri-dockerd': FIX},
    learnMore: 'https://kubernetes.io/docs/concepts/storage/volumes/#mount-propagation',
    needs: [],
    run(_known, {facts: {units}, upgrade: {target}}) {
      const runs = {containerd: 'containerd.service', 'cri-o': 'crio.service', 'cri-dockerd': 'docker.service'}[target]
      return ['docker.service', 'containerd.service', 'crio.service'].flatMap((unit): readonly Outcome[] => {
        const flags = settingsOfUnit(units, unit, 'Service.MountFlags').at(-1)
        if (flags === undefined || !/\b(?:slave|private)\b/.test(flags.value)) return []
        const text = unit === runs
          ? `${unit} has MountFlags=${flags.value}: mounts that pods make do not reach the host.`
          : `${unit} has MountFlags=${flags.value}: mounts that its pods make do not reach the host. See that it is not copied ` +
            'to the unit of the new runtime.'
        return [problem(unit, text, {evidence: [{source: flags.source, text: `MountFlags=${flags.value}`}], ...(unit !== runs && {severity: 'low'})})]
      })
    },
    examples: {
      fail: [
        {files: {'/usr/lib/systemd/system/docker.service': '[Service]\nExecStart=/usr/bin/dockerd\nMountFlags=slave\n'}},
        {files: {'/usr/lib/systemd/system/containerd.service': '[Service]\nExecStart=/usr/bin/containerd\nMountFlags=private\n'}},
      ],
      pass: [{files: {'/usr/lib/systemd/system/docker.service': '[Service]\nExecStart=/usr/bin/dockerd\nMountFlags=shared\n'}}],
    },
  }),
]
