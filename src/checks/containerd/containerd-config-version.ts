// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Outcome} from '../../model/check.ts'
import type {ContainerdFile} from '../../model/node/containerd.ts'
import {isAtLeast} from '../../model/version.ts'
import {
  comesWithAtLeast, containerdToCome, CRI_IMAGES, CRI_RUNTIME, CRI_V1, filesForPods, isTable, jsonAt, membersAt, placeToEdit, proofAt,
  textsAt, versionOfFile,
} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {since} from '../tables/versions.ts'

const PLUGINS = 'https://github.com/containerd/containerd/blob/main/docs/PLUGINS.md'
const CONTAINERD = {640: '/usr/bin/containerd'}
const RUNC_V2 = '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n  SystemdCgroup = true\n'
const RUNC_V3 = "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n"
/** What of the old CRI table is still its own in containerd 2: the server of exec and attach, and the TCP service. */
const STILL_THERE = new Set(['disable_tcp_service', 'stream_server_address', 'stream_server_port', 'stream_idle_timeout', 'enable_tls_streaming', 'x509_key_pair_streaming'])

/** The newest version of configuration files that a containerd reads; undefined where its version is not known. */
function newestVersion(version: string | undefined): 2 | 3 | 4 | undefined {
  if (version === undefined) return undefined
  return isAtLeast(version, since('containerd-config-4')) ? 4 : isAtLeast(version, since('containerd-config-3')) ? 3 : 2
}

function ignoredTable(file: ContainerdFile, node: NodeContext): readonly Outcome[] {
  const version = versionOfFile(file)
  const newest = newestVersion(containerdToCome(node))
  if (newest === undefined || version > newest) return []
  const old = jsonAt(file.table, 'plugins', CRI_V1)
  // 2.3 and later move the old tables of a version 3 file, as they move every version below 4
  if (newest === 3 && version === 3 && isTable(old) && Object.keys(old).some((key) => !STILL_THERE.has(key))) {
    const text =
      `${file.path} is of version 3 and has the tables of version 2 (${CRI_V1}): containerd ${containerdToCome(node)} ignores them, ` +
      'and runs with its defaults.'
    return [problem(`${file.path} ${CRI_V1}`, text, {
      evidence: [proofAt(file, ['plugins', CRI_V1, Object.keys(old).find((key) => !STILL_THERE.has(key)) ?? ''])],
    })]
  }
  if (newest > 2) return []
  return [CRI_RUNTIME, CRI_IMAGES].filter((plugin) => isTable(jsonAt(file.table, 'plugins', plugin))).map((plugin) =>
    problem(`${file.path} ${plugin}`, `${file.path} has tables of containerd 2 (${plugin}): containerd ${containerdToCome(node)} ignores them, and runs with its defaults.`, {
      evidence: [proofAt(file, ['plugins', plugin, Object.keys(jsonAt(file.table, 'plugins', plugin) ?? {})[0] ?? ''])],
    }))
}

