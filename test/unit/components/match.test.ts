// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {components} from '../../../src/components/index.ts'
import {componentOf} from '../../../src/components/match.ts'
import {oldShapes} from '../chain/old-shapes/index.ts'

const nameOf = (argv: readonly string[], comm = '') => componentOf({comm, argv})?.name

describe.for(oldShapes)('$title', ({processes, components: expected, sources}) => {
  test('each process is the component it should be', () => {
    const found = Object.fromEntries(processes.map((process) => [process.pid, componentOf(process)?.name]))
    expect(found).toEqual(expected)
  })

  test('each parent is in the table, and its argv shapes have a source', () => {
    const pids = new Set([0, ...processes.map(({pid}) => pid)])
    expect(processes.filter(({ppid}) => !pids.has(ppid))).toEqual([])
    expect(sources.length).toBeGreaterThan(0)
  })
})

describe('the program of a process', () => {
  test.for<[expected: string | undefined, argv: readonly string[]]>([
    ['dockerd', ['/usr/bin/dockerd', '-H', 'fd://']],
    ['dockerd', ['docker', 'daemon']],
    ['dockerd', ['docker', '-d']],
    ['docker', ['docker', 'run', '-d', 'nginx']],
    ['docker', ['docker', 'run', 'alpine', 'daemon']],
    ['Docker Compose', ['/usr/libexec/docker/cli-plugins/docker-compose', 'compose', 'up']],
    ['kubelet', ['/hyperkube', 'kubelet', '--v=2']],
    ['kube-proxy', ['/hyperkube', 'proxy']],
    ['kube-apiserver', ['/hyperkube', 'apiserver']],
    ['hyperkube', ['/hyperkube', 'scheduler']],
    ['runc', ['runc', 'init']],
    ['runc', ['/usr/local/sbin/runc.amd64', 'state', '4f1c']],
    [undefined, ['/usr/local/sbin/runc.amd64', '--version']],
    [undefined, ['/usr/bin/kubelet', '--version']],
    ['kubelet', ['/usr/bin/kubelet', '--version=false', '--v=2']],
    ['kubelet', ['/opt/bin/kubelet-v1.30.2', '--v=2']],
    ['cloud-hypervisor', ['/usr/bin/cloud-hypervisor-v39.0', '--api-socket', '/run/x']],
    ['fluentd', ['/usr/bin/ruby2.7', '-Eascii-8bit:ascii-8bit', '/usr/local/bundle/bin/fluentd', '-c', '/x']],
    ['fluentd', ['/opt/td-agent/bin/ruby', '/usr/sbin/td-agent', '--log', '/x']],
    ['fluentd', ['supervisor:fluentd']],
    ['rootlesskit', ['/bin/sh', '/usr/bin/dockerd-rootless.sh']],
    ['rootlesskit', ['/proc/self/exe', '--net=slirp4netns', '--copy-up=/run', 'dockerd-rootless.sh']],
    ['k3s', ['/usr/local/bin/k3s server']],
    ['containerd shim API v2', ['/usr/bin/containerd-shim-spin-v2', '-namespace', 'k8s.io']],
    ['containerd-shim-kata-v2', ['/opt/kata/bin/containerd-shim-kata-clh-v2']],
    ['Alibaba Cloud Sandboxed-Container', ['/usr/bin/containerd-shim-rund-v2']],
    ['nvidia-container-runtime', ['/usr/bin/nvidia-container-runtime.cdi', 'create']],
    ['kaniko', ['/kaniko/executor', '--dockerfile=Dockerfile', '--no-push']],
    [undefined, ['/usr/bin/executor', '--pool=1']],
    ['calico', ['bird', '-R', '-s', '/var/run/calico/bird.ctl']],
    [undefined, ['/usr/sbin/bird', '-f']],
    ['CSI node plugin', ['/bin/aws-ebs-csi-driver', 'node', '--endpoint=unix:/csi/csi.sock']],
    ['CSI node plugin', ['/pd-csi', '--endpoint', 'unix:///csi/csi.sock']],
    ['CSI sidecar', ['/csi-external-health-monitor', '--csi-address=/csi/csi.sock']],
    [undefined, ['ls', '-l', '/csi/csi.sock']],
    ['csi-node-driver-registrar', ['/csi-node-driver-registrar', '--csi-address=/csi/csi.sock']],
    ['Datadog agent', ['agent', 'run']],
    [undefined, ['puppet', 'agent', 'run']],
    [undefined, ['sh', '-c', 'containerd']],
    [undefined, ['bash', '-euxc', '/usr/bin/dockerd']],
    [undefined, ['python3', '-m', 'dockerd']],
    [undefined, ['-bash']],
    [undefined, ['sshd: root@pts/0']],
    [undefined, ['vim', '/usr/bin/dockerd']],
    [undefined, ['/usr/bin/containerd/']],
    [undefined, ['containerd-stress']],
    [undefined, ['constructor']],
    [undefined, ['__proto__']],
  ])('%s is %j', ([expected, argv]) => {
    expect(nameOf(argv)).toBe(expected)
  })

  test('an lxc monitor, which overwrites its argv, is known by the kernel\'s name', () => {
    expect(nameOf(['[lxc monitor] /var/lib/lxc web'], 'lxc-start')).toBe('LXC')
  })

  test('a process without arguments has only the kernel\'s name, cut to 15 characters, and that counts when one component can have it', () => {
    expect(nameOf([], 'dockerd')).toBe('dockerd')
    expect(nameOf([''], 'cri-dockerd')).toBe('cri-dockerd')
    expect(nameOf([], 'firecracker-con')).toBe('firecracker-containerd')
    expect(nameOf([], 'nginx')).toBeUndefined()
  })

  test('a cut name that several components share is no answer', () => {
    expect(nameOf([], 'containerd-shim')).toBeUndefined()
    expect(nameOf([], 'docker-containe')).toBeUndefined()
  })

  test('an argv of megabytes costs no time, and a name longer than a file can have is no component', () => {
    const began = performance.now()
    expect(nameOf(['a'.repeat(4_000_000), 'x'])).toBeUndefined()
    const many = Array.from({length: 100_000}, () => `unix:/${'a/'.repeat(3000)}`)
    expect(nameOf([`${'1.'.repeat(100)}x`, ...many])).toBeUndefined()
    expect(performance.now() - began).toBeLessThan(1000)
  })

  test('whatever a process writes into its argv, there is an answer and no error', () => {
    const known = fc.constantFrom('-c', '', '/', 'sh', 'docker', ' ')
    const words = fc.array(fc.oneof(fc.string({unit: 'binary'}), known))
    fc.assert(
      fc.property(words, fc.string({unit: 'binary', maxLength: 15}), (argv, comm) => {
        const found = componentOf({comm, argv})
        expect(found === undefined || components.includes(found)).toBe(true)
      }),
    )
  })
})
