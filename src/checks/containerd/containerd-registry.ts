// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Outcome} from '../../model/check.ts'
import type {ContainerdFile} from '../../model/node/containerd.ts'
import {isAtLeast} from '../../model/version.ts'
import {
  comesBefore, comesWithAtLeast, containerdToCome, criTablesOf, filesForPods, filesInForce, membersAt, proofAt, textAt,
} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {since} from '../tables/versions.ts'

const CONTAINERD = {640: '/usr/bin/containerd'}
const REGISTRY = '[plugins."io.containerd.grpc.v1.cri".registry]\n'
const MIRRORS = '[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\n  endpoint = ["https://mirror.example.com"]\n'
const CERTS_D =
  'Write each mirror as /etc/containerd/certs.d/<registry>/hosts.toml, keep `config_path = "/etc/containerd/certs.d"`, and remove ' +
  '`registry.mirrors`. A hosts.toml is read at each pull, without a restart.'
/** First release with containerd#12617 (release/2.2); 2.2.1 is known to fail. */
const FIXED = '2.2.2'

interface Place {
  readonly file: ContainerdFile
  readonly path: readonly string[]
}

function mirrorsIn(files: readonly ContainerdFile[]): readonly Place[] {
  return files.flatMap((file) => criTablesOf(file).flatMap(({table, path}) => (membersAt(table, 'registry', 'mirrors').length > 0 ? [{file, path: [...path, 'registry', 'mirrors']}] : [])))
}

function configPathsIn(files: readonly ContainerdFile[]): readonly (Place & {readonly value: string})[] {
  return files.flatMap((file) => criTablesOf(file).flatMap(({table, path}) => {
    const value = textAt(table, 'registry', 'config_path')
    return value === undefined ? [] : [{file, path: [...path, 'registry', 'config_path'], value}]
  }))
}

/** 2.2 looks in certs.d by default, and its first releases took that for a config_path that somebody had set. */
function defaultClashes(node: NodeContext): boolean {
  return comesWithAtLeast(node, since('containerd-config-path-default')) && comesBefore(node, FIXED)
}

export const checks = [
  nodeCheck({
    id: 'containerd-registry-conflict',
    title: {
      pass: 'containerd is configured for registries in one way',
      fail: 'containerd is configured for registries in two ways, and switches CRI off',
    },
    why:
      'With registry.mirrors and config_path at once the CRI plugin does not load ("`mirrors` cannot be set when ' +
      '`config_path` is provided"); containerd itself runs on. The kubelet sees "unknown service runtime.v1.RuntimeService". ' +
      'With containerd 2 the two may be in different files: imports are merged first. containerd 2.2.0 and 2.2.1 fail with ' +
      'mirrors alone.',
    severity: 'blocker',
    fix: {
      containerd: CERTS_D, 'cri-o': 'Nothing: CRI-O does not use containerd.',
      'cri-dockerd': 'Nothing: Docker has its own settings of registries.',
    },
    learnMore: 'https://github.com/containerd/containerd/issues/12612',
    unproven:
      'Read in the source of containerd; which release of 2.2 first takes mirrors alone is from its threads (2.2.1 does not).',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      const files = filesInForce(filesForPods(containerdConfigs, node), node)
      const [[mirrors], [configPath]] = [mirrorsIn(files), configPathsIn(files)]
      if (mirrors === undefined) return []
      const evidence = [proofAt(mirrors.file, mirrors.path)]
      if (configPath !== undefined) {
        const text =
          `${mirrors.file.path} has registry.mirrors and ${configPath.file === mirrors.file ? 'also' : configPath.file.path} ` +
          `config_path = ${configPath.value}: the CRI plugin of containerd does not load.`
        return [problem('registry', text, {
          evidence: [...evidence, proofAt(configPath.file, configPath.path, `config_path = "${configPath.value}"`)],
        })]
      }
      if (!defaultClashes(node)) return []
      const text =
        `${mirrors.file.path} has registry.mirrors: the CRI plugin of containerd ${containerdToCome(node)} does not load before ` +
        `${FIXED}, as its default config_path clashes with them.`
      return [problem('registry', text, {evidence})]
    },
    examples: {
      fail: [
        {
          processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n${REGISTRY}  config_path = "/etc/containerd/certs.d"\n${MIRRORS}`},
        },
        {upgrade: {containerd: '2.2.0'}, processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 2\n${MIRRORS}`}},
      ],
      pass: [
        {
          processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': `version = 2\n${REGISTRY}  config_path = "/etc/containerd/certs.d"\n`},
        },
        {processes: CONTAINERD, files: {'/etc/containerd/config.toml': `version = 2\n${MIRRORS}`}},
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': `version = 2\nimports = ["/etc/containerd/a.toml"]\n${MIRRORS}`,
            '/etc/containerd/a.toml': `version = 2\n${REGISTRY}  config_path = "/etc/containerd/certs.d"\n`,
          },
        },
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-config-path-list',
    title: {pass: 'containerd reads the hosts.toml of every registry', fail: 'containerd ignores the hosts.toml for all registries'},
    why:
      'With two folders in config_path, as the configuration that containerd 2.2.0 writes has, the mirror for every registry ' +
      'in _default/hosts.toml was not used: images come from the registries themselves, or not at all on a node without ' +
      'internet.',
    severity: 'medium',
    fix: {
      containerd: 'Write one folder: `config_path = "/etc/containerd/certs.d"`.',
      'cri-o': 'Nothing: CRI-O does not use containerd.',
      'cri-dockerd': 'Nothing: Docker has its own settings of registries.',
    },
    learnMore: 'https://github.com/containerd/containerd/issues/12636',
    unproven: 'From a thread of users with 2.2.0; in which release it ends is not known.',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs', 'containerdDefaultHosts'],
    run({containerdConfigs, containerdDefaultHosts}, node): readonly Outcome[] {
      const version = containerdToCome(node)
      if (version === undefined || !isAtLeast(version, '2.2') || isAtLeast(version, '2.3') || containerdDefaultHosts === undefined) return []
      return configPathsIn(filesForPods(containerdConfigs, node)).filter(({value}) => value.includes(':')).map(({file, path, value}) =>
        problem(file.path, `${file.path} has two folders in config_path, and there is ${containerdDefaultHosts}: containerd 2.2 is known not to use that mirror.`, {
          evidence: [proofAt(file, path, `config_path = "${value}"`), {source: containerdDefaultHosts, text: 'the mirror of all registries'}],
        }))
    },
    examples: {
      fail: [{
        upgrade: {containerd: '2.2.0'}, processes: CONTAINERD,
        files: {
          '/etc/containerd/config.toml': "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\n  config_path = '/etc/containerd/certs.d:/etc/docker/certs.d'\n",
          '/etc/containerd/certs.d/_default/hosts.toml': '[host."https://mirror.example.com"]\n',
        },
      }],
      pass: [{
        upgrade: {containerd: '2.2.0'}, processes: CONTAINERD,
        files: {
          '/etc/containerd/config.toml': "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\n  config_path = '/etc/containerd/certs.d'\n",
          '/etc/containerd/certs.d/_default/hosts.toml': '[host."https://mirror.example.com"]\n',
        },
      }],
    },
  }),
]
