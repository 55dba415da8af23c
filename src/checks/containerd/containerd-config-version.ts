// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Outcome} from '../../model/check.ts'
import type {ContainerdFile} from '../../model/node/containerd.ts'
import {isAtLeast} from '../../model/version.ts'
import {
  comesBefore, comesWithAtLeast, containerdToCome, CRI_IMAGES, CRI_RUNTIME, CRI_V1, filesForPods, membersAt, placeToEdit, proofAt,
  textsAt, versionOfAll, versionOfFile,
} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {since} from '../tables/versions.ts'

const PLUGINS = 'https://github.com/containerd/containerd/blob/main/docs/PLUGINS.md'
const CONTAINERD = {640: '/usr/bin/containerd'}
const RUNC_V1 = '[plugins.cri.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n'
const RUNC_V2 = '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n  SystemdCgroup = true\n'
const RUNC_V3 = "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n"
const WRITE_VERSION =
  `Write \`version = 2\` as the first line, and \`[plugins."${CRI_V1}"…]\` for each \`[plugins.cri…]\`, by hand: \`containerd config migrate\` of 2.0 to 2.2 ` +
  'loses these tables as well.'
/** What of the old CRI table is still its own in containerd 2: the server of exec and attach, and the TCP service. */
const STILL_THERE = new Set(['disable_tcp_service', 'stream_server_address', 'stream_server_port', 'stream_idle_timeout', 'enable_tls_streaming', 'x509_key_pair_streaming'])

/** The newest version of configuration files that a containerd reads; undefined where its version is not known. */
function newestVersion(version: string | undefined): 2 | 3 | 4 | undefined {
  if (version === undefined) return undefined
  return isAtLeast(version, since('containerd-config-4')) ? 4 : isAtLeast(version, since('containerd-config-3')) ? 3 : 2
}

/** The names of CRI tables of this file that the containerd to come does not look at; `newest`: the version of files that it writes. */
function ignoredIn(file: ContainerdFile, files: readonly ContainerdFile[], newest: 2 | 3 | 4): readonly string[] {
  const version = versionOfFile(file)
  if (version > newest) return []
  // 2.3 and later move the old tables of every file below version 4
  if (newest === 4) return []
  if (newest === 3) return versionOfAll(files) === 3 ? (version === 1 ? ['cri', CRI_V1] : [CRI_V1]) : []
  // 1.x knows a plugin of a version 1 file by its short name only
  return [CRI_RUNTIME, CRI_IMAGES, ...(files.every((one) => versionOfFile(one) === 1) ? [CRI_V1] : [])]
}

function ignoredTables(files: readonly ContainerdFile[], node: NodeContext): readonly Outcome[] {
  const come = containerdToCome(node)
  const newest = newestVersion(come)
  if (newest === undefined) return []
  return files.flatMap((file) => ignoredIn(file, files, newest).flatMap((plugin): readonly Outcome[] => {
    const first = membersAt(file.table, 'plugins', plugin).find(([key]) => newest === 2 || !STILL_THERE.has(key))
    if (first === undefined) return []
    return [problem(`${file.path} ${plugin}`, `${placeToEdit(file.path)} ${reason(file, files, plugin)}: containerd ${come} ignores them, and runs with its defaults.`, {
      evidence: [proofAt(file, ['plugins', plugin, first[0]])], ...(versionOfFile(file) === 1 && {fix: WRITE_VERSION}),
    })]
  }))
}

/** Why a table is not looked at, to stand after the name of the file. */
function reason(file: ContainerdFile, files: readonly ContainerdFile[], plugin: string): string {
  if (plugin === CRI_RUNTIME || plugin === CRI_IMAGES) return `has tables of containerd 2 (${plugin})`
  const version = versionOfFile(file)
  if (version === 1) return `${file.version === undefined ? 'has no `version`' : 'is of version 1'} and has tables of ${plugin}`
  const newer = version === 2 ? files.findLast((one) => versionOfFile(one) > 2) : undefined
  return `is of version ${version} and has the tables of version 2 (${plugin})${newer === undefined ? '' : `, and ${newer.path}, which is read after it, is of version 3`}`
}

