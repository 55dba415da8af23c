// SPDX-License-Identifier: Apache-2.0
import type {NodeNeeds, Remark} from '../model/migration/needs.ts'
import {cgroupNeeds} from './cgroup.ts'
import {cniNeeds} from './cni.ts'
import {daemonNeeds} from './daemon.ts'
import {imageNeeds} from './images.ts'
import {kernelNeeds} from './kernel.ts'
import {kubeletNeeds} from './kubelet.ts'
import {logNeeds} from './logs.ts'
import {containerOfKubelet, originOf, originRemarks} from './origin.ts'
import {proxyNeeds} from './proxies.ts'
import {type NodeRead, readingOf} from './reading.ts'
import {registryNeeds} from './registries.ts'
import {runtimeNeeds} from './runtimes.ts'
import {sandboxImage} from './sandbox-image.ts'
import {storageNeeds} from './storage.ts'
import {daemonOpenFiles, ulimitNeeds} from './ulimits.ts'
import {unreadableRemarks} from './unreadable.ts'
import {verdicts} from './verdicts.ts'

/**
 * What a node needs of its container runtime, whichever that will be: from what was read of it, with the place of each value. Nothing is
 * read or written here; what could not be read is in the remarks.
 */
export function nodeNeeds(node: NodeRead): NodeNeeds {
  const reading = readingOf(node)
  const from = originOf(reading)
  const {cgroup, ...ofCgroup} = cgroupNeeds(reading)
  const {images, ...ofImages} = imageNeeds(reading)
  const {registries, certificates, ...ofRegistries} = registryNeeds(reading, images)
  const {runtimes, defaultRuntime, ...ofRuntimes} = runtimeNeeds(reading)
  const {cni, ...ofCni} = cniNeeds(reading)
  const {remarks: ofStorage, ...storage} = storageNeeds(reading)
  const {logs, ...ofLogs} = logNeeds(reading)
  const {kernel, ...ofKernel} = kernelNeeds(reading)
  const {kubelet, ...ofKubelet} = kubeletNeeds(reading, from.generatedBy ?? containerOfKubelet(reading))
  const image = sandboxImage(reading)
  const openFiles = daemonOpenFiles(reading)
  return {
    node: kubelet.nodeName, from, cgroup, ...(image && {sandboxImage: image}), registries, certificates, proxies: proxyNeeds(reading),
    runtimes, defaultRuntime, cni, ...storage, ulimits: ulimitNeeds(reading), ...(openFiles && {daemonOpenFiles: openFiles}), logs,
    ...daemonNeeds(reading), kernel, kubelet, verdicts: verdicts(reading), images,
    remarks: ordered([
      ...originRemarks(reading), ...unreadableRemarks(reading), ...ofCgroup.remarks, ...ofCni.remarks, ...ofRegistries.remarks, ...ofRuntimes.remarks, ...ofStorage,
      ...ofLogs.remarks, ...ofKernel.remarks, ...ofKubelet.remarks, ...ofImages.remarks,
    ]),
  }
}

const LEVELS: readonly Remark['level'][] = ['blocker', 'loss', 'note']

/** Blockers first; otherwise in the order of the topics. A place is printed behind the text, which therefore ends without full stop. */
function ordered(remarks: readonly Remark[]): readonly Remark[] {
  return remarks.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level)).map((remark) => ({...remark, text: remark.text.replace(/\.$/, '')}))
}
