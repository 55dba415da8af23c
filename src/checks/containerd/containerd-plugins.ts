// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Outcome, Proof} from '../../model/check.ts'
import type {ContainerdFile} from '../../model/node/containerd.ts'
import {valueOf} from '../../model/observed.ts'
import {isAtLeast} from '../../model/version.ts'
import {
  comesBefore, comesWithAtLeast, containerdForPods, containerdToCome, CRI_IMAGES, criTablesOf, filesForPods, filesInForce, handlersOf, isTable,
  jsonAt, membersAt, placeToEdit, proofAt, textAt, textsAt, versionOfAll,
} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {MOVED_PLUGINS, SNAPSHOTTERS} from '../tables/containerd.ts'
import {since} from '../tables/versions.ts'

const CONTAINERD = {640: '/usr/bin/containerd'}
const CRI = 'plugins."io.containerd.grpc.v1.cri"'
const RUNC = `[${CRI}.containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n`
const NOT_CRIO = 'Nothing: CRI-O does not use containerd.'
const PLUGINS = 'https://github.com/containerd/containerd/blob/main/docs/PLUGINS.md'

function list(file: ContainerdFile, key: string): Proof {
  return proofAt(file, [key], `${key} = ${JSON.stringify(textsAt(file.table, key))}`)
}

/** Whether the containerd to come is known to have no plugin of this name. */
function isMissing(id: string, node: NodeContext): boolean {
  const row = MOVED_PLUGINS.find((one) => one.id === id)
  return row !== undefined && (row.gone === undefined ? row.since !== undefined && comesBefore(node, row.since) : comesWithAtLeast(node, row.gone))
}

interface Snapshotter {
  readonly name: string
  readonly file: ContainerdFile
  readonly proof: Proof
}

/** The snapshotter that images of pods are unpacked with, as files say it; undefined where they say none that is read. */
function snapshotterOf(files: readonly ContainerdFile[], node: NodeContext): Snapshotter | undefined {
  const isNew = comesWithAtLeast(node, since('containerd-config-3'))
  const all = filesInForce(files, node).flatMap((file) => criTablesOf(file).flatMap(({plugin, table, path}): readonly Snapshotter[] => {
    const keys = plugin === CRI_IMAGES ? ['snapshotter'] : ['containerd', 'snapshotter']
    const name = textAt(table, ...keys)
    // what containerd 2 drops or ignores: containerd-dropped-snapshotter, containerd-ignored-tables
    const isRead = isNew === (plugin === CRI_IMAGES) || (isNew && versionOfAll(files) < 3 && isTable(jsonAt(table, 'containerd', 'runtimes')))
    return name === undefined || !isRead ? [] : [{name, file, proof: proofAt(file, [...path, ...keys], `snapshotter = "${name}"`)}]
  }))
  return all.at(-1)
}

