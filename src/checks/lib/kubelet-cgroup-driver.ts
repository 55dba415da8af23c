// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Proof} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {isAtLeast} from '../../model/version.ts'
import {since} from '../tables/versions.ts'
import {comesWithAtLeast, containerdForPods} from './containerd.ts'
import {kubeletsOfHost, socketPath} from './kubelet.ts'

/** A cgroup driver, and how it is known. */
export interface Driver {
  readonly driver: string
  readonly proof: Proof
}

/** The driver that the kubelet of the host is told; cgroupfs is its own default. undefined without a kubelet, or where its file cannot be read. */
export function kubeletDriver(node: NodeContext): Driver | undefined {
  const [kubelet] = kubeletsOfHost(node)
  if (kubelet === undefined) return undefined
  const {cgroupDriver, config, pid} = kubelet
  if (cgroupDriver !== undefined) return {driver: cgroupDriver.value, proof: {source: cgroupDriver.source, text: `cgroup driver: ${cgroupDriver.value}`}}
  if (config.state === 'unreadable' || pid === undefined) return undefined
  return {driver: 'cgroupfs', proof: {source: `argv of pid ${pid}`, text: 'no cgroup driver is set: cgroupfs by default'}}
}

/** The driver of the runtime to come as it is configured now; undefined where it is not on this host, or not known. */
export function runtimeDriver(node: NodeContext): Driver | undefined {
  const {target} = node.upgrade
  return target === 'containerd' ? containerdDriver(node) : target === 'cri-o' ? crioDriver(node) : dockerDriver(node)
}

function containerdDriver(node: NodeContext): Driver | undefined {
  const containerd = containerdForPods(node)
  if (containerd === undefined || containerd.config.state === 'unreadable') return undefined
  const {address, config, configFile} = containerd
  const endpoint = node.facts.criEndpoints.find((one) => one.inside === undefined && socketPath(one.address) === socketPath(address.value))
  const said = valueOf(endpoint?.answer)?.cgroupDriver
  if (endpoint !== undefined && said !== undefined) return {driver: said, proof: {source: endpoint.answer.source, text: `cgroup driver: ${said}`}}
  const set = valueOf(config)?.systemdCgroup
  const text = set === undefined ? 'SystemdCgroup is not set: cgroupfs by default' : `SystemdCgroup = ${set}`
  return {driver: set === true ? 'systemd' : 'cgroupfs', proof: {source: configFile.value, text}}
}

function crioDriver({facts}: NodeContext): Driver | undefined {
  const crio = facts.crios.find(({pid}) => pid === undefined || facts.processes.inside[pid] === undefined)
  if (crio === undefined) return undefined
  const {cgroupManager} = crio
  if (cgroupManager === undefined) return {driver: 'systemd', proof: {source: crio.files[0] ?? 'default of CRI-O', text: 'cgroup_manager is not set: systemd by default'}}
  return {driver: cgroupManager.value, proof: {source: cgroupManager.source, text: `cgroup_manager = ${cgroupManager.value}`}}
}

function dockerDriver({facts}: NodeContext): Driver | undefined {
  for (const {pid, api} of facts.dockers) {
    const driver = pid !== undefined && facts.processes.inside[pid] === undefined ? valueOf(api)?.cgroupDriver : undefined
    if (driver !== undefined) return {driver, proof: {source: api.source, text: `Cgroup Driver: ${driver}`}}
  }
  return undefined
}

/** Whether the kubelet to come takes the driver that the runtime to come names, whatever it is told itself. */
export function runtimeDecides(node: NodeContext): boolean {
  const {target, kubernetes} = node.upgrade
  if (!isAtLeast(kubernetes, since('kubelet-asks-cgroup-driver'))) return false
  if (target === 'containerd') return comesWithAtLeast(node, since('containerd-has-runtime-config'))
  const version = node.chain.nodes.find(({component}) => component === (target === 'cri-o' ? 'CRI-O' : 'cri-dockerd'))?.version
  return version !== undefined && isAtLeast(version, since(target === 'cri-o' ? 'crio-has-runtime-config' : 'cri-dockerd-has-runtime-config'))
}
