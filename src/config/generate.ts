// SPDX-License-Identifier: Apache-2.0
import type {TargetName} from '../model/check.ts'
import type {Generated, Target, TargetFiles, Wanted} from '../model/migration/config.ts'
import type {NodeNeeds} from '../model/migration/needs.ts'
import * as containerd from './containerd/generate.ts'
import * as criDockerd from './cri-dockerd/generate.ts'
import * as criO from './cri-o/generate.ts'
import * as crictl from './crictl/generate.ts'
import * as host from './host/generate.ts'
import * as kubelet from './kubelet/generate.ts'
import {joinGenerated, NOTHING} from './lib/generated.ts'

interface Generator {
  wanted(needs: NodeNeeds, target: Target): Wanted
  generate(needs: NodeNeeds, target: Target, files: TargetFiles): Generated
}

/** Who writes for a target, the runtime first. */
const GENERATORS: Readonly<Record<TargetName, readonly Generator[]>> = {
  containerd: [containerd, crictl, kubelet, host],
  'cri-o': [criO, crictl, kubelet, host],
  'cri-dockerd': [criDockerd, crictl, kubelet, host],
}

/** Where the distributions that write the runtime's configuration themselves take it from (their documentation). */
const INSTEAD: Readonly<Record<string, string>> = {
  k3s:
    'Start k3s without --docker, and put what is special about this node into /etc/rancher/k3s/registries.yaml and ' +
    '/var/lib/rancher/k3s/agent/etc/containerd/config.toml.tmpl (containerd 2: config-v3.toml.tmpl); kubelet flags go into ' +
    '/etc/rancher/k3s/config.yaml as kubelet-arg.',
  rke2:
    'Put what is special about this node into /etc/rancher/rke2/registries.yaml and ' +
    '/var/lib/rancher/rke2/agent/etc/containerd/config.toml.tmpl (containerd 2: config-v3.toml.tmpl); kubelet flags go into ' +
    '/etc/rancher/rke2/config.yaml as kubelet-arg.',
  k0s:
    'Start the k0s worker without --cri-socket, and put what is special about this node into a file in /etc/k0s/containerd.d; ' +
    'kubelet flags go into --kubelet-extra-args.',
  microk8s:
    'Put what is special about this node into /var/snap/microk8s/current/args/containerd-template.toml and ' +
    '/var/snap/microk8s/current/args/certs.d; kubelet flags go into /var/snap/microk8s/current/args/kubelet.',
}

/** The files and patterns that all generators of a target want to read, each once; none where a distribution writes them. */
export function wantedFiles(needs: NodeNeeds, target: Target): Wanted {
  if (needs.from.generatedBy !== undefined) return {files: [], patterns: []}
  const all = GENERATORS[target.name].map((generator) => generator.wanted(needs, target))
  return {
    files: [...new Set(all.flatMap(({files}) => files))],
    patterns: [...new Set(all.flatMap(({patterns}) => patterns))],
  }
}

/**
 * Every file that a node needs to run on a target. A node whose configuration a distribution writes (k3s, rke2, k0s, microk8s) gets
 * none, and a remark that says which of its files to use. Throws where two generators write the same file: that is a bug.
 */
export function generateAll(needs: NodeNeeds, target: Target, files: TargetFiles): Generated {
  const {generatedBy} = needs.from
  if (generatedBy !== undefined) return generatedElsewhere(generatedBy.value, generatedBy.source)
  const all = joinGenerated(GENERATORS[target.name].map((generator) => generator.generate(needs, target, files)))
  const twice = all.files.find(({path}, i) => all.files.findIndex((other) => other.path === path) !== i)
  if (twice !== undefined) throw new Error(`two generators write ${twice.path}`)
  return all
}

function generatedElsewhere(name: string, source: string): Generated {
  const known = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined
  return {
    ...NOTHING,
    remarks: [{
      level: 'blocker',
      text: `${name} writes the configuration of the container runtime and the kubelet itself at each start: rtctl does not edit its files`,
      next: known ?? `Change the runtime in ${name}'s own configuration.`,
      source,
    }],
  }
}