/** Whether this containerd answers over the CRI now: it then has the snapshotter that it is told, wherever that came from. */
function answers(node: NodeContext): boolean {
  const address = containerdForPods(node)?.address.value.replace(/^\/var\/run\//, '/run/')
  return node.facts.criEndpoints.some((one) => one.inside === undefined && one.address.replace(/^unix:\/\//, '').replace(/^\/var\/run\//, '/run/') === address &&
    (valueOf(one.answer)?.apiVersions.length ?? 0) > 0)
}

/** Why the containerd to come has no snapshotter of this name; undefined where it has one, or may have. */
function missing(name: string, files: readonly ContainerdFile[], node: NodeContext): string | undefined {
  const version = containerdToCome(node)
  const row = SNAPSHOTTERS.find((one) => one.name === name)
  if (row?.gone !== undefined && comesWithAtLeast(node, row.gone)) return `containerd ${version} has none of that name (gone since ${row.gone})`
  if (row?.since !== undefined && version !== undefined && !isAtLeast(version, row.since)) return `containerd ${version} has none of that name (there since ${row.since})`
  const isBuiltIn = row !== undefined || files.some((file) => placeToEdit(file.path) !== file.path) || answers(node)
  const isProxy = files.some((file) => membersAt(file.table, 'proxy_plugins', name).length > 0)
  return isBuiltIn || isProxy ? undefined : `containerd has none of that name, and [proxy_plugins.${name}] is not in its configuration`
}

export const checks = [
  nodeCheck({
    id: 'containerd-plugin-gone',
    title: {
      pass: 'containerd has every plugin that its configuration requires or disables',
      fail: 'A plugin that the configuration requires or disables is not in the containerd to come',
    },
    why:
      'containerd does not start when a plugin of required_plugins is not there ("required plugin … not included"), and several have other ' +
      'names from 2.0 on: runtime.v1.linux is gone, internal.v1.restart and monitor.v1.cgroups were renamed. Under the old name a ' +
      'plugin is not disabled any more either; that is no error.',
    severity: 'blocker',
    fix: {
      containerd: 'Write the name that the containerd to come has (`ctr plugins ls` of it lists them), or remove the entry.',
      'cri-o': NOT_CRIO,
      'cri-dockerd': 'Write the name that the containerd to come has, or remove the entry: Docker needs this containerd too.',
    },
    learnMore: PLUGINS,
    applies: ({target}) => target !== 'cri-o',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      return filesForPods(containerdConfigs, node).flatMap((file): readonly Outcome[] => {
        const required = textsAt(file.table, 'required_plugins').filter((id) => isMissing(id, node))
        const disabled = textsAt(file.table, 'disabled_plugins').filter((id) => isMissing(id, node) && MOVED_PLUGINS.some((one) => one.id === id && one.now !== undefined))
        const renamed = (ids: readonly string[]) => ids.flatMap((id) => MOVED_PLUGINS.find((one) => one.id === id)?.now ?? []).join(', ')
        return [
          ...(required.length === 0 ? [] : [problem(`${file.path} required_plugins`, `${file.path} requires ${required.join(', ')}: containerd ${containerdToCome(node)} has no such plugin, and does not start.`, {
            evidence: [list(file, 'required_plugins')],
          })]),
          ...(disabled.length === 0 ? [] : [problem(`${file.path} disabled_plugins`, `${file.path} disables ${disabled.join(', ')}: containerd ${containerdToCome(node)} calls it ${renamed(disabled)}, and runs it.`, {
            evidence: [list(file, 'disabled_plugins')], severity: 'low' as const,
          })]),
        ]
      })
    },
    examples: {
      fail: [
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': 'version = 2\nrequired_plugins = ["io.containerd.internal.v1.restart"]\n'},
        },
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': 'version = 2\nrequired_plugins = ["io.containerd.cri.v1.runtime"]\n'},
        },
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': 'version = 2\ndisabled_plugins = ["io.containerd.internal.v1.restart"]\n'},
        },
      ],
      pass: [
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': 'version = 2\nrequired_plugins = ["io.containerd.grpc.v1.cri"]\ndisabled_plugins = ["io.containerd.snapshotter.v1.aufs"]\n'},
        },
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': 'version = 2\nrequired_plugins = ["io.containerd.internal.v1.restart"]\n'},
        },
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-snapshotter-missing',
    title: {
      pass: 'containerd has the snapshotter that it is told to use',
      fail: 'containerd is told to use a snapshotter that it has not',
    },
    why:
      'Without its snapshotter the CRI plugin does not load: containerd itself runs on and says "failed to find snapshotter" once, and the ' +
      'kubelet ends with "unknown service runtime.v1.RuntimeService". containerd 2.0 has no aufs; stargz, nydus and others are ' +
      'programs of their own that need a table in proxy_plugins.',
    severity: 'blocker',
    fix: {
      containerd:
        'Write `snapshotter = "overlayfs"`, or the table `[proxy_plugins.NAME]` with `type = "snapshot"` and the address of the program, ' +
        'and take it out of disabled_plugins. Drain the node first: images and containers of one snapshotter are not those of another.',
      'cri-o': NOT_CRIO,
      'cri-dockerd': 'Nothing: Docker does not use the CRI part of containerd.',
    },
    learnMore: 'https://github.com/containerd/containerd/tree/main/docs/snapshotters',
    unproven: 'Builds of containerd may have snapshotters of their own: where it answers with one, it is taken to be there.',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node): readonly Outcome[] {
      const files = filesForPods(containerdConfigs, node)
      const told = snapshotterOf(files, node)
      const name = told?.name ?? 'overlayfs'
      const disabling = files.find((file) => textsAt(file.table, 'disabled_plugins').includes(`io.containerd.snapshotter.v1.${name}`))
      if (disabling !== undefined) {
        return [problem('snapshotter', `${disabling.path} disables the snapshotter ${name}, which images of pods are unpacked with: the CRI plugin of containerd does not load.`, {
          evidence: [list(disabling, 'disabled_plugins'), ...(told === undefined ? [] : [told.proof])],
        })]
      }
      const why = told === undefined ? undefined : missing(told.name, files, node)
      if (told === undefined || why === undefined) return []
      return [problem('snapshotter', `${placeToEdit(told.file.path)} names the snapshotter ${told.name}: ${why}, so that its CRI plugin does not load.`, {evidence: [told.proof]})]
    },
    examples: {
      fail: [
        {
          upgrade: {containerd: '2.0'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd]\n  snapshotter = "aufs"\n${RUNC}`},
        },
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd]\n  snapshotter = "stargz"\n`},
        },
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': 'version = 3\ndisabled_plugins = ["io.containerd.snapshotter.v1.overlayfs"]\n'},
        },
      ],
      pass: [
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd]\n  snapshotter = "aufs"\n${RUNC}`},
        },
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': "version = 3\n[plugins.'io.containerd.cri.v1.images']\n  snapshotter = 'stargz'\n[proxy_plugins.stargz]\n  type = 'snapshot'\n  address = '/run/containerd-stargz-grpc/containerd-stargz-grpc.sock'\n",
          },
        },
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': 'version = 2\ndisabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.zfs"]\n'},
        },
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-default-runtime-missing',
    title: {
      pass: 'containerd has the handler that it runs pods with by default',
      fail: 'The default handler of containerd is not in its configuration',
    },
    why:
      'The CRI plugin does not load when default_runtime_name names no entry of `runtimes` ("no corresponding runtime configured"). ' +
      'containerd 1.x takes the table `runtimes` as a whole: a file that has kata or nvidia in it, and no runc, takes runc away. ' +
      'containerd 2 keeps runc.',
    severity: 'blocker',
    fix: {
      containerd:
        'Write the missing entry of `runtimes` (for runc: `runtime_type = "io.containerd.runc.v2"`), or the name of one that is there as ' +
        '`default_runtime_name`.',
      'cri-o': NOT_CRIO,
      'cri-dockerd': 'Nothing: Docker does not use these handlers.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/cri/config.md',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node): readonly Outcome[] {
      const version = containerdToCome(node)
      if (version === undefined) return []
      const isNew = isAtLeast(version, since('containerd-config-3'))
      const tables = filesInForce(filesForPods(containerdConfigs, node), node).flatMap((file) => criTablesOf(file).map((one) => ({...one, file})))
      const told = tables.findLast(({table}) => textAt(table, 'containerd', 'default_runtime_name') !== undefined)
      const handlers = filesInForce(filesForPods(containerdConfigs, node), node).flatMap((file) => handlersOf(file).map((one) => ({...one, file})))
      const name = textAt(told?.table, 'containerd', 'default_runtime_name') ?? 'runc'
      // up to 1.7 the old table `default_runtime` is the default, whatever the name says
      const hasOld = tables.some(({table}) => textAt(table, 'containerd', 'default_runtime', 'runtime_type') !== undefined)
      const hasRunc = isNew || handlers.length === 0
      if (hasOld || handlers.some((one) => one.name === name) || (name === 'runc' && hasRunc)) return []
      const [first] = handlers
      const place = told?.file ?? first?.file
      if (place === undefined) return []
      const names = first === undefined ? 'no other handler' : `only ${[...new Set(handlers.map((one) => one.name))].slice(0, 5).join(', ')}`
      const text = `${placeToEdit(place.path)} has ${names}, and the default handler of containerd ${version} is ${name}: its CRI plugin does not load.`
      return [problem('default', text, {
        evidence: [
          ...(told === undefined ? [] : [proofAt(told.file, [...told.path, 'containerd', 'default_runtime_name'], `default_runtime_name = "${name}"`)]),
          ...(first === undefined ? [] : [proofAt(first.file, first.path)]),
        ],
      })]
    },
    examples: {
      fail: [
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd]\n  default_runtime_name = "nvidia"\n${RUNC}`},
        },
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd.runtimes.kata]\n  runtime_type = "io.containerd.kata.v2"\n`},
        },
      ],
      pass: [
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd.runtimes.kata]\n  runtime_type = "io.containerd.kata.v2"\n`},
        },
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd]\n  default_runtime_name = "nvidia"\n${RUNC.replaceAll('.runc]', '.nvidia]')}`},
        },
        {upgrade: {containerd: '1.7'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': 'version = 2\n'}},
      ],
    },
  }),
]
