// SPDX-License-Identifier: Apache-2.0
import type {Upgrade} from '../../model/check.ts'
import type {Json} from '../../model/json.ts'
import {valueOf} from '../../model/observed.ts'
import {since} from '../tables/versions.ts'
import {hasSystemdCgroups, membersOf, stringsOf} from './docker-settings.ts'
import {CONTAINERD_CONFIG, containerdIsAtLeast, CRIO_DROP_IN, criTable, fileStanza, tomlKey, tomlText} from './docker-target.ts'
import {type DaemonTopic, each, named, shown, type TopicContext, type WithoutDocker} from './docker-topic.ts'

const CONTAINERD_UNIT = '/etc/systemd/system/containerd.service.d/limits.conf'
const CONTAINERD_DOCS = 'https://github.com/containerd/containerd/blob/main/docs/cri/config.md'
const CRIO_DOCS = 'https://github.com/cri-o/cri-o/blob/main/docs/crio.conf.5.md'
const POD_SECURITY = 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/'

/** Settings of how containers run. */
export const RUNTIME_TOPICS: readonly DaemonTopic[] = [
  {
    id: 'daemon-json-default-runtime',
    title: {pass: 'Docker runs containers with runc by default', fail: "Docker's default runtime is not runc"},
    why:
      'Under dockershim every pod runs in the default runtime of dockerd. The new runtime runs runc or crun unless told: with ' +
      'nvidia, pods lose their GPUs; with ' +
      'a sandboxed runtime, they lose the sandbox, without any error.',
    severity: 'high',
    fix: {
      containerd: 'Define the runtime in the configuration of containerd and make it the default, or give the pods a RuntimeClass.',
      'cri-o': 'Define the runtime in a drop-in of CRI-O and make it the default, or give the pods a RuntimeClass.',
    },
    learnMore: CONTAINERD_DOCS,
    findings: (uses, context) => uses.flatMap((use) => {
      const name = typeof use.value === 'string' ? use.value : undefined
      if (name === undefined) return []
      return [{use, text: `Docker runs every pod of this node in ${name} (${named(use)}); the new runtime will run them in its own default.`, fix: defaultRuntimeFix(name, context)}]
    }),
    fail: {'default-runtime': 'nvidia', runtimes: {nvidia: {path: '/usr/bin/nvidia-container-runtime'}}},
    pass: {'default-runtime': 'runc'},
  },
  {
    id: 'daemon-json-runtimes',
    title: {pass: 'Docker has no additional runtimes', fail: 'Docker has runtimes that no pod can use'},
    why:
      'Pods cannot choose among the runtimes of dockerd: only `docker run --runtime` does. A workload that was to use one ' +
      'needs a handler of the new runtime and a RuntimeClass.',
    severity: 'low',
    fix: {
      containerd: 'Define a handler in the configuration of containerd, and a RuntimeClass that names it.',
      'cri-o': 'Define a handler in a drop-in of CRI-O, and a RuntimeClass that names it.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/containers/runtime-class/',
    findings: (uses, context) => uses.flatMap((use) => membersOf(use.value)
      .filter(([name]) => name !== 'runc' && name !== context.uses.get('default-runtime')?.value)
      .map(([name]) => ({
        use, part: name, within: name,
        text:
          `Docker knows the runtime ${name}${runtimePath(name, context)} (${named(use)}); the new runtime has no handler of ` +
          'that name unless it is told.',
        fix: handlerFix(name, context),
      }))),
    fail: {runtimes: {runsc: {path: '/usr/local/bin/runsc'}}},
    pass: {runtimes: {}},
  },
  {
    id: 'daemon-json-default-ulimits',
    title: {pass: 'Docker gives containers the limits of its unit', fail: 'Docker gives containers limits that no other runtime knows of'},
    why:
      'Every pod has these limits now. After the move its processes have those of the new runtime: databases stop with "too ' +
      'many open files" where the limit ' +
      'falls, and programs that walk all descriptors start slowly where it rises.',
    severity: 'medium',
    fix: {
      containerd: 'Set the limits in a base_runtime_spec of containerd, or in its unit.',
      'cri-o': 'Set default_ulimits in a drop-in of CRI-O.',
    },
    learnMore: CRIO_DOCS,
    findings: (uses, context) => each(uses, (use) => ({
      text: `dockerd starts containers with ${ulimits(use.value).map(({name, soft, hard}) => `${name} ${soft}:${hard}`).join(', ') || shown(use.value)} (${named(use)}); the new runtime will not.`,
      fix: ulimitFix(use.value, context),
    })),
    fail: {'default-ulimits': {nofile: {Name: 'nofile', Soft: 8192, Hard: 16384}}},
    pass: {'default-ulimits': {}},
  },
  {
    id: 'daemon-json-init',
    title: {pass: 'Docker puts no init process into containers', fail: 'Docker puts an init process into containers'},
    why:
      'docker-init reaps zombies and hands signals on. Without it a program that is no init itself becomes process 1: zombies ' +
      'pile up, and SIGTERM may have no effect until the kubelet kills it.',
    severity: 'medium',
    fix: {
      containerd: 'No equivalent: put an init such as tini into the images, or set shareProcessNamespace: true, so that the pause process reaps.',
      'cri-o': 'No equivalent: put an init such as tini into the images, or set shareProcessNamespace: true, so that the pause process reaps.',
    },
    learnMore: 'https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/',
    findings: (uses, context) => each(uses.filter(({key}) => key === 'init' || context.uses.get('init')?.value === true), (use) => ({
      text: use.key === 'init'
        ? `dockerd starts docker-init in every container (${named(use)}); the new runtime will not.`
        : `dockerd is told which init to start in containers, ${shown(use.value)} (${named(use)}); the new runtime starts none.`,
    })),
    fail: {init: true},
    pass: {init: false, 'init-path': '/usr/libexec/docker-init'},
  },
  {
    id: 'daemon-json-no-new-privileges',
    title: {pass: 'Docker leaves privilege escalation to the pods', fail: 'Docker forbids containers to gain privileges, and nothing else does'},
    why:
      'With no-new-privileges no process of a container gains rights through setuid programs. After the move only pods that ' +
      'say so themselves are protected.',
    severity: 'medium',
    fix: {
      containerd: 'Set securityContext.allowPrivilegeEscalation: false in the containers, and demand it with Pod Security Admission (restricted).',
      'cri-o': 'Set securityContext.allowPrivilegeEscalation: false in the containers, and demand it with Pod Security Admission (restricted).',
    },
    learnMore: POD_SECURITY,
    findings: (uses) => each(uses, (use) => ({
      text: `dockerd sets no-new-privileges for every container (${named(use)}); after the move containers may gain privileges unless their pod forbids it.`,
    })),
    fail: {'no-new-privileges': true},
    pass: {'no-new-privileges': false},
  },
  {
    id: 'daemon-json-seccomp-profile',
    title: {pass: "Docker uses its built-in seccomp profile", fail: 'Docker has a seccomp profile of its own'},
    why:
      'Pods with the seccomp profile RuntimeDefault get what dockerd is told. After the move they get the built-in profile of ' +
      'the new runtime: system calls that ' +
      'were allowed fail with EPERM, or such that were forbidden are allowed.',
    severity: 'high',
    fix: {
      containerd: 'Put the profile into /var/lib/kubelet/seccomp and name it in the pods: seccompProfile {type: Localhost, localhostProfile: FILE}.',
      'cri-o': 'Name the profile in a drop-in of CRI-O: seccomp_profile.',
    },
    learnMore: 'https://kubernetes.io/docs/tutorials/security/seccomp/',
    findings: (uses) => each(uses, (use) => ({
      text: `For pods with RuntimeDefault dockerd uses the seccomp profile ${shown(use.value)} (${named(use)}); the new runtime will use its own.`,
      fix: seccompFix(shown(use.value)),
    })),
    fail: {'seccomp-profile': '/etc/docker/seccomp.json'},
    pass: {'seccomp-profile': 'builtin'},
  },
  {
    id: 'daemon-json-selinux-enabled',
    title: {pass: 'Docker does not label containers for SELinux', fail: 'Docker labels containers for SELinux, and containerd does not by itself'},
    why:
      'Without labels a container process runs in the domain of its runtime. On an enforcing host pods lose their separation ' +
      'from the host and from each other, or cannot read their volumes.',
    severity: 'high',
    fix: {
      containerd: 'Set enable_selinux = true for the CRI plugin, with container-selinux installed.',
      'cri-o': 'Nothing to set: CRI-O labels containers where SELinux is enabled. Have container-selinux installed.',
    },
    learnMore: CONTAINERD_DOCS,
    findings: (uses, {node}) => each(uses, (use) => ({
      text: `dockerd labels containers for SELinux (${named(use)}); containerd does only with enable_selinux.`,
      ...(node.upgrade.target === 'cri-o' && {severity: 'info' as const, text: `dockerd labels containers for SELinux (${named(use)}); CRI-O does as well where the host enforces it.`}),
      fix: {
        containerd: fileStanza(CONTAINERD_CONFIG, criTable(node.upgrade, 'runtime'), '  enable_selinux = true'),
        'cri-o': 'Nothing to set: CRI-O labels containers where SELinux is enabled. Have container-selinux installed.',
      },
    })),
    fail: {'selinux-enabled': true},
    pass: {'selinux-enabled': false},
  },
  {
    id: 'daemon-json-userns-remap',
    title: {pass: 'Docker runs containers with the ids of the host', fail: 'Docker maps the users of containers to other ids'},
    why:
      'Root of a container is an unprivileged id of the host now. After the move it is root, and files on hostPath and local ' +
      'volumes that belong to the shifted ids are not those of the container any more.',
    severity: 'high',
    fix: {
      containerd:
        'Use user namespaces of Kubernetes, hostUsers: false in the pods (containerd ≥ 2.0, Kubernetes ≥ 1.30), and chown ' +
        'what lies on node volumes.',
      'cri-o':
        'Use user namespaces of Kubernetes, hostUsers: false in the pods (CRI-O ≥ 1.25, Kubernetes ≥ 1.30), and chown what ' +
        'lies on node volumes.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/',
    findings: (uses) => each(uses, (use) => ({
      text:
        `dockerd maps the users of containers to those of ${shown(use.value)} in /etc/subuid (${named(use)}); the new runtime ` +
        'runs them with the ids of the host, so that files on node volumes have other owners.',
    })),
    fail: {'userns-remap': 'default'},
    pass: {'userns-remap': ''},
  },
  {
    id: 'daemon-json-cpu-rt',
    title: {pass: 'Docker reserves no real-time CPU', fail: 'Docker gives containers real-time CPU time'},
    why:
      'Processes with a real-time policy need a share of their cgroup. Without one sched_setscheduler fails with EPERM. ' +
      'Neither Kubernetes nor another runtime sets it, and cgroup v2 has no such thing.',
    severity: 'medium',
    fix: {
      containerd: 'No equivalent: run the real-time program as a systemd service on the host.',
      'cri-o': 'No equivalent: run the real-time program as a systemd service on the host.',
    },
    learnMore: 'https://docs.docker.com/engine/containers/resource_constraints/#configure-the-real-time-scheduler',
    findings: (uses) => each(uses, (use) => ({text: `dockerd sets ${use.key} to ${shown(use.value)} for the parent cgroup of containers (${named(use)}); after the move nothing does.`})),
    fail: {'cpu-rt-runtime': 950000},
    pass: {'cpu-rt-runtime': 0},
  },
  {
    id: 'daemon-json-cdi-spec-dirs',
    title: {pass: 'Docker looks for CDI devices at the usual places', fail: 'Docker looks for CDI devices at places of its own'},
    why:
      'Devices that specifications at other places describe are not found after the move: containers that ask for them fail ' +
      'with "unresolvable CDI devices".',
    severity: 'medium',
    fix: {
      containerd: 'Name the folders as cdi_spec_dirs of the CRI plugin.',
      'cri-o': 'Name the folders as cdi_spec_dirs in a drop-in of CRI-O.',
    },
    learnMore: CONTAINERD_DOCS,
    findings: (uses, {node}) => uses.flatMap((use) => {
      const folders = stringsOf(use.value)
      if (folders.every((folder) => /^(?:\/etc\/cdi|(?:\/var)?\/run\/cdi)\/?$/.test(folder))) return []
      return [{use, text: `dockerd looks for CDI specifications in ${folders.join(', ')} (${named(use)}); the new runtime looks in /etc/cdi and /var/run/cdi.`, fix: cdiFix(folders, node.upgrade)}]
    }),
    fail: {'cdi-spec-dirs': ['/opt/cdi']},
    pass: {'cdi-spec-dirs': ['/etc/cdi', '/var/run/cdi']},
  },
  {
    id: 'daemon-json-default-cgroupns-mode',
    title: {pass: 'Containers have a cgroup namespace of their own', fail: 'Docker shows containers the cgroups of the host'},
    why:
      'On cgroup v2 other runtimes give a container a cgroup namespace of its own. Agents that find containers by the paths ' +
      'in /proc/self/cgroup or below /sys/fs/cgroup see `/` there.',
    severity: 'low',
    fix: {
      containerd: 'No global setting: mount /sys/fs/cgroup of the host into the agents that need it.',
      'cri-o': 'No global setting: mount /sys/fs/cgroup of the host into the agents that need it.',
    },
    learnMore: 'https://docs.docker.com/reference/cli/dockerd/#default-cgroup-namespace-mode',
    findings: (uses, {node}) => (valueOf(node.facts.machine.cgroup) === 'v2' ? each(uses, (use) => ({
      text: `dockerd leaves containers in the cgroup namespace of the host (${named(use)}); the new runtime gives each one of its own.`,
    })) : []),
    fail: {'default-cgroupns-mode': 'host'},
    pass: {'default-cgroupns-mode': 'private'},
    files: {'/proc/1/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n'},
  },
]

// ---------------------------------------------------------------- runtimes

/** A runtime of Docker, as a handler of the CRI plugin. */
export interface Runtime {
  readonly type: string
  readonly binary: string
  /** arguments that only Docker gives */
  readonly args: readonly string[]
}

/** What docker knows of a runtime by its name, as a handler of the CRI plugin. */
export function runtimeOf(name: string, {uses}: Pick<TopicContext, 'uses'>): Runtime {
  const told = new Map(membersOf(uses.get('runtimes')?.value)).get(name)
  const members = new Map(typeof told === 'string' ? [['path', told] as const] : membersOf(told))
  const path = members.get('path')
  const binary = typeof path === 'string' && path !== '' ? path : name === 'nvidia' ? 'nvidia-container-runtime' : name
  const type = members.get('runtimeType') ?? members.get('runtime-type')
  return {type: typeof type === 'string' && type !== '' ? type : shimType(binary, name), binary, args: stringsOf(members.get('runtimeArgs'))}
}

/** Kata and gVisor have shims of their own; anything else that Docker could call is a runc look-alike. */
function shimType(binary: string, name: string): string {
  if (name.startsWith('io.containerd.')) return name
  const program = binary.slice(binary.lastIndexOf('/') + 1)
  if (program.startsWith('kata')) return 'io.containerd.kata.v2'
  if (program.startsWith('runsc')) return 'io.containerd.runsc.v1'
  return 'io.containerd.runc.v2'
}

function runtimePath(name: string, context: TopicContext): string {
  const {binary} = runtimeOf(name, context)
  return binary === name ? '' : ` (${binary})`
}

/** The name of a runtime of Docker as a handler: those of RuntimeClasses are DNS labels. */
export function handlerOf(name: string): string {
  return name.replace(/^io\.containerd\.([\w-]+)\.v\d+$/, '$1').toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')
}

function handlerLines(name: string, context: TopicContext): {readonly containerd: readonly string[]; readonly crio: readonly string[]} {
  const {type, binary, args} = runtimeOf(name, context)
  const {upgrade} = context.node
  const handler = handlerOf(name)
  const lost = args.length === 0 ? [] : [`# no equivalent of the arguments ${args.join(' ')}: put them into a wrapper script`]
  const options = type === 'io.containerd.runc.v2' ? systemdOption(handler, context, `    BinaryName = ${tomlText(binary)}`) : []
  return {
    containerd: [...lost, criTable(upgrade, 'runtime', 'containerd', 'runtimes', handler), `  runtime_type = ${tomlText(type)}`, ...options],
    crio: [
      ...lost, `[crio.runtime.runtimes.${tomlKey(handler)}]`, `runtime_path = ${tomlText(binary)}`,
      `runtime_type = "${type.includes('kata') ? 'vm' : 'oci'}"`,
    ],
  }
}

/** Options of a handler: those given, and the cgroup driver of Docker. What a table leaves out is not merged with the default. */
function systemdOption(handler: string, {uses, node}: TopicContext, ...options: readonly string[]): readonly string[] {
  const all = [...options, ...(hasSystemdCgroups(uses, node) ? ['    SystemdCgroup = true'] : [])]
  return all.length === 0 ? [] : [`  ${criTable(node.upgrade, 'runtime', 'containerd', 'runtimes', handler, 'options')}`, ...all]
}

function handlerFix(name: string, context: TopicContext): WithoutDocker {
  const lines = handlerLines(name, context)
  const runtimeClass = `\n\napiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: ${handlerOf(name)}}\nhandler: ${handlerOf(name)}`
  return {containerd: fileStanza(CONTAINERD_CONFIG, ...lines.containerd) + runtimeClass, 'cri-o': fileStanza(CRIO_DROP_IN, ...lines.crio) + runtimeClass}
}

function defaultRuntimeFix(name: string, context: TopicContext): WithoutDocker {
  const lines = handlerLines(name, context)
  const toolkit = (runtime: string) => (name === 'nvidia' ? `nvidia-ctk runtime configure --runtime=${runtime} --set-as-default\n\nwhich writes:\n` : '')
  return {
    containerd: toolkit('containerd') + fileStanza(
      CONTAINERD_CONFIG, criTable(context.node.upgrade, 'runtime', 'containerd'), `  default_runtime_name = ${tomlText(handlerOf(name))}`, ...lines.containerd,
    ),
    'cri-o': toolkit('crio') + fileStanza(CRIO_DROP_IN, '[crio.runtime]', `default_runtime = ${tomlText(handlerOf(name))}`, ...lines.crio),
  }
}

// ---------------------------------------------------------------- limits

/** A limit of containers. */
export interface Ulimit {
  readonly name: string
  /** `infinity` for -1 */
  readonly soft: string
  readonly hard: string
}

/** From `{"nofile": {"Soft": 1, "Hard": 2}}`, or `nofile=1:2` of a flag. */
export function ulimits(value: Json): readonly Ulimit[] {
  const limit = (told: Json | undefined) => (/^\d{1,20}$/.test(shown(told ?? '')) ? shown(told ?? '') : 'infinity')
  return membersOf(value).filter(([name]) => /^[a-z]+$/.test(name)).map(([name, told]) => {
    if (typeof told === 'string') {
      const [soft, hard = soft] = told.split(':')
      return {name, soft: limit(soft), hard: limit(hard)}
    }
    const members = new Map(membersOf(told))
    return {name, soft: limit(members.get('Soft')), hard: limit(members.get('Hard') ?? members.get('Soft'))}
  })
}

/** The kernel's number for no limit, as the OCI specification writes it. */
const NO_LIMIT = '18446744073709551615'

function ulimitFix(value: Json, context: TopicContext): WithoutDocker {
  const {upgrade} = context.node
  const limits = ulimits(value)
  const json = limits.map(({name, soft, hard}) => `  {"type": "RLIMIT_${name.toUpperCase()}", "soft": ${soft.replace('infinity', NO_LIMIT)}, "hard": ${hard.replace('infinity', NO_LIMIT)}}`)
  return {
    containerd: [
      'ctr oci spec > /etc/containerd/base-spec.json, and in it put "process": {"rlimits": [', json.join(',\n'), ']}; then', '',
      fileStanza(
        CONTAINERD_CONFIG, criTable(upgrade, 'runtime', 'containerd', 'runtimes', 'runc'), '  runtime_type = "io.containerd.runc.v2"',
        '  base_runtime_spec = "/etc/containerd/base-spec.json"', ...systemdOption('runc', context),
      ), '',
      'Or, for containerd itself and everything it starts:', '',
      fileStanza(CONTAINERD_UNIT, '[Service]', ...limits.map(({name, soft, hard}) => `Limit${name.toUpperCase()}=${soft}:${hard}`)),
    ].join('\n'),
    'cri-o': fileStanza(CRIO_DROP_IN, '[crio.runtime]', `default_ulimits = [${limits.map(({name, soft, hard}) => tomlText(`${name}=${soft.replace('infinity', '-1')}:${hard.replace('infinity', '-1')}`)).join(', ')}]`),
  }
}

// ---------------------------------------------------------------- others

function seccompFix(path: string): WithoutDocker {
  if (path === 'unconfined') {
    const text = 'See that the pods work with the built-in profile. In those that do not:\nsecurityContext:\n  seccompProfile: {type: Unconfined}'
    return {containerd: text, 'cri-o': text}
  }
  const file = path.slice(path.lastIndexOf('/') + 1)
  return {
    containerd:
      `No global setting. cp ${path} /var/lib/kubelet/seccomp/${file}, and in the pods that need it:\nsecurityContext:\n  ` +
      `seccompProfile: {type: Localhost, localhostProfile: ${file}}`,
    'cri-o': fileStanza(CRIO_DROP_IN, '[crio.runtime]', `seccomp_profile = ${tomlText(path)}`),
  }
}

function cdiFix(folders: readonly string[], upgrade: Upgrade): WithoutDocker {
  const all = [...new Set(['/etc/cdi', '/var/run/cdi', ...folders])].map(tomlText).join(', ')
  const enable = containerdIsAtLeast(upgrade, since('containerd-config-3')) ? [] : ['  enable_cdi = true']
  return {
    containerd: fileStanza(CONTAINERD_CONFIG, '# containerd 1.7 or later', criTable(upgrade, 'runtime'), ...enable, `  cdi_spec_dirs = [${all}]`),
    'cri-o': fileStanza(CRIO_DROP_IN, '[crio.runtime]', `cdi_spec_dirs = [${all}]`),
  }
}
