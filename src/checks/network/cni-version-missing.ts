// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {Facts} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import {compareVersions} from '../../model/version.ts'
import {activeNetwork} from '../lib/cni.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'

const CONFIG = (version: string) => ({'/etc/cni/net.d/10-net.conflist': `{${version}"name":"net","plugins":[{"type":"bridge"}]}`})

function isAffected(version: string | undefined): boolean {
  return version !== undefined && compareVersions(version, '1.6.0') >= 0 && compareVersions(version, '1.6.4') < 0
}

/** The version of a containerd that runs here, from whoever told it. */
function runningVersion({containerds, programs, criEndpoints}: Facts): string | undefined {
  const answered = criEndpoints.flatMap(({answer}) => (valueOf(answer)?.runtimeName === 'containerd' ? [valueOf(answer)?.runtimeVersion] : []))[0]
  return answered ?? containerds.flatMap(({pid}) => (pid === undefined ? [] : [valueOf(programs[`pid ${pid}`])]))[0]
}

export const checks = [
  nodeCheck({
    id: 'cni-version-missing',
    title: {pass: 'The CNI configuration declares its version', fail: 'The CNI configuration declares no version'},
    why:
      'containerd 1.6.0 to 1.6.3 hands an empty version to the plugins: pods start, but cannot be removed (\'invalid version "": the ' +
      'version is empty\') and keep their network. ' +
      'Other releases take it for the oldest one, 0.1.0, that new plugins may refuse.',
    severity: 'low',
    fix: 'Add `"cniVersion": "0.4.0"` (or what all plugins of the network support) to the file. Do not use containerd 1.6.0 to 1.6.3.',
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/troubleshooting-cni-plugin-related-errors/',
    unproven: 'What containerd 1.6.0 to 1.6.3 does with it is from the documentation of Kubernetes.',
    needs: ['cniConfigs'],
    run({cniConfigs}, {facts, upgrade}): readonly Outcome[] {
      const network = activeNetwork(facts, cniConfigs)
      if (network === undefined) return (cniConfigs?.unread ?? []).flatMap(unreadableOf)
      if (network.version !== '') return []
      const version = upgrade.target === 'containerd' ? (upgrade.containerd ?? runningVersion(facts)) : undefined
      const affected = isAffected(version)
      const then = affected ? ` containerd ${version} cannot remove pods of it.` : ''
      return [problem(network.file, `${network.file} has no cniVersion.${then}`, {
        severity: affected ? 'high' : 'low', evidence: [{source: network.file, text: `network ${network.name}, no cniVersion`}],
      })]
    },
    examples: {
      fail: [{files: CONFIG('')}, {files: CONFIG(''), upgrade: {containerd: '1.6.2'}}],
      pass: [{files: CONFIG('"cniVersion":"0.4.0",')}],
    },
  }),
]
