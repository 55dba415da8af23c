// SPDX-License-Identifier: Apache-2.0
import {id, podCgroup, shape} from './shape.ts'

const POD = id(1)
const TASK = `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${POD}`
const COMMON = `--root=/run/containerd/runsc/k8s.io --log=${TASK}/log.json --log-format=json`

/** The shim's children are the Sentry, which holds every process of the pod, and a gofer per container. */
export const gvisor = shape(
  'Kubernetes on containerd with gVisor',
  ['https://github.com/google/gvisor/issues/9309', 'https://github.com/google/gvisor/issues/9011'],
  [
    [1, 0, undefined, '/sbin/init'],
    [
      500, 1, 'kubelet',
      '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
    ],
    [510, 1, 'containerd', '/usr/local/bin/containerd'],
    [
      14328, 1, 'containerd-shim-runsc-v1',
      '/usr/local/bin/containerd-shim-runsc-v1 -namespace k8s.io -address /run/containerd/containerd.sock' +
        ' -publish-binary /usr/local/bin/containerd -debug',
    ],
    [14357, 14328, 'runsc', `runsc ${COMMON} create --bundle ${TASK} --pid-file ${TASK}/init.pid ${POD}`],
    [
      14387, 14357, 'runsc-gofer',
      `runsc-gofer ${COMMON} --log-fd=3 gofer --bundle=${TASK} --io-fds=6 --mounts-fd=5`,
      'exe',
    ],
    [
      14391, 14357, 'runsc-sandbox',
      `runsc-sandbox ${COMMON} --log-fd=3 boot --apply-caps=false --bundle=${TASK} ${POD}`,
      'exe',
    ],
    [14420, 14391, undefined, [], 'exe'],
  ],
  {
    chains: [{
      title: 'Kubernetes on containerd',
      nodes: ['kubelet', 'CRI plugin', 'containerd', 'containerd-shim-runsc-v1', 'runsc', 'runsc-sandbox', 'pod sandbox'], containers: 1,
    }],
    cgroups: {14391: podCgroup(1, POD)},
  },
)

/** Docker knows gVisor as a runtime by name: the ordinary shim calls runsc. */
export const gvisorDocker = shape(
  'Docker with --runtime=runsc',
  ['https://github.com/google/gvisor/issues/19', 'https://github.com/google/gvisor/issues/7719'],
  [
    [1, 0, undefined, '/sbin/init'],
    [500, 1, 'containerd', '/usr/bin/containerd'],
    [510, 1, 'dockerd', '/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock'],
    [
      600, 1, 'containerd-shim-runc-v2',
      `/usr/bin/containerd-shim-runc-v2 -namespace moby -id ${POD} -address /run/containerd/containerd.sock`,
    ],
    [
      610, 600, 'runsc-gofer',
      `runsc-gofer --root=/var/run/docker/runtime-runc/moby gofer --bundle=/run/b/${POD}`,
      'exe',
    ],
    [
      620, 600, 'runsc-sandbox',
      `runsc-sandbox --root=/var/run/docker/runtime-runc/moby boot --bundle=/run/b/${POD} ${POD}`,
      'exe',
    ],
  ],
  {
    chains: [{title: 'Docker', nodes: ['dockerd', 'containerd', 'containerd-shim-runc-v2', 'runsc', 'runsc-sandbox', 'container'], containers: 1}],
  },
)
