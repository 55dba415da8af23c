// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {versionNumbers} from '../../model/version.ts'
import {containerdToCome, criTablesOf, filesForPods, placeToEdit, proofAt, runningContainerd, textAt} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {CONTAINERD_LTS, CONTAINERD_RELEASES} from '../tables/versions.ts'

const CONTAINERD = {640: '/usr/bin/containerd'}
const ANSWER = {apiVersions: ['v1'], runtimeName: 'containerd', runtimeVersion: '1.7.24', conditions: [], handlers: [], pods: [], containers: []}

function minorOf(version: string): string {
  return versionNumbers(version).slice(0, 2).join('.')
}

/** The minor releases that are skipped on the way; none for a way that is supported. */
function skipped(from: string, to: string): readonly string[] {
  const [first, last] = [CONTAINERD_RELEASES.indexOf(from), CONTAINERD_RELEASES.indexOf(to)]
  if (first === -1 || last === -1 || CONTAINERD_LTS.indexOf(to) === CONTAINERD_LTS.indexOf(from) + 1 && CONTAINERD_LTS.includes(from)) return []
  // 1.6 and 1.7 both go to 2.0: its migration was made for both
  return from === '1.6' && to === '2.0' ? [] : CONTAINERD_RELEASES.slice(first + 1, last)
}

