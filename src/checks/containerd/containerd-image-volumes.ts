// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {criTablesOf, filesForPods, filesInForce, jsonAt, placeToEdit, proofAt} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const CRI = '[plugins."io.containerd.grpc.v1.cri"]\n'

export const checks = [
  nodeCheck({
    id: 'containerd-image-volumes',
    title: {pass: 'Containers get the volumes that their images declare', fail: 'Containers do not get the volumes that their images declare'},
    why:
      'Docker gives a container a volume for each VOLUME of its image, with what the image has there in it. With ' +
      '`ignore_image_defined_volumes = true` containerd makes none: programs write into the layer of the container, which is slower, counts ' +
      'against ephemeral-storage, and is read-only with readOnlyRootFilesystem.',
    severity: 'medium',
    fix: {
      containerd: 'Remove `ignore_image_defined_volumes`, or declare an emptyDir in the pods of such images.',
      'cri-o': 'Nothing: CRI-O does not use containerd; its setting is `image_volumes` (`mkdir` by default, `bind` makes volumes).',
      'cri-dockerd': 'Nothing: Docker does not use the CRI part of containerd.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/cri/config.md',
    unproven: 'Whether an image of this node declares a volume is not looked at.',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      return filesInForce(filesForPods(containerdConfigs, node), node).flatMap((file) => criTablesOf(file).flatMap(({table, path}): readonly Outcome[] => {
        if (jsonAt(table, 'ignore_image_defined_volumes') !== true) return []
        return [problem(file.path, `${placeToEdit(file.path)} tells containerd to make no volume for what images declare as VOLUME; Docker makes them.`, {
          evidence: [proofAt(file, [...path, 'ignore_image_defined_volumes'], 'ignore_image_defined_volumes = true')],
        })]
      }))
    },
    examples: {
      fail: [{
        processes: {640: '/usr/bin/containerd'},
        files: {'/etc/containerd/config.toml': `version = 2\n${CRI}  ignore_image_defined_volumes = true\n`},
      }],
      pass: [{
        processes: {640: '/usr/bin/containerd'},
        files: {'/etc/containerd/config.toml': `version = 2\n${CRI}  ignore_image_defined_volumes = false\n`},
      }],
    },
  }),
]