export const checks = [
  nodeCheck({
    id: 'containerd-ignored-tables',
    title: {pass: 'containerd reads every CRI table of its configuration', fail: 'containerd ignores CRI tables of its configuration'},
    why:
      'The CRI plugin has one table up to containerd 1.7 (io.containerd.grpc.v1.cri) and two from 2.0 on ' +
      '(io.containerd.cri.v1.runtime and .images). Tables of the wrong generation are no error: containerd starts, ' +
      'uses cgroupfs, its own sandbox image and no mirrors, and pods break one by one. A return from 2.x to 1.x does the same.',
    severity: 'high',
    fix: {
      containerd:
        'Write the tables for the version in the first line: `version = 2` with `[plugins."io.containerd.grpc.v1.cri"]` is ' +
        'read by containerd 1.x and, migrated, by 2.x. `containerd config dump` shows what it makes of the file.',
      'cri-o': 'Nothing: CRI-O does not use containerd.', 'cri-dockerd': 'Nothing: Docker does not use these tables.',
    },
    learnMore: PLUGINS,
    unproven: 'That containerd 2.3 and later migrate old tables of a version 3 file was read in its source.',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      return filesForPods(containerdConfigs, node).flatMap((file) => ignoredTable(file, node))
    },
    examples: {
      fail: [
        {upgrade: {containerd: '2.1'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 3\n${RUNC_V2}`}},
        {upgrade: {containerd: '1.7'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 2\n${RUNC_V3}`}},
      ],
      pass: [
        {upgrade: {containerd: '2.1'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 2\n${RUNC_V2}`}},
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': `version = 3\n${RUNC_V3}[plugins.'io.containerd.grpc.v1.cri']\n  stream_server_port = '10010'\n`,
          },
        },
        {upgrade: {containerd: '2.3'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 3\n${RUNC_V2}`}},
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-config-too-new',
    title: {
      pass: 'No configuration file of containerd is newer than the containerd to come',
      fail: 'A configuration file is of a version that the containerd to come does not know',
    },
    why:
      'containerd from 1.7 on does not start with a file of a version above its own ("unsupported config version"), main file ' +
      'or import. 1.6 starts and ignores what it does not know: pods then run with cgroupfs and other defaults.',
    severity: 'blocker',
    fix: {
      containerd:
        'Write the files anew for that containerd: `version = 2` is read by 1.x and 2.x, 3 by 2.0 and later, 4 by 2.3 and ' +
        'later. Before a downgrade put the old files back.',
      'cri-o': 'Nothing: CRI-O does not use containerd.',
      'cri-dockerd': 'Write the files anew for that containerd: Docker needs it too.',
    },
    learnMore: PLUGINS,
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      const come = containerdToCome(node)
      const newest = newestVersion(come)
      return filesForPods(containerdConfigs, node).flatMap((file): readonly Outcome[] => {
        if (come === undefined || newest === undefined || versionOfFile(file) <= newest) return []
        const effect = isAtLeast(come, since('containerd-refuses-newer-config')) ? 'does not start with it' : 'starts, and ignores its tables'
        return [problem(file.path, `${file.path} is of version ${versionOfFile(file)}, containerd ${come} knows ${newest} at most: it ${effect}.`, {
          evidence: [proofAt(file, ['version'], `version = ${versionOfFile(file)}`)],
        })]
      })
    },
    examples: {
      fail: [
        {upgrade: {containerd: '1.7'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 3\n${RUNC_V3}`}},
        {upgrade: {containerd: '1.6.20'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 3\n${RUNC_V3}`}},
        {upgrade: {containerd: '2.2'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': 'version = 4\n'}},
      ],
      pass: [
        {upgrade: {containerd: '2.0'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 3\n${RUNC_V3}`}},
        {processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 3\n${RUNC_V3}`}},
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-plugin-name',
    title: {
      pass: 'Plugins are named by their full ids in containerd\'s configuration',
      fail: 'A plugin is named in a way that containerd refuses',
    },
    why:
      'In a file of version 2 and above plugins are named by their id, io.containerd.…. With a short name in disabled_plugins ' +
      'or required_plugins containerd does not start ("invalid disabled plugin URI"); ' +
      'with a short name of a table ([plugins.cri]) 1.x does not start, and 2.x takes it as if the file had no version.',
    severity: 'blocker',
    fix: {
      containerd: 'Write the full id: `io.containerd.grpc.v1.cri` for cri. Remove it from `disabled_plugins` when CRI is to run.',
      'cri-o': 'Nothing: CRI-O does not use containerd.',
      'cri-dockerd': 'Write the full id: Docker needs this containerd too.',
    },
    learnMore: 'https://github.com/containerd/containerd/issues/10905',
    applies: ({target}) => target !== 'cri-o',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      return filesForPods(containerdConfigs, node).flatMap((file) => (versionOfFile(file) < 2 ? [] : [
        ...['disabled_plugins', 'required_plugins'].flatMap((list): readonly Outcome[] => {
          const short = textsAt(file.table, list).filter((name) => name.split('.').length < 4)
          const says = `${file.path} is of version ${versionOfFile(file)} and names ${short.join(', ')} in ${list}: containerd does not start with it.`
          return short.length === 0 ? [] : [problem(`${file.path} ${list}`, says, {
            evidence: [proofAt(file, [list], `${list} = ${JSON.stringify(short)}`)],
          })]
        }),
        ...membersAt(file.table, 'plugins').filter(([name]) => name.split('.').length < 4).map(([name]): Outcome => {
          const isRead = comesWithAtLeast(node, since('containerd-config-3'))
          const then = `containerd 1.x does not start with it${isRead ? ', 2.x reads it all the same' : ''}`
          return problem(`${file.path} ${name}`, `${file.path} is of version ${versionOfFile(file)} and has [plugins.${name}]: ${then}.`, {
            evidence: [proofAt(file, ['plugins', name])], ...(isRead && {severity: 'low' as const}),
          })
        }),
      ]))
    },
    examples: {
      fail: [
        {processes: CONTAINERD, files: {'/etc/containerd/config.toml': 'version = 2\ndisabled_plugins = ["cri"]\n'}},
        {
          processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': 'version = 2\n[plugins.cri]\n  sandbox_image = "registry.k8s.io/pause:3.9"\n'},
        },
      ],
      pass: [
        {
          processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': 'disabled_plugins = ["restart"]\n[plugins.cri]\n  sandbox_image = "registry.k8s.io/pause:3.9"\n',
          },
        },
        {
          processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\ndisabled_plugins = ["io.containerd.internal.v1.opt"]\n${RUNC_V2}`},
        },
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-old-imports',
    title: {
      pass: 'containerd imports no file of another version',
      fail: 'containerd imports files of another version than the main file has',
    },
    why:
      '`containerd config migrate` writes the main file anew, with every default in it, and leaves imported files as they ' +
      'are. containerd 2 still reads an older import by itself; where the main file now has settings of its own for the same ' +
      'plugin, ' +
      'which of the two holds is no longer plain to see.',
    severity: 'info',
    fix: {
      containerd:
        'Do not replace the main file by the output of `containerd config migrate` while it has imports: move each file by ' +
        'hand, and compare `containerd config dump` before and after.',
      'cri-o': 'Nothing: CRI-O does not use containerd.', 'cri-dockerd': 'Nothing that pods depend on.',
    },
    learnMore: PLUGINS,
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      const [main, ...imports] = filesForPods(containerdConfigs, node)
      const other = main === undefined ? [] : imports.filter((file) => file.version !== undefined && versionOfFile(file) !== versionOfFile(main))
      const [first] = other
      if (main === undefined || first === undefined) return []
      const text =
        `${main.path} is of version ${versionOfFile(main)} and imports ${first.path} of version ${versionOfFile(first)}: \`containerd ` +
        'config migrate` does not move imported files.'
      return [problem('imports', text, {
        evidence: other.map((file) => proofAt(file, ['version'], `version = ${versionOfFile(file)}`)),
        fix: `Change ${placeToEdit(first.path)} by hand to the version of ${main.path}, and compare \`containerd config dump\` before and after.`,
      })]
    },
    examples: {
      fail: [{
        processes: CONTAINERD,
        files: {
          '/etc/containerd/config.toml': 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n',
          '/etc/containerd/conf.d/99-nvidia.toml': 'version = 2\n',
        },
      }],
      pass: [{
        processes: CONTAINERD,
        files: {
          '/etc/containerd/config.toml': 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n',
          '/etc/containerd/conf.d/99-nvidia.toml': 'version = 2\n',
        },
      }],
    },
  }),
]