export const checks = [
  nodeCheck({
    id: 'containerd-ignored-tables',
    title: {pass: 'containerd reads every CRI table of its configuration', fail: 'containerd ignores CRI tables of its configuration'},
    why:
      'The CRI plugin has one table up to containerd 1.7 (io.containerd.grpc.v1.cri) and two from 2.0 on ' +
      '(io.containerd.cri.v1.runtime and .images). Tables of the wrong generation are no error: containerd starts, ' +
      'uses cgroupfs, its own sandbox image and no mirrors, and pods break one by one. A return from 2.x to 1.x does the same. ' +
      'A file without a `version` is of version 1: containerd 1.x reads [plugins.cri] in it and nothing of the long name, ' +
      'and containerd 2.0 to 2.2 read neither.',
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
      return ignoredTables(filesForPods(containerdConfigs, node), node)
    },
    examples: {
      fail: [
        {upgrade: {containerd: '2.1'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 3\n${RUNC_V2}`}},
        {upgrade: {containerd: '1.7'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 2\n${RUNC_V3}`}},
        {upgrade: {containerd: '2.1'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': RUNC_V1}},
        {upgrade: {containerd: '1.7'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': RUNC_V2}},
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': `version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n${RUNC_V2}`,
            '/etc/containerd/conf.d/99-nvidia.toml': `version = 3\n${RUNC_V3}`,
          },
        },
      ],
      pass: [
        {upgrade: {containerd: '1.7'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': RUNC_V1}},
        {upgrade: {containerd: '2.3'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': RUNC_V1}},
        {upgrade: {containerd: '2.1'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': '#version = 2\ndisabled_plugins = ["cri"]\n'}},
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': `version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n${RUNC_V3}`,
            '/etc/containerd/conf.d/99-nvidia.toml': `version = 2\n${RUNC_V2}`,
          },
        },
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
      'with a short name of a table ([plugins.cri]) 1.x does not start, and 2.x starts and ignores the table.',
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
      const files = filesForPods(containerdConfigs, node)
      // 1.x reads all files as one, and knows short names only where none of them says a version
      const isOne = comesBefore(node, since('containerd-config-3')) && files.some((file) => versionOfFile(file) > 1)
      const what = (file: ContainerdFile) => (versionOfFile(file) > 1 ? `is of version ${versionOfFile(file)}` : 'is read together with files of version 2')
      return files.flatMap((file) => (versionOfFile(file) < 2 && !isOne ? [] : [
        ...['disabled_plugins', 'required_plugins'].flatMap((list): readonly Outcome[] => {
          const short = textsAt(file.table, list).filter((name) => name.split('.').length < 4)
          const says = `${file.path} ${what(file)} and names ${short.join(', ')} in ${list}: containerd does not start with it.`
          return short.length === 0 ? [] : [problem(`${file.path} ${list}`, says, {
            evidence: [proofAt(file, [list], `${list} = ${JSON.stringify(short)}`)],
          })]
        }),
        ...membersAt(file.table, 'plugins').filter(([name]) => name.split('.').length < 4).map(([name]): Outcome => {
          const isNew = comesWithAtLeast(node, since('containerd-config-3'))
          const then = `containerd 1.x does not start with it${isNew ? ', 2.x starts and ignores what it says' : ''}`
          return problem(`${file.path} ${name}`, `${file.path} ${what(file)} and has [plugins.${name}]: ${then}.`, {
            evidence: [proofAt(file, ['plugins', name])], ...(isNew && {severity: 'high' as const}),
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
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n', '/etc/containerd/conf.d/docker.toml': 'disabled_plugins = ["cri"]\n',
          },
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
      pass: 'containerd imports no file of an older version',
      fail: 'containerd imports files of an older version than the main file has',
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
      const other = main === undefined ? [] : imports.filter((file) => file.version !== undefined && versionOfFile(file) < versionOfFile(main))
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
  nodeCheck({
    id: 'containerd-newer-import',
    title: {
      pass: 'containerd imports no file of a newer version',
      fail: 'containerd imports a file of a newer version than the main file has',
    },
    why:
      'containerd 2.3 and later do not start with an import whose version is higher than that of the main file ("drop-in config version 3 ' +
      'higher than root config version 2"). Tools that write drop-ins for containerd 2, as nvidia-ctk does, bring one while the main ' +
      'file is still of version 2.',
    severity: 'blocker',
    fix: {
      containerd:
        'Bring the main file to the version of the newest import: `containerd --config /etc/containerd/config.toml config migrate`, with ' +
        'the lines of `imports` kept, and compare `containerd config dump` before and after.',
      'cri-o': 'Nothing: CRI-O does not use containerd.', 'cri-dockerd': 'Bring the main file to the version of the newest import: Docker needs this containerd too.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/man/containerd-config.toml.5.md',
    unproven: 'Read in the source of containerd 2.3.3 (LoadConfigWithPlugins).',
    applies: ({target}) => target !== 'cri-o',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node): readonly Outcome[] {
      if (!comesWithAtLeast(node, since('containerd-config-4'))) return []
      const files = filesForPods(containerdConfigs, node).filter(({version}) => version !== undefined && version > 0)
      const [first, ...others] = files
      // a version that this containerd does not know at all is containerd-config-too-new
      return others.filter((file) => first !== undefined && versionOfFile(file) > versionOfFile(first) && versionOfFile(file) <= 4).map((file) =>
        problem(file.path, `${file.path} is of version ${versionOfFile(file)} and imported by files of version ${versionOfFile(first ?? file)}: containerd ${containerdToCome(node)} does not start.`, {
          evidence: [proofAt(file, ['version'], `version = ${file.version}`), ...(first === undefined ? [] : [proofAt(first, ['version'], `version = ${first.version}`)])],
        }))
    },
    examples: {
      fail: [{
        upgrade: {containerd: '2.3'}, processes: CONTAINERD,
        files: {
          '/etc/containerd/config.toml': 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n', '/etc/containerd/conf.d/99-nvidia.toml': 'version = 3\n',
        },
      }],
      pass: [
        {
          upgrade: {containerd: '2.3'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n', '/etc/containerd/conf.d/99-nvidia.toml': 'version = 2\n',
          },
        },
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n', '/etc/containerd/conf.d/99-nvidia.toml': 'version = 3\n',
          },
        },
      ],
    },
  }),
]
