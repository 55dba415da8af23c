// SPDX-License-Identifier: Apache-2.0
import {containerdAt, shape} from './shape.ts'

const VM = 'c2381191-b9fd-4e5a-852f-d657a234e3c1'

/** A containerd of its own, one shim and one microVM per container. The containers are inside the microVM. */
export const firecrackerContainerd = shape(
  'firecracker-containerd',
  [
    'https://github.com/firecracker-microvm/firecracker-containerd/issues/72',
    'https://github.com/firecracker-microvm/firecracker-containerd/issues/374',
    'https://github.com/firecracker-microvm/firecracker-containerd/issues/535',
    'https://github.com/firecracker-microvm/firecracker/blob/main/docs/jailer.md',
  ],
  [
    [1, 0, undefined, '/sbin/init'],
    [500, 1, 'firecracker-containerd', 'firecracker-containerd --config /etc/firecracker-containerd/config.toml'],
    [
      29422, 1, 'containerd-shim-aws-firecracker',
      '/usr/local/bin/containerd-shim-aws-firecracker -namespace default' +
        ' -address /run/firecracker-containerd/containerd.sock -publish-binary /usr/local/bin/containerd',
    ],
    [29431, 29422, 'firecracker', '/usr/local/bin/firecracker --api-sock /tmp/firecracker.sock'],
    [
      29500, 1, 'firecracker',
      `firecracker-v1.4.1-x86_64 --id ${VM} --start-time-us 1 --start-time-cpu-us 2 --api-sock /run/firecracker.socket`,
    ],
    [
      29600, 1, undefined,
      'firecracker-ctr --address /run/firecracker-containerd/containerd.sock run --runtime aws.firecracker test',
    ],
  ],
  {
    chains: [{
      title: 'containerd, namespace default',
      nodes: ['firecracker-containerd', 'containerd-shim-aws-firecracker', 'firecracker', 'container'], containers: 1,
    }],
    cwds: {29422: '/run/firecracker-containerd/io.containerd.runtime.v2.task/default/test'},
    files: containerdAt('/etc/firecracker-containerd/config.toml', '/run/firecracker-containerd/containerd.sock'),
  },
)
