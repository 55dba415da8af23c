// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const awsVpcCni: Component = {
  name: 'aws-vpc-cni',
  aliases: ['amazon vpc cni', 'aws-node', 'ipamd', 'aws-k8s-agent', 'aws cni'],
  layer: 'network',
  role: 'daemon',
  brief: 'pod addresses from the AWS VPC',
  what:
    'AWS\'s CNI: pods get addresses of the VPC itself; the daemon ipamd (program aws-k8s-agent) holds a pool ' +
    'of them.',
  why:
    'Old releases read the runtime\'s socket (docker.sock, dockershim.sock) to find the pods they serve at ' +
    'start: a change of runtime concerns them.',
  standards: ['CNI'],
  calledBy: ['Kubernetes'],
  calls: ['EC2 API', 'CRI'],
  history: 'Published by AWS 2017-11 with EKS; 1.0 in 2018; no runtime socket needed in current releases.',
  see: 'pgrep -a aws-k8s-agent; kubectl -n kube-system get ds aws-node',
  sources: ['https://github.com/aws/amazon-vpc-cni-k8s'],
  fingerprints: [{program: 'aws-k8s-agent'}, {program: 'aws-vpc-cni'}, {program: 'ipamd'}],
}
