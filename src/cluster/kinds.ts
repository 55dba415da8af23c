// SPDX-License-Identifier: Apache-2.0

/** A kind of object that is read, and where. */
export interface ReadKind {
  readonly kind: string
  /** as RBAC names it */
  readonly resource: string
  /** group and version, the newest first: an old server has only a later one of them. `v1` for the core group */
  readonly versions: readonly [string, ...string[]]
  readonly namespaced: boolean
  /** what keeps a pod template, and so stands for the pods that are made of it */
  readonly template?: 'whole' | 'part'
  /** no server has to have it */
  readonly optional?: boolean
  /** of the first page, where objects are large */
  readonly limit?: number
}

export const CUSTOM_RESOURCE_DEFINITIONS: ReadKind = {
  kind: 'CustomResourceDefinition', resource: 'customresourcedefinitions', namespaced: false, optional: true,
  // One schema can have a MiB.
  limit: 25, versions: ['apiextensions.k8s.io/v1', 'apiextensions.k8s.io/v1beta1'],
}

/** What is not in a namespace. Versions: https://kubernetes.io/docs/reference/using-api/deprecation-guide/ */
export const CLUSTER_KINDS: readonly ReadKind[] = [
  {kind: 'Node', resource: 'nodes', versions: ['v1'], namespaced: false},
  {kind: 'RuntimeClass', resource: 'runtimeclasses', namespaced: false, optional: true, versions: ['node.k8s.io/v1', 'node.k8s.io/v1beta1', 'node.k8s.io/v1alpha1']},
  {kind: 'PersistentVolume', resource: 'persistentvolumes', versions: ['v1'], namespaced: false},
  {kind: 'PodSecurityPolicy', resource: 'podsecuritypolicies', versions: ['policy/v1beta1'], namespaced: false, optional: true},
]

export const CONFIG_MAPS: ReadKind = {kind: 'ConfigMap', resource: 'configmaps', versions: ['v1'], namespaced: true, limit: 50}

/** From the top down: what is owned by a kind that was read needs no reading. Pods are the last, and stand in for what could not be read. */
export const WORKLOAD_KINDS: readonly ReadKind[] = [
  {kind: 'PodDisruptionBudget', resource: 'poddisruptionbudgets', versions: ['policy/v1', 'policy/v1beta1'], namespaced: true, optional: true},
  {kind: 'PodTemplate', resource: 'podtemplates', versions: ['v1'], namespaced: true, template: 'whole'},
  {kind: 'CronJob', resource: 'cronjobs', versions: ['batch/v1', 'batch/v1beta1'], namespaced: true, template: 'whole'},
  {kind: 'Job', resource: 'jobs', versions: ['batch/v1'], namespaced: true, template: 'whole'},
  {kind: 'DaemonSet', resource: 'daemonsets', versions: ['apps/v1'], namespaced: true, template: 'whole'},
  {kind: 'Deployment', resource: 'deployments', versions: ['apps/v1'], namespaced: true, template: 'whole'},
  {kind: 'StatefulSet', resource: 'statefulsets', versions: ['apps/v1'], namespaced: true, template: 'whole'},
  {kind: 'ReplicaSet', resource: 'replicasets', versions: ['apps/v1'], namespaced: true, template: 'whole'},
  {kind: 'ReplicationController', resource: 'replicationcontrollers', versions: ['v1'], namespaced: true, template: 'whole'},
  {kind: 'Pod', resource: 'pods', versions: ['v1'], namespaced: true},
]

/**
 * Custom resources that are read whatever their schema says: policies, and workloads whose definition keeps its schema to itself.
 * The rights to read them are in deploy/preflight-rbac.yaml. As of 2026-11, from the definitions that these projects install.
 */
export const KNOWN_CUSTOM_RESOURCES: Readonly<Record<string, readonly string[]>> = {
  'actions.github.com': ['autoscalingrunnersets', 'ephemeralrunnersets'],
  'actions.summerwind.dev': ['runnerdeployments', 'runners', 'runnersets'],
  'argoproj.io': ['clusterworkflowtemplates', 'cronworkflows', 'rollouts', 'workflows', 'workflowtemplates'],
  'bootstrap.cluster.x-k8s.io': ['kubeadmconfigs', 'kubeadmconfigtemplates'],
  'constraints.gatekeeper.sh': ['*'],
  'controlplane.cluster.x-k8s.io': ['kubeadmcontrolplanes', 'kubeadmcontrolplanetemplates'],
  'jenkins.io': ['jenkins'],
  'kyverno.io': ['clusterpolicies', 'policies'],
  'policies.kyverno.io': ['*'],
  'tekton.dev': ['clustertasks', 'pipelineruns', 'pipelines', 'taskruns', 'tasks'],
  'templates.gatekeeper.sh': ['constrainttemplates'],
}

/** `/apis/apps/v1/daemonsets`, or of one namespace. */
export function pathOf({resource, namespaced}: ReadKind, version: string, namespace: string | undefined): string {
  const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`
  return `${root}/${namespaced && namespace !== undefined ? `namespaces/${encodeURIComponent(namespace)}/` : ''}${resource}`
}

/** `daemonsets.apps`, as kubectl takes it. */
export function resourceName({resource, versions}: ReadKind): string {
  const group = groupOf(versions[0])
  return group === '' ? resource : `${resource}.${group}`
}

/** `apps` of `apps/v1`; empty for the core group. */
export function groupOf(version: string): string {
  return version.includes('/') ? version.slice(0, version.indexOf('/')) : ''
}
