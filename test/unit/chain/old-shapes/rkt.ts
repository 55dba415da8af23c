// SPDX-License-Identifier: Apache-2.0
import {shape} from './shape.ts'

const POD = '6d0d9608-a744-4333-be21-942145a97a5a'

/** rkt becomes the loader that starts its own systemd-nspawn, whose systemd starts the applications. No daemon. */
export const rkt = shape(
  'Kubernetes 1.4 with rkt',
  ['https://github.com/rkt/rkt/pull/1166', 'https://github.com/rkt/rkt/pull/3889'],
  [
    [1, 0, undefined, '/usr/lib/systemd/systemd --switched-root --system --deserialize 21'],
    [
      700, 1, 'kubelet',
      '/usr/bin/kubelet --container-runtime=rkt --rkt-path=/usr/bin/rkt --api-servers=https://10.0.0.1',
    ],
    [710, 1, 'rkt', '/usr/bin/rkt api-service'],
    [
      7258, 1, 'systemd-nspawn',
      'stage1/rootfs/usr/lib/ld-linux-x86-64.so.2 stage1/rootfs/usr/bin/systemd-nspawn --boot --register=true' +
        ` --link-journal=try-guest --quiet --keep-unit --uuid=${POD} --machine=rkt-${POD} --directory=stage1/rootfs --` +
        ' --default-standard-output=tty --log-target=null --log-level=warning --show-status=0',
    ],
    [
      7275, 7258, undefined,
      '/usr/lib/systemd/systemd --default-standard-output=tty --log-target=null --log-level=warning --show-status=0',
    ],
    [7277, 7275, undefined, '/usr/lib/systemd/systemd-journald'],
    [7281, 7275, undefined, '/etcd'],
  ],
  {
    chains: [{title: 'Kubernetes on rkt', nodes: ['kubelet', 'rkt', 'systemd-nspawn'], containers: 0}],
    nested: {7275: 1, 7277: 3, 7281: 5},
  },
)
