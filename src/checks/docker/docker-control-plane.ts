// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {containerProof, containersOutsideKubernetes, containerText, exampleDocker, kindOf} from '../lib/docker-containers.ts'

const FIX =
  'Move it out of Docker first. Kubespray: set etcd_deployment_type to host and run the etcd role again. RKE1: there is no ' +
  'way in place; build a cluster of RKE2 and move the workloads, ' +
  'or stay on Docker with enable_cri_dockerd. By hand: run etcd as a systemd service on the same data directory, the others as static pods.'

export const checks = [
  nodeCheck({
    id: 'docker-control-plane',
    title: {
      pass: 'No part of the control plane runs in Docker outside Kubernetes',
      fail: 'A part of the control plane runs in Docker outside Kubernetes',
    },
    why:
      'etcd, the API server or kube-proxy started by dockerd end with it, and the kubelet starts none of them again. On a ' +
      'control plane node the cluster loses a member of etcd, ' +
      'or all of it; elsewhere the node loses its way to the API server.',
    severity: 'blocker',
    fix: {containerd: FIX, 'cri-o': FIX, 'cri-dockerd': 'Nothing has to be done: dockerd stays, and runs it.'},
    learnMore: 'https://github.com/kubernetes-sigs/kubespray/blob/master/docs/upgrades/migrate_docker2containerd.md',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: [],
    run(_known, node) {
      const {containers, unknown} = containersOutsideKubernetes(node)
      return [...unknown, ...containers.filter((container) => kindOf(container) === 'control-plane').map((container): Outcome =>
        problem(`container ${container.name}`, `${containerText(container)} runs in Docker and in no pod: when dockerd stops it ends, and nothing starts it again.`, {
          evidence: [containerProof(container)], ...(node.facts.kubelets.length === 0 && {severity: 'high'}),
        }))]
    },
    examples: {
      fail: [
        exampleDocker({name: 'etcd1', image: 'quay.io/coreos/etcd:v3.5.6'}),
        exampleDocker({name: 'kube-apiserver', image: 'rancher/hyperkube:v1.20.15-rancher1'}),
      ],
      pass: [
        exampleDocker({name: 'k8s_etcd_etcd-node-1_kube-system_0d1c_0', image: 'k8s.gcr.io/etcd:3.4.13-0', labels: {'io.kubernetes.pod.uid': '0d1c'}}),
        exampleDocker({name: 'etcdkeeper', image: 'evildecay/etcdkeeper'}),
        exampleDocker({name: 'shop-etcd-1', image: 'quay.io/coreos/etcd:v3.5.6', labels: {'com.docker.compose.project': 'shop'}}),
      ],
    },
  }),
]