export const checks = [
  nodeCheck({
    id: 'containerd-upgrade-path',
    title: {pass: 'The way to the containerd to come is one that is supported', fail: 'The way to the containerd to come skips releases'},
    why:
      'containerd supports an upgrade from one minor release to the next, and from one long-term release to the next. Others ' +
      'are not tested: migrations of its configuration and its database may be missing. ' +
      'Packages do not ask: those of Docker went from 1.7 to 2.2.',
    severity: 'medium',
    fix: {
      containerd:
        'Go through the releases in between, or drain the node, remove its containers, and install the new containerd afresh.',
      'cri-o': 'Nothing that pods depend on.',
      'cri-dockerd': 'Go through the releases in between, with Docker stopped and its containers removed.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/RELEASES.md#upgrade-path',
    applies: ({target}) => target !== 'cri-o',
    needs: [],
    run(_known, node): readonly Outcome[] {
      const [now, come] = [runningContainerd(node), containerdToCome(node)]
      if (now === undefined || come === undefined) return []
      const between = skipped(minorOf(now), minorOf(come))
      if (between.length === 0) return []
      return [problem('path', `containerd ${now} to ${come} skips ${between.join(', ')}: an upgrade in one step is not supported.`, {
        evidence: [{source: 'containerd', text: `runs ${now}`}],
      })]
    },
    examples: {
      fail: [{
        upgrade: {containerd: '2.2'}, processes: CONTAINERD, files: {'/run/containerd/containerd.sock': {socket: true}},
        answers: {'cri /run/containerd/containerd.sock': ANSWER},
      }],
      pass: [
        {
          upgrade: {containerd: '2.3'}, processes: CONTAINERD, files: {'/run/containerd/containerd.sock': {socket: true}},
          answers: {'cri /run/containerd/containerd.sock': ANSWER},
        },
        {
          upgrade: {containerd: '2.0'}, processes: CONTAINERD, files: {'/run/containerd/containerd.sock': {socket: true}},
          answers: {'cri /run/containerd/containerd.sock': ANSWER},
        },
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-drop-ins-not-imported',
    title: {pass: 'containerd imports the files in its conf.d', fail: 'containerd does not read the files in its conf.d'},
    why:
      'Tools that write a drop-in to /etc/containerd/conf.d count on an import. `containerd config default` of 2.2 and later prints one, ' +
      'but a config.toml that says nothing of imports imports nothing, with any version. Without it the settings are not there, and ' +
      'nothing says so.',
    severity: 'medium',
    fix: {
      containerd:
        'Write `imports = ["/etc/containerd/conf.d/*.toml"]` at the top of /etc/containerd/config.toml, and restart ' +
        'containerd; or remove the files.',
      'cri-o': 'Nothing: CRI-O does not use containerd.',
      'cri-dockerd': 'Nothing that pods depend on.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/man/containerd-config.toml.5.md',
    unproven: 'Of containerd 2.2 and later it was read in the source (LoadConfigWithPlugins).',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs', 'containerdDropIns'],
    run({containerdConfigs, containerdDropIns = []}, node): readonly Outcome[] {
      const files = filesForPods(containerdConfigs, node)
      const [main] = files
      if (main?.path !== '/etc/containerd/config.toml') return []
      const left = containerdDropIns.map((name) => `/etc/containerd/conf.d/${name}`).filter((path) => !files.some((file) => file.path === path))
      if (left.length === 0) return []
      const text =
        `${left.slice(0, 5).join(', ')}: ${main.path} does not import ${left.length === 1 ? 'it' : 'them'}, so that ` +
        `${left.length === 1 ? 'it has' : 'they have'} no effect.`
      return [problem('conf.d', text, {
        evidence: [proofAt(main, ['imports'], main.table['imports'] === undefined ? 'no imports' : `imports = ${JSON.stringify(main.table['imports'])}`)],
      })]
    },
    examples: {
      fail: [
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': 'version = 2\n', '/etc/containerd/conf.d/99-nvidia.toml': 'version = 2\n'},
        },
        {
          upgrade: {containerd: '2.2'}, processes: CONTAINERD,
          files: {'/etc/containerd/config.toml': 'version = 3\nimports = []\n', '/etc/containerd/conf.d/99-nvidia.toml': 'version = 3\n'},
        },
      ],
      pass: [
        {
          upgrade: {containerd: '1.7'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n',
            '/etc/containerd/conf.d/99-nvidia.toml': 'version = 2\n',
          },
        },
        {
          upgrade: {containerd: '2.2'}, processes: CONTAINERD,
          files: {
            '/etc/containerd/config.toml': 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n', '/etc/containerd/conf.d/99-nvidia.toml': 'version = 3\n',
          },
        },
      ],
    },
  }),
  nodeCheck({
    id: 'containerd-sandbox-image-registry',
    title: {
      pass: 'containerd takes its sandbox image from a registry that is kept up',
      fail: 'containerd takes its sandbox image from a registry that is given up',
    },
    why:
      'k8s.gcr.io gets no new images since April 2023 and only redirects what it has. Once the sandbox image is gone from the ' +
      'node, every new pod waits for a pull from there; mirrors and firewalls that know registry.k8s.io only refuse it.',
    severity: 'medium',
    fix: {
      containerd:
        'Write registry.k8s.io/pause with the tag that `kubeadm config images list` names: `sandbox_image`, from containerd ' +
        '2.0 on `pinned_images.sandbox`.',
      'cri-o': 'Nothing: CRI-O does not use containerd.',
      'cri-dockerd': 'Nothing that pods depend on: cri-dockerd has --pod-infra-container-image.',
    },
    learnMore: 'https://kubernetes.io/blog/2023/02/06/k8s-gcr-io-freeze-announcement/',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      return filesForPods(containerdConfigs, node).flatMap((file) => criTablesOf(file).flatMap(({table, path}): readonly Outcome[] => {
        const keys = textAt(table, 'sandbox_image') === undefined ? ['pinned_images', 'sandbox'] : ['sandbox_image']
        const image = textAt(table, ...keys)
        if (image === undefined || !/^(?:k8s\.gcr\.io|gcr\.io\/google[_-]containers)\//.test(image)) return []
        return [problem(file.path, `${placeToEdit(file.path)} names the sandbox image ${image}: its registry is frozen.`, {
          evidence: [proofAt(file, [...path, ...keys], `${keys.at(-1)} = "${image}"`)],
        })]
      }))
    },
    examples: {
      fail: [{
        processes: CONTAINERD,
        files: {
          '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "k8s.gcr.io/pause:3.2"\n',
        },
      }],
      pass: [{
        processes: CONTAINERD,
        files: {
          '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "registry.k8s.io/pause:3.9"\n',
        },
      }],
    },
  }),
]
