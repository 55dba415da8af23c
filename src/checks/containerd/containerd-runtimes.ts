// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {
  comesBefore, comesWithAtLeast, containerdForPods, containerdToCome, CRI_V1, filesForPods, filesInForce, handlersOf, jsonAt, placeToEdit,
  proofAt, textAt,
} from '../lib/containerd.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {kubeletDriver} from '../lib/kubelet-cgroup-driver.ts'
import {REMOVED_RUNTIMES} from '../tables/containerd.ts'
import {since} from '../tables/versions.ts'

const CONTAINERD = {640: '/usr/bin/containerd'}
const CRI = 'plugins."io.containerd.grpc.v1.cri"'
const RUNC =
  `[${CRI}.containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n[${CRI}.containerd.runtimes.runc.options]\n` +
  `  SystemdCgroup = true\n`
const KUBELET = {argv: ['/usr/bin/kubelet', '--cgroup-driver=systemd', '--container-runtime-endpoint=unix:///run/containerd/containerd.sock']}
const NOT_CRIO = 'Nothing: CRI-O does not use containerd.'

/** of the first two generations of runtimes */
const OLD_SHIM = /(?:^|\/)(?:docker-)?containerd-shim(?:-runc-v1)?$/

export const checks = [
  nodeCheck({
    id: 'containerd-removed-runtime',
    title: {
      pass: 'No container and no handler uses a shim that containerd 2 has not',
      fail: 'Containers or handlers use a shim that containerd 2 has not',
    },
    why:
      'containerd 2.0 has neither io.containerd.runtime.v1.linux nor io.containerd.runc.v1. A handler of that type starts no ' +
      'pod. Containers that run in such a shim when containerd is replaced go on as orphans: ' +
      'they are not listed, cannot be stopped, and hold their ports and mounts.',
    severity: 'high',
    fix: {
      containerd:
        'Write `runtime_type = "io.containerd.runc.v2"`; drain the node and remove its containers before containerd 2 is ' +
        'installed.',
      'cri-o': NOT_CRIO,
      'cri-dockerd':
        'Take `io.containerd.runc.v2` as the default runtime of Docker; stop its containers before containerd 2 is installed.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/containerd-2.0.md',
    unproven: 'What becomes of running containers is from containerd\'s documentation.',
    applies: ({target}) => target !== 'cri-o',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      if (!comesWithAtLeast(node, since('containerd-config-3'))) return []
      const handlers = filesForPods(containerdConfigs, node).flatMap((file) => handlersOf(file).flatMap(({name, table, path}): readonly Outcome[] => {
        const type = textAt(table, 'runtime_type')
        if (type === undefined || !REMOVED_RUNTIMES.includes(type)) return []
        const text =
          `The handler ${name} in ${file.path} is of type ${type}, which containerd ${containerdToCome(node)} has not: no pod starts ` +
          'with it.'
        return [problem(`${file.path} ${name}`, text, {
          evidence: [proofAt(file, [...path, 'runtime_type'], `runtime_type = "${type}"`)],
        })]
      }))
      const all = valueOf(node.facts.processes.all)
      if (all === undefined) return [...handlers, ...unreadableOf(node.facts.processes.all)]
      const shims = all.filter(({pid, argv}) => node.facts.processes.inside[pid] === undefined && OLD_SHIM.test(argv[0] ?? '') &&
        !argv.some((word) => /\/run\/docker\//.test(word)))
      if (shims.length === 0) return handlers
      const pids = shims.slice(0, 5).map(({pid}) => pid).join(', ')
      const text =
        `${shims.length} running ${shims.length === 1 ? 'shim is' : 'shims are'} of a kind that containerd ${containerdToCome(node)} has not ` +
        `(pid ${pids}): their containers become orphans.`
      return [...handlers, problem('shims', text, {
        evidence: shims.slice(0, 5).map(({pid, argv}) => ({source: `argv of pid ${pid}`, text: argv.slice(0, 5).join(' ')})),
      })]
    },
    examples: {
      fail: [
        {
          upgrade: {containerd: '2.0'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd.runtimes.old]\n  runtime_type = "io.containerd.runc.v1"\n`,
          },
        },
        {
          upgrade: {containerd: '2.0'},
          processes: {
            ...CONTAINERD,
            900: '/usr/bin/containerd-shim-runc-v1 -namespace k8s.io -id 3f2a3f2a3f2a -address /run/containerd/containerd.sock',
          },
        },
      ],
      pass: [
        {
          upgrade: {containerd: '2.0'},
          processes: {
            ...CONTAINERD,
            900: '/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id 3f2a3f2a3f2a -address /run/containerd/containerd.sock',
          },
          files: {'/etc/containerd/config.toml': `version = 2\n${RUNC}`},
        },
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd.runtimes.old]\n  runtime_type = "io.containerd.runc.v1"\n`,
          },
        },
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-handler-type-missing',
    title: {pass: 'Every handler of containerd has a type', fail: 'A handler of containerd 1 has no runtime_type'},
    why:
      'containerd 1.x takes a table of runtimes as a whole: who writes only the options of runc (a common way to set ' +
      'SystemdCgroup) takes its type away, and no pod starts with that handler. containerd 2 keeps the default type.',
    severity: 'blocker',
    fix: {
      containerd: 'Write `runtime_type = "io.containerd.runc.v2"` in the table of the handler.',
      'cri-o': NOT_CRIO,
      'cri-dockerd': 'Nothing: Docker does not use these handlers.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/release/1.7/docs/cri/config.md',
    unproven:
      'The merged configuration was seen with containerd 1.6.20 and 1.7.24 (`containerd config dump`), the failing pod was ' +
      'not.',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      if (!comesBefore(node, since('containerd-config-3'))) return []
      return filesInForce(filesForPods(containerdConfigs, node), node).flatMap((file) => handlersOf(file).flatMap(({name, table, path}): readonly Outcome[] => {
        if (textAt(table, 'runtime_type') !== undefined || path[1] !== CRI_V1) return []
        return [problem(name, `The handler ${name} in ${file.path} has no runtime_type: containerd ${containerdToCome(node)} starts no pod with it.`, {
          evidence: [proofAt(file, path)],
        })]
      }))
    },
    examples: {
      fail: [{
        upgrade: {containerd: '1.7'}, processes: CONTAINERD,
        files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n`},
      }],
      pass: [
        {upgrade: {containerd: '1.7'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 2\n${RUNC}`}},
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n`},
        },
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-handler-cgroup-driver',
    title: {
      pass: 'Every handler of type runc has the cgroup driver of the default one',
      fail: 'A handler of type runc has another cgroup driver than the kubelet',
    },
    why:
      'SystemdCgroup is a setting of each handler. A second one, of crun or the NVIDIA runtime, that lacks it makes cgroups ' +
      'of another form: its pods have no limits, or do not start with "expected cgroupsPath to be of format".',
    severity: 'high',
    fix: {
      containerd: 'Write `SystemdCgroup = true` in the options of that handler as well.',
      'cri-o': NOT_CRIO,
      'cri-dockerd': 'Nothing: Docker does not use these handlers.',
    },
    learnMore: 'https://github.com/containerd/containerd/issues/7276',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      const config = valueOf(containerdForPods(node)?.config)
      const kubelet = kubeletDriver(node)
      if (config === undefined || kubelet?.driver !== 'systemd' || config.systemdCgroup !== true) return []
      const files = filesForPods(containerdConfigs, node)
      const others = Object.entries(config.runtimes).filter(([name, {type, systemdCgroup}]) =>
        name !== config.defaultRuntime && type === 'io.containerd.runc.v2' && systemdCgroup !== true)
      return others.flatMap(([name]): readonly Outcome[] => {
        const place = files.flatMap((file) => handlersOf(file).map((handler) => ({...handler, file}))).findLast((handler) => handler.name === name)
        if (place === undefined) return []
        return [problem(name, `The handler ${name} in ${place.file.path} has no SystemdCgroup = true, and the kubelet uses the cgroup driver systemd.`, {
          evidence: [
            proofAt(place.file, place.path, jsonAt(place.table, 'options') === undefined ? 'no options' : 'options without SystemdCgroup = true'),
            kubelet.proof,
          ],
        })]
      })
    },
    examples: {
      fail: [{
        processes: {...CONTAINERD, 812: KUBELET},
        files: {
          '/etc/containerd/config.toml': `version = 2\n${RUNC}[${CRI}.containerd.runtimes.nvidia]\n  runtime_type = "io.containerd.runc.v2"\n[${CRI}.containerd.runtimes.nvidia.options]\n  BinaryName = "/usr/bin/nvidia-container-runtime"\n`,
          '/usr/bin/nvidia-container-runtime': '',
        },
      }],
      pass: [{
        processes: {...CONTAINERD, 812: KUBELET},
        files: {
          '/etc/containerd/config.toml': `version = 2\n${RUNC}[${CRI}.containerd.runtimes.runsc]\n  runtime_type = "io.containerd.runsc.v1"\n`,
        },
      }],
    },
  }),
  nodeCheck({
    id: 'containerd-runtime-program-missing',
    title: {
      pass: 'Every OCI runtime that containerd is told to run is there',
      fail: 'containerd is told to run an OCI runtime that is not there',
    },
    why:
      'Pods of a handler whose BinaryName does not exist stay in ContainerCreating: "exec: /usr/bin/nvidia-container-runtime: ' +
      'no such file". The file may have come with a package that was removed with Docker.',
    severity: 'high',
    fix: {
      containerd:
        'Install the program (NVIDIA: the package nvidia-container-toolkit, then `nvidia-ctk runtime configure ' +
        '--runtime=containerd`), or remove the handler.',
      'cri-o': NOT_CRIO,
      'cri-dockerd': 'Nothing: Docker does not use these handlers.',
    },
    learnMore: 'https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdBinaries', 'containerdConfigs'],
    run({containerdBinaries = {}, containerdConfigs}, node) {
      return filesInForce(filesForPods(containerdConfigs, node), node).flatMap((file) => handlersOf(file).flatMap(({name, table, path}): readonly Outcome[] => {
        const binary = textAt(table, 'options', 'BinaryName') ?? textAt(table, 'runtime_path')
        if (binary === undefined || !Object.hasOwn(containerdBinaries, binary) || containerdBinaries[binary] !== false) return []
        return [problem(`${name} ${binary}`, `The handler ${name} runs ${binary}, which is not on this host: none of its pods starts.`, {
          evidence: [proofAt(file, [...path, 'options', 'BinaryName'], `BinaryName = "${binary}"`)],
          ...(placeToEdit(file.path) !== file.path && {fix: `Install the program, or remove the handler in ${placeToEdit(file.path)}.`}),
        })]
      }))
    },
    examples: {
      fail: [{
        processes: CONTAINERD,
        files: {
          '/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd.runtimes.nvidia]\n  runtime_type = "io.containerd.runc.v2"\n[${CRI}.containerd.runtimes.nvidia.options]\n  BinaryName = "/usr/bin/nvidia-container-runtime"\n`,
        },
      }],
      pass: [{
        processes: CONTAINERD,
        files: {
          '/usr/bin/nvidia-container-runtime': '#!',
          '/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd.runtimes.nvidia]\n  runtime_type = "io.containerd.runc.v2"\n[${CRI}.containerd.runtimes.nvidia.options]\n  BinaryName = "/usr/bin/nvidia-container-runtime"\n`,
        },
      }],
    },
  }),
]
