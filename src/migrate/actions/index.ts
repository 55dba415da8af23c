// SPDX-License-Identifier: Apache-2.0
import type {Action} from '../../model/migration/plan.ts'
import type {Handler} from '../handler.ts'
import {clearPath} from './clear-path.ts'
import {comparePods} from './compare-pods.ts'
import {removeCriPods, waitCri} from './cri.ts'
import {removeDockerPods, startDockerContainers, stopDockerContainers} from './docker-containers.ts'
import {drain} from './drain.ts'
import {moveImages, removeCriImages} from './images.ts'
import {forwardPolicy, loadModule, removeDockerChains, removeLink, restoreFirewall, sysctl} from './network.ts'
import {annotateNode, cordon, uncordon, waitNode} from './node.ts'
import {reloadUnits} from './reload-units.ts'
import {restoreFile} from './restore-file.ts'
import {restoreUnit} from './restore-unit.ts'
import {unit} from './unit.ts'
import {writeFile} from './write-file.ts'

/** How each kind of action is done. */
export const HANDLERS: {readonly [K in Action['kind']]: Handler<K>} = {
  'write-file': writeFile,
  unit,
  'reload-units': reloadUnits,
  cordon,
  drain,
  uncordon,
  'annotate-node': annotateNode,
  'move-images': moveImages,
  'remove-docker-pods': removeDockerPods,
  'stop-docker-containers': stopDockerContainers,
  'remove-cri-pods': removeCriPods,
  'clear-path': clearPath,
  'forward-policy': forwardPolicy,
  'remove-docker-chains': removeDockerChains,
  'remove-link': removeLink,
  sysctl,
  'load-module': loadModule,
  'wait-cri': waitCri,
  'wait-node': waitNode,
  'compare-pods': comparePods,
  'restore-file': restoreFile,
  'restore-unit': restoreUnit,
  'start-docker-containers': startDockerContainers,
  'remove-cri-images': removeCriImages,
  'restore-firewall': restoreFirewall,
}

/** The handler of an action. The table is complete by its type; the compiler cannot know that this one goes with this action. */
export function handlerOf(action: Action): Handler<Action['kind']> {
  const handler: unknown = Object.hasOwn(HANDLERS, action.kind) ? HANDLERS[action.kind] : undefined
  if (handler === undefined) throw new Error(`This rtctl does not know how to do "${action.kind.slice(0, 60)}".`)
  return handler as Handler<Action['kind']>
}
