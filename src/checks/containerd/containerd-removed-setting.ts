// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {Json} from '../../model/json.ts'
import type {ContainerdFile} from '../../model/node/containerd.ts'
import {isAtLeast} from '../../model/version.ts'
import {comesWithAtLeast, containerdToCome, filesForPods, isTable, jsonAt, placeToEdit, proofAt} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {REMOVED_SETTINGS, type RemovedSetting} from '../tables/containerd.ts'
import {since} from '../tables/versions.ts'

const CONTAINERD = {640: '/usr/bin/containerd'}
const CRI = 'plugins."io.containerd.grpc.v1.cri"'

/** Where a setting is in a file; `*` of its path is any key. */
function placesOf({path, plugins, idle}: RemovedSetting, file: ContainerdFile): readonly (readonly string[])[] {
  return plugins.flatMap((plugin) => descend(jsonAt(file.table, 'plugins', plugin), path, ['plugins', plugin])
    .flatMap(({value, at}) => (idle?.includes(value as string | boolean) || (isTable(value) && Object.keys(value).length === 0) ? [] : [at])))
}

function descend(value: Json | undefined, path: readonly string[], at: readonly string[]): readonly {readonly value: Json; readonly at: readonly string[]}[] {
  const [key, ...rest] = path
  if (value === undefined) return []
  if (key === undefined) return [{value, at}]
  if (!isTable(value)) return []
  const keys = key === '*' ? Object.keys(value) : Object.hasOwn(value, key) ? [key] : []
  return keys.flatMap((name) => descend(value[name], rest, [...at, name]))
}

