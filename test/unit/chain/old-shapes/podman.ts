// SPDX-License-Identifier: Apache-2.0
import {id, shape} from './shape.ts'

const USERDATA = `/var/lib/containers/storage/overlay-containers/${id(1)}/userdata`
const EXIT = ['--exit-command', '/usr/bin/podman', '--exit-command-arg', '--root', '--exit-command-arg', 'container']

/** No daemon: conmon below pid 1 holds the container; its arguments name podman only as what to call at the end. */
export const podman = shape(
  'Podman',
  [
    'https://github.com/podman-container-tools/podman/issues/17666',
    'https://github.com/podman-container-tools/podman/issues/6400',
    'https://github.com/podman-container-tools/podman/issues/9030',
  ],
  [
    [1, 0, undefined, '/usr/lib/systemd/systemd'],
    [
      22838, 1, 'conmon',
      [
        '/usr/bin/conmon', '--api-version', '1', '-c', id(1), '-u', id(1), '-r', '/usr/bin/crun', '-b', USERDATA,
        '-p', `${USERDATA}/pidfile`, '-n', 'admiring_moser', '--exit-dir', '/run/libpod/exits', '--full-attach',
        '-l', 'journald', '--log-level', 'warning', '--runtime-arg', '--log-format=json', ...EXIT,
      ],
    ],
    [22841, 22838, undefined, ['nginx: master process nginx -g daemon off;'], 'nginx'],
    [22900, 1, 'podman', '/usr/bin/podman --log-level=info system service'],
    [22910, 1, 'podman', ['podman'], 'podman pause'],
    [22950, 1, 'buildah', 'buildah bud -t image .'],
  ],
  {
    chains: [{title: 'podman', nodes: ['podman', 'conmon', 'crun', 'container'], containers: 1}],
  },
)
