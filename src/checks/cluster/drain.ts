// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {Json, JsonObject} from '../../model/json.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {objectOf} from '../lib/pod-docker-use.ts'

const DRAIN = 'https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/'

export const checks = [
  objectCheck({
    id: 'drain-blocked-by-budget',
    title: {pass: 'Disruption budgets let a node be drained', fail: 'A disruption budget lets no pod be evicted'},
    why:
      'A node has to be drained before its runtime is changed. `kubectl drain` asks for an eviction of each pod, and asks again every ' +
      'five seconds while a PodDisruptionBudget allows none: ' +
      'with a budget that never allows one it does not end ("Cannot evict pod as it would violate the pod\'s disruption budget").',
    severity: 'medium',
    fix:
      'Let the budget allow one pod at least (`maxUnavailable: 1`) and have two replicas or more; for a workload with one replica, ' +
      'remove the budget or move its pod by hand during the change.',
    learnMore: DRAIN,
    kinds: ['PodDisruptionBudget'],
    applies: ({target}) => target !== 'cri-dockerd',
    run({ref, value}): readonly Outcome[] {
      const [spec, status] = [objectOf(value['spec']), objectOf(value['status'])]
      const never = neverAllows(spec)
      const now = status['disruptionsAllowed'] === 0 && typeof status['expectedPods'] === 'number' && status['expectedPods'] > 0
      if (never === undefined && !now) return []
      const text = never === undefined
        ? `PodDisruptionBudget ${ref.name} allows no eviction at present (${podsIn(status)}): a drain of their nodes waits until it does.`
        : `PodDisruptionBudget ${ref.name} never allows an eviction (${never.join(': ')}): a drain of a node with one of its pods does not end.`
      const evidence = never === undefined ? {source: 'status.disruptionsAllowed', text: '0'} : {source: `spec.${never[0]}`, text: never[1]}
      return [problem(never?.[0] ?? 'now', text, {
        severity: never === undefined ? 'low' : 'medium', evidence: [evidence], path: never === undefined ? ['status', 'disruptionsAllowed'] : ['spec', never[0]],
      })]
    },
    examples: {
      fail: [
        {manifest: budget('maxUnavailable: 0')}, {manifest: budget('minAvailable: 100%')},
        {manifest: `${budget('minAvailable: 1')}status: {disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1}\n`},
      ],
      pass: [
        {manifest: budget('maxUnavailable: 1')}, {manifest: budget('minAvailable: 50%')},
        {manifest: `${budget('minAvailable: 1')}status: {disruptionsAllowed: 0, expectedPods: 0}\n`},
      ],
    },
  }),
  objectCheck({
    id: 'pod-without-controller',
    title: {pass: 'Every running pod is made anew by a controller', fail: 'A running pod is lost when its node is drained'},
    why:
      'A node has to be drained before its runtime is changed. A pod that no Deployment, Job or other controller owns is not made ' +
      'again elsewhere: `kubectl drain` refuses to go on ("cannot delete Pods that declare no ' +
      'controller"), and deletes it for good with `--force`.',
    severity: 'medium',
    fix: 'Wrap it in a Deployment, StatefulSet or Job; or save it (`kubectl get pod NAME -o yaml`), and create it again after the change.',
    learnMore: DRAIN,
    kinds: ['Pod'],
    applies: ({target}) => target !== 'cri-dockerd',
    run({ref, value}): readonly Outcome[] {
      const metadata = objectOf(value['metadata'])
      const {phase} = objectOf(value['status'])
      // A manifest has no phase: it says nothing of how its pod is made. The kubelet makes static pods again.
      if ((phase !== 'Running' && phase !== 'Pending') || 'kubernetes.io/config.mirror' in objectOf(metadata['annotations']) || hasController(metadata)) return []
      const name = ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`
      const text = `Pod ${name} is ${phase} and has no controller: a drain of its node stops at it, or deletes it for good.`
      return [problem('controller', text, {
        evidence: [{source: 'metadata.ownerReferences', text: 'none is a controller'}], path: ['metadata'],
      })]
    },
    examples: {
      fail: [{manifest: pod('{name: debug}', 'Running')}],
      pass: [
        {manifest: pod('{name: a, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: a, uid: u, controller: true}]}', 'Running')},
        {manifest: pod('{name: etcd-n1, annotations: {kubernetes.io/config.mirror: x}}', 'Running')}, {manifest: pod('{name: done}', 'Succeeded')},
        {manifest: 'apiVersion: v1\nkind: Pod\nmetadata: {name: example}\nspec: {containers: [{name: a, image: registry.example.com/a:1}]}\n'},
      ],
    },
  }),
]

/** The setting of a budget that excludes every eviction, whatever runs; a percentage is rounded up for both (apimachinery, intstr). */
function neverAllows(spec: JsonObject): readonly ['maxUnavailable' | 'minAvailable', string] | undefined {
  const {maxUnavailable, minAvailable} = spec
  if (maxUnavailable === 0 || maxUnavailable === '0%') return ['maxUnavailable', String(maxUnavailable)]
  return minAvailable === '100%' ? ['minAvailable', minAvailable] : undefined
}

function podsIn({currentHealthy, desiredHealthy}: JsonObject): string {
  return typeof currentHealthy === 'number' && typeof desiredHealthy === 'number' ? `${currentHealthy} healthy pods, ${desiredHealthy} wanted` : '0 disruptions allowed'
}

function hasController(metadata: JsonObject): boolean {
  const owners = metadata['ownerReferences']
  return Array.isArray(owners) && (owners as readonly Json[]).some((owner) => objectOf(owner)['controller'] === true)
}

function budget(line: string): string {
  return `apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web, namespace: shop}\nspec:\n  ${line}\n` +
    `  selector: {matchLabels: {app: web}}\n`
}

function pod(metadata: string, phase: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: ${metadata}\nspec: {containers: [{name: a, image: registry.example.com/a:1}]}\n` +
    `status: {phase: ${phase}}\n`
}
