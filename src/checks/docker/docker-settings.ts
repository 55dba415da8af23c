// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, NodeExample, Outcome, Proof, Severity} from '../../model/check.ts'
import type {DockerSetting} from '../../model/node/docker.ts'
import {isAtLeast} from '../../model/version.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {daemonKey} from '../lib/docker-settings.ts'
import {DAEMON_KEYS} from '../tables/daemon-keys.ts'

const DOCS = 'https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file'
/** The newest Docker Engine whose keys the table has. */
const NEWEST = '29.7'

export const checks = [
  nodeCheck({
    id: 'daemon-json-unknown-key',
    title: {pass: 'dockerd knows every key of daemon.json', fail: 'daemon.json has a key that dockerd does not know'},
    why:
      'dockerd refuses to start with a key that it does not know: "the following directives don\'t match any configuration ' +
      'option". A running one goes on until its next start, often that of an upgrade. The name of a flag as key is accepted, ' +
      'and does nothing.',
    severity: 'high',
    fix:
      'Correct or remove the key. Check the file before dockerd is started: `dockerd --validate --config-file ' +
      '/etc/docker/daemon.json` (Docker 23 or later).',
    learnMore: DOCS,
    needs: ['dockerSettings'],
    run({dockerSettings = []}, node) {
      return dockerSettings.filter((setting) => setting.from === 'file' && daemonKey(setting) === undefined).map((setting): Outcome => {
        const key = DAEMON_KEYS.find(({flag}) => flag === setting.name)?.key
        if (key !== undefined) {
          const sentence =
            `daemon.json has ${setting.name}, which is the name of a flag: dockerd takes the file and does ` +
            `nothing about it. The key is ${key}.`
          return problem(setting.name, sentence, {evidence: [proofOf(setting)], severity: 'medium'})
        }
        const sentence = `daemon.json has ${setting.name}, which no Docker Engine up to ${NEWEST} knows: dockerd does not start with it.`
        return problem(setting.name, sentence, {evidence: [proofOf(setting)], ...ifIdle(node)})
      })
    },
    examples: {
      fail: [withFile({'registry-mirorrs': ['https://mirror.example.com']}), withFile({'insecure-registry': ['registry.example.com:5000']})],
      pass: [withFile({'registry-mirrors': ['https://mirror.example.com'], features: {buildkit: true}}), {processes: {640: '/usr/bin/containerd'}}],
    },
  }),
  nodeCheck({
    id: 'daemon-json-removed-key',
    title: {
      pass: 'The Docker Engine to come knows every setting of this one',
      fail: 'The Docker Engine to come does not start with a setting of this one',
    },
    why:
      'Newer dockerds refuse settings that were removed: the unit fails, cri-dockerd has no Docker, and the node becomes ' +
      'NotReady after the upgrade of a package.',
    severity: 'blocker',
    fix:
      'Remove the setting before the upgrade; write data-root instead of graph, and OOMScoreAdjust= in a drop-in of ' +
      'docker.service instead of oom-score-adjust.',
    learnMore: 'https://docs.docker.com/engine/deprecated/',
    applies: ({target, docker}) => target === 'cri-dockerd' && docker !== undefined,
    needs: ['dockerSettings'],
    run({dockerSettings = []}, {upgrade: {docker = '0'}}) {
      return dockerSettings.flatMap((setting): readonly Outcome[] => {
        const removed = daemonKey(setting)?.removed
        if (removed === undefined || !isAtLeast(docker, removed)) return []
        const sentence = `dockerd is told ${setting.name} (${setting.source}); Docker Engine ${removed} and later do not start with it.`
        return [problem(setting.name, sentence, {evidence: proofsWith(setting)})]
      })
    },
    examples: {
      fail: [{...withFile({graph: '/data/docker'}), upgrade: {target: 'cri-dockerd', docker: '28.5'}}],
      pass: [
        {...withFile({'data-root': '/data/docker'}), upgrade: {target: 'cri-dockerd', docker: '28.5'}},
        {...withFile({graph: '/data/docker'}), upgrade: {target: 'cri-dockerd', docker: '20.10'}},
      ],
    },
  }),
  nodeCheck({
    id: 'docker-setting-conflict',
    title: {pass: 'dockerd is told everything in one place', fail: 'dockerd is told the same on its command line and in daemon.json'},
    why:
      'dockerd refuses to start when a flag and a key of daemon.json set the same: "specified both as a flag and in the ' +
      'configuration file". A running one was started before the file was changed, and does not come back from a restart or a ' +
      'boot.',
    severity: 'high',
    fix:
      'Remove one of them: the flag from the unit or from the file that puts it there (DOCKER_OPTS, a drop-in), or the key ' +
      'from daemon.json. Then the one that stays is what counts.',
    learnMore: DOCS,
    needs: ['dockerSettings'],
    run({dockerSettings = []}, node) {
      const inFile = new Map(dockerSettings.filter(({from}) => from === 'file').map((setting) => [daemonKey(setting)?.key, setting]))
      const twice = Map.groupBy(dockerSettings.filter(({from}) => from === 'flag'), (setting) => daemonKey(setting)?.key)
      return [...twice].flatMap(([key, flags]): readonly Outcome[] => {
        const setting = inFile.get(key)
        // Runtimes are put together (moby, daemon/config: skipDuplicates).
        if (key === undefined || setting === undefined || key === 'runtimes') return []
        const sentence =
          `dockerd is told ${key} in ${setting.source} and on its command line (${flags.map(({text}) => text).join(' ')}): it does not ` +
          'start with both.'
        return [problem(key, sentence, {
          evidence: [proofOf(setting), ...flags.flatMap(proofsWith)], ...ifIdle(node),
        })]
      })
    },
    examples: {
      fail: [
        {
          processes: {812: '/usr/bin/dockerd -H unix:///run/docker.sock --log-level debug'},
          files: {'/etc/docker/daemon.json': '{"log-level": "warn"}\n', '/etc/default/docker': 'DOCKER_OPTS="--log-level debug"\n'},
        },
      ],
      pass: [{processes: {812: '/usr/bin/dockerd --log-level debug'}, files: {'/etc/docker/daemon.json': '{"debug": true}\n'}}],
    },
  }),
]

/** A Docker that does not run need not start. */
function ifIdle({facts}: NodeContext): {readonly severity?: Severity} {
  return facts.dockers.some(({pid}) => pid !== undefined) ? {} : {severity: 'low'}
}

function withFile(table: object): NodeExample {
  return {processes: {812: '/usr/bin/dockerd'}, files: {'/etc/docker/daemon.json': `${JSON.stringify(table, null, 2)}\n`}}
}

function proofOf({source, text}: DockerSetting): Proof {
  return {source, text}
}

function proofsWith(setting: DockerSetting): readonly Proof[] {
  return setting.written === undefined ? [proofOf(setting)] : [setting.written, proofOf(setting)]
}
