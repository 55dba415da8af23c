// SPDX-License-Identifier: Apache-2.0
import type {Remark} from '../model/migration/needs.ts'
import type {NodeFacts} from '../model/node-facts.ts'
import type {Observed} from '../model/observed.ts'
import type {Reading} from './reading.ts'

interface Look {
  readonly what: string
  readonly observed: Observed<unknown> | undefined
  readonly level: Remark['level']
}

const NEXT = 'Run rtctl as root on the node, or record a new snapshot as root, and plan again.'

/**
 * What could not be looked at: nothing is taken for absent because of that. A blocker is what a migration may not go without: it would
 * leave settings or containers behind that nobody had seen.
 */
export function unreadableRemarks(reading: Reading): readonly Remark[] {
  return [...always(reading), ...(reading.onDocker ? ofDocker(reading) : ofOthers(reading))].flatMap(({what, observed, level}): readonly Remark[] =>
    observed?.state !== 'unreadable' ? [] : [{
      level, source: observed.source, text: `Could not look at ${what}: ${(observed.detail ?? observed.reason).slice(0, 300)}. It is not taken for absent.`, next: NEXT,
    }])
}

const known = ({known: facts}: Reading, what: string, key: keyof NodeFacts, level: Remark['level']): Look => ({what, observed: facts[key], level})

function always(reading: Reading): readonly Look[] {
  const {facts, kubelet} = reading
  return [
    {what: 'the processes of this host', observed: facts.processes.all, level: 'blocker'},
    ...(facts.processes.hidden === undefined ? [] : [{what: 'processes of other users', observed: facts.processes.hidden, level: 'blocker' as const}]),
    {what: 'the first process', observed: facts.machine.init, level: 'note'},
    {what: 'the configuration of the kubelet', observed: kubelet?.config, level: 'blocker'},
    known(reading, 'the flags of the kubelet', 'kubeletFlags', 'blocker'),
    known(reading, 'static pods', 'staticPods', 'note'),
    known(reading, 'the proxies of the runtimes', 'runtimeProxies', 'blocker'),
    known(reading, 'whether packets are forwarded after a reboot', 'forwarding', 'note'),
    known(reading, 'whether br_netfilter is loaded at boot', 'bridgeNetfilter', 'note'),
    known(reading, 'the rules of iptables', 'firewall', 'note'),
    {what: 'the configuration of CNI', observed: facts.cni.networks, level: 'note'},
  ]
}

function ofDocker(reading: Reading): readonly Look[] {
  const {docker} = reading
  const api = docker?.pid === undefined ? undefined : docker.api
  const containers = docker?.containers.state === 'unreadable' && (api?.state !== 'ok' || api.value.containers === undefined) ? docker.containers : undefined
  return [
    {what: 'what dockerd says of itself', observed: api, level: 'blocker'},
    {what: 'the containers of Docker', observed: containers, level: 'blocker'},
    known(reading, 'the settings of Docker', 'dockerSettings', 'blocker'),
    known(reading, 'how Docker logs', 'dockerLogging', 'blocker'),
    known(reading, 'the certificates in /etc/docker/certs.d', 'dockerCertificates', 'blocker'),
    known(reading, 'which images no registry has', 'unpushedImages', 'note'),
    known(reading, 'files with registry credentials', 'registryCredentials', 'note'),
    known(reading, 'the disks of Docker and of the new runtime', 'dockerDisk', 'note'),
    known(reading, 'filesystems', 'storage', 'note'),
    known(reading, 'network interfaces', 'links', 'note'),
  ]
}

function ofOthers(reading: Reading): readonly Look[] {
  const {containerd, runtime} = reading
  if (runtime !== 'containerd') return []
  return [
    {what: 'the configuration of containerd', observed: containerd?.config, level: 'blocker'},
    known(reading, 'the files that containerd reads', 'containerdConfigs', 'blocker'),
    known(reading, 'the folders of CNI plugins', 'cniBinFolders', 'note'),
  ]
}