export const checks = [
  nodeCheck({
    id: 'containerd-removed-setting',
    title: {
      pass: 'The containerd to come knows every setting of its configuration',
      fail: 'The containerd to come does not know a setting of its configuration',
    },
    why:
      'containerd takes no offence at a setting that it does not know: it logs "Ignoring unknown key in TOML for plugin", and ' +
      'runs with its default in its place. What was configured is simply not so any more.',
    severity: 'high',
    fix: {
      containerd: 'Write what takes its place, and look at `containerd config dump` of the new containerd.',
      'cri-o': 'Nothing: CRI-O does not use containerd.',
      'cri-dockerd': 'Nothing: Docker does not use these settings.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/RELEASES.md#deprecated-config-properties',
    unproven: 'What is announced for 2.4 was put off before.',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      const files = filesForPods(containerdConfigs, node)
      return REMOVED_SETTINGS.filter(({version}) => comesWithAtLeast(node, version)).flatMap((setting) => files.flatMap((file): readonly Outcome[] => {
        const places = placesOf(setting, file)
        const [first] = places
        if (first === undefined) return []
        const gone = setting.announced ? `is announced to be gone in ${setting.version}` : `is gone since ${setting.version}`
        const text =
          `${setting.path.filter((part) => part !== '*').join('.')} in ${file.path} ${gone}: with containerd ${containerdToCome(node)} ` +
          `${setting.effect}.`
        return [problem(`${file.path} ${setting.key}`, text, {
          evidence: places.slice(0, 5).map((path) => proofAt(file, path)),
          fix: placeToEdit(file.path) === file.path ? setting.instead : `${setting.instead} Change ${placeToEdit(file.path)}.`,
          ...(setting.severity && {severity: setting.severity}),
        })]
      }))
    },
    examples: {
      fail: [
        {
          upgrade: {containerd: '2.0'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}]\n  systemd_cgroup = true\n`},
        },
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd.runtimes.kata]\n  runtime_type = "io.containerd.kata.v2"\n  runtime_engine = "/usr/bin/kata"\n`,
          },
        },
        {
          upgrade: {containerd: '2.4'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': `version = 2\n[${CRI}.registry.mirrors."docker.io"]\n  endpoint = ["https://mirror.example.com"]\n`,
          },
        },
      ],
      pass: [
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}]\n  systemd_cgroup = true\n`},
        },
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}]\n  systemd_cgroup = false\n[${CRI}.registry.mirrors]\n`},
        },
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-dropped-snapshotter',
    title: {
      pass: 'containerd keeps the configured snapshotter when it migrates its configuration',
      fail: 'containerd 2 forgets the configured snapshotter',
    },
    why:
      'When containerd 2 reads a version 2 file it carries snapshotter, discard_unpacked_layers and ' +
      'disable_snapshot_annotations over only if that file also has containerd.runtimes. Without it the node silently uses ' +
      'overlayfs: ' +
      'images are pulled again into another place, or pods fail to start where overlayfs does not work.',
    severity: 'high',
    fix: {
      containerd:
        'Add the table `[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]` with `runtime_type = ' +
        '"io.containerd.runc.v2"`, or write the file in version 3: `snapshotter` is in ' +
        '`[plugins.\'io.containerd.cri.v1.images\']` there.',
      'cri-o': 'Nothing: CRI-O does not use containerd.', 'cri-dockerd': 'Nothing: Docker has its own storage driver.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/cri/config.md',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      if (!comesWithAtLeast(node, since('containerd-config-3'))) return []
      return filesForPods(containerdConfigs, node).flatMap((file): readonly Outcome[] => {
        if (file.version !== undefined && file.version > 2) return []
        const plugin = ['cri', 'io.containerd.grpc.v1.cri'].find((name) => isTable(jsonAt(file.table, 'plugins', name, 'containerd')))
        const path = ['plugins', plugin ?? '', 'containerd']
        const table = jsonAt(file.table, ...path)
        if (plugin === undefined || !isTable(table) || isTable(table['runtimes'])) return []
        const lost = [
          ...(typeof table['snapshotter'] === 'string' && !['', 'overlayfs'].includes(table['snapshotter']) ? ['snapshotter'] : []),
          ...(table['discard_unpacked_layers'] === true ? ['discard_unpacked_layers'] : []), ...(table['disable_snapshot_annotations'] === false ? ['disable_snapshot_annotations'] : []),
        ]
        if (lost.length === 0) return []
        const settings = lost.map((key) => `${key} = ${JSON.stringify(table[key])}`).join(', ')
        const text =
          `${file.path} sets ${settings} and has no containerd.runtimes: containerd ${containerdToCome(node)} drops ` +
          `${lost.length === 1 ? 'it' : 'them'} when it reads the file.`
        return [problem(file.path, text, {
          evidence: lost.map((key) => proofAt(file, [...path, key], `${key} = ${JSON.stringify(table[key])}`)), ...(lost[0] !== 'snapshotter' && {severity: 'low' as const}),
        })]
      })
    },
    examples: {
      fail: [{
        upgrade: {containerd: '2.1'}, processes: CONTAINERD,
        files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd]\n  snapshotter = "zfs"\n`},
      }],
      pass: [
        {
          upgrade: {containerd: '2.1'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd]\n  snapshotter = "zfs"\n[${CRI}.containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n`,
          },
        },
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n[${CRI}.containerd]\n  snapshotter = "zfs"\n`},
        },
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-go-plugins',
    title: {
      pass: 'containerd loads no plugins written as Go libraries',
      fail: 'containerd loads plugins from a folder, which the containerd to come does not',
    },
    why:
      'containerd 2.1 and later ignore plugin_dir: a snapshotter or runtime that comes as a .so file is not there any more, ' +
      'and pods that need it do not start.',
    severity: 'high',
    fix: {
      containerd: 'Take the plugin as a program of its own, configured in `[proxy_plugins]`, or as a runtime shim.',
      'cri-o': 'Nothing: CRI-O does not use containerd.',
      'cri-dockerd': 'Take the plugin as a program of its own, configured in `[proxy_plugins]`.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/RELEASES.md#deprecated-features',
    applies: ({target}) => target !== 'cri-o',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      return filesForPods(containerdConfigs, node).flatMap((file): readonly Outcome[] => {
        const folder = file.table['plugin_dir']
        const version = containerdToCome(node)
        if (typeof folder !== 'string' || folder === '' || version === undefined || !isAtLeast(version, since('containerd-without-go-plugins'))) return []
        return [problem(file.path, `${file.path} has plugin_dir = ${folder}: containerd ${version} loads nothing from there.`, {
          evidence: [proofAt(file, ['plugin_dir'], `plugin_dir = "${folder}"`)],
        })]
      })
    },
    examples: {
      fail: [{
        upgrade: {containerd: '2.1'}, processes: CONTAINERD,
        files: {'/etc/containerd/config.toml': 'version = 2\nplugin_dir = "/opt/containerd/plugins"\n'},
      }],
      pass: [
        {upgrade: {containerd: '2.1'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': 'version = 2\nplugin_dir = ""\n'}},
        {
          upgrade: {containerd: '2.0'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': 'version = 2\nplugin_dir = "/opt/containerd/plugins"\n'},
        },
      ],
    },
  }),
]
