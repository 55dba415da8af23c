// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {isAtLeast} from '../../model/version.ts'
import {runtimeOfSocket, SOCKETS} from '../lib/cluster-node.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {endpointOf, isOnDockershim, kubeletsOfHost, socketPath} from '../lib/kubelet.ts'
import {since} from '../tables/versions.ts'

/** The sockets that kubeadm looks for when it is told none (kubernetes, cmd/kubeadm/app/constants: CRISocketContainerd, CRISocketCRIO, CRISocketDocker). */
const KNOWN = ['/run/containerd/containerd.sock', '/run/crio/crio.sock', '/run/cri-dockerd.sock']
const LEARN_MORE = 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#installing-runtime'
const INSTANCE_CONFIG = '/var/lib/kubelet/instance-config.yaml'

export const checks = [
  nodeCheck({
    id: 'several-cri-sockets',
    title: {pass: 'kubeadm can tell which runtime it shall use', fail: 'kubeadm finds several runtimes and is told to use none of them'},
    why:
      'Where several CRI sockets exist, `kubeadm init`, `join` and `reset` end with "found multiple CRI endpoints on the ' +
      'host" unless criSocket says which to use. The containerd that came with Docker counts, also with CRI switched off.',
    severity: 'medium',
    fix: {
      containerd:
        `Write \`criSocket: ${SOCKETS.containerd}\` to nodeRegistration of the kubeadm configuration, or give \`--cri-socket\`; remove ` +
        'runtimes that are not used.',
      'cri-o':
        `Write \`criSocket: ${SOCKETS['cri-o']}\` to nodeRegistration of the kubeadm configuration, or give \`--cri-socket\`; remove ` +
        'runtimes that are not used.',
      'cri-dockerd':
        `Write \`criSocket: ${SOCKETS['cri-dockerd']}\` to nodeRegistration of the kubeadm configuration, or give \`--cri-socket\`; ` +
        'remove runtimes that are not used.',
    },
    learnMore: LEARN_MORE,
    needs: ['kubeadmSockets'],
    run({kubeadmSockets = []}, {facts}) {
      const there = KNOWN.filter((path) => valueOf(facts.sockets.files[path])?.type === 'socket')
      const isKubeadms = facts.kubelets.some(({files}) => files.some(({path, state}) => path === '/var/lib/kubelet/kubeadm-flags.env' && state === 'ok')) || kubeadmSockets.length > 0
      if (there.length < 2 || !isKubeadms || kubeadmSockets.some(({socket}) => socket !== undefined)) return []
      const text =
        `There are ${there.length} CRI sockets (${there.join(', ')}) and no criSocket in a kubeadm configuration: kubeadm init, join ` +
        'and reset refuse to choose.'
      return [problem('sockets', text, {
        evidence: [...there.map((path) => ({source: path, text: 'a socket'})), ...kubeadmSockets.map(({source}) => ({source, text: 'no criSocket'}))],
      })] satisfies readonly Outcome[]
    },
    examples: {
      fail: [{
        files: {
          '/run/containerd/containerd.sock': {socket: true}, '/run/crio/crio.sock': {socket: true},
          '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS=""\n', '/var/lib/kubelet/config.yaml': 'kind: KubeletConfiguration\n',
        },
      }],
      pass: [
        {files: {'/run/containerd/containerd.sock': {socket: true}, '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS=""\n'}},
        {files: {
          '/run/containerd/containerd.sock': {socket: true}, '/run/crio/crio.sock': {socket: true},
          '/etc/kubernetes/kubeadm.yaml': 'apiVersion: kubeadm.k8s.io/v1beta3\nkind: JoinConfiguration\nnodeRegistration:\n  criSocket: unix:///run/crio/crio.sock\n',
        }},
      ],
    },
  }),
  nodeCheck({
    id: 'kubeadm-cri-socket',
    title: {
      pass: 'The kubeadm configuration on the host names a runtime that stays',
      fail: 'The kubeadm configuration on the host names the socket of dockershim',
    },
    why:
      'kubeadm takes criSocket for the truth when it sets up or resets a node with this file: it gives the kubelet an ' +
      'endpoint that nobody serves from Kubernetes 1.24 on, and the node does not join.',
    severity: 'high',
    fix: {
      containerd: `Write \`criSocket: ${SOCKETS.containerd}\` in the file.`, 'cri-o': `Write \`criSocket: ${SOCKETS['cri-o']}\` in the file.`,
      'cri-dockerd': `Write \`criSocket: ${SOCKETS['cri-dockerd']}\` in the file.`,
    },
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/',
    applies: ({kubernetes}) => isAtLeast(kubernetes, since('kubelet-without-dockershim')),
    needs: ['kubeadmSockets'],
    run({kubeadmSockets = []}) {
      return kubeadmSockets.flatMap(({socket, source}): readonly Outcome[] => {
        if (socket === undefined || runtimeOfSocket(socket) !== 'dockershim') return []
        return [problem(source.replace(/:\d+$/, ''), `${source} has criSocket ${socket}: nobody serves it from Kubernetes 1.24 on.`, {
          evidence: [{source, text: `criSocket: ${socket}`}],
        })]
      })
    },
    examples: {
      fail: [{
        files: {
          '/etc/kubernetes/kubeadm-config.yaml': 'apiVersion: kubeadm.k8s.io/v1beta2\nkind: InitConfiguration\nnodeRegistration:\n  criSocket: /var/run/dockershim.sock\n',
        },
      }],
      pass: [{
        files: {
          '/etc/kubernetes/kubeadm-config.yaml': 'apiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\nnodeRegistration:\n  criSocket: unix:///run/containerd/containerd.sock\n',
        },
      }],
    },
  }),
  nodeCheck({
    id: 'kubeadm-instance-config',
    title: {
      pass: 'kubeadm remembers the endpoint that the kubelet uses',
      fail: 'kubeadm remembers another CRI endpoint than the kubelet uses',
    },
    why:
      'kubeadm from 1.34 on keeps the CRI endpoint of a node in /var/lib/kubelet/instance-config.yaml, and writes it into ' +
      'config.yaml at the next `kubeadm upgrade node`. Where the endpoint was changed in another place, ' +
      'that upgrade brings the old runtime back.',
    severity: 'high',
    fix: {
      containerd: `Write \`containerRuntimeEndpoint: ${SOCKETS.containerd}\` to ${INSTANCE_CONFIG}.`,
      'cri-o': `Write \`containerRuntimeEndpoint: ${SOCKETS['cri-o']}\` to ${INSTANCE_CONFIG}.`,
      'cri-dockerd': `Write \`containerRuntimeEndpoint: ${SOCKETS['cri-dockerd']}\` to ${INSTANCE_CONFIG}.`,
    },
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/change-runtime-containerd/',
    unproven: 'What kubeadm does with the file is from its documentation and source code.',
    applies: ({kubernetes}) => isAtLeast(kubernetes, since('kubeadm-instance-config')),
    needs: [],
    run(_known, node) {
      return kubeletsOfHost(node).flatMap((kubelet): readonly Outcome[] => {
        const remembered = kubelet.endpoints.find(({source}) => source.startsWith(INSTANCE_CONFIG))
        const [used] = kubelet.endpoints
        if (remembered === undefined || used === undefined || isOnDockershim(kubelet) || socketPath(remembered.value) === endpointOf(kubelet)) return []
        const text =
          `The kubelet uses ${used.value} (${used.source}), and ${remembered.source} says ${remembered.value}: the next kubeadm ` +
          'upgrade brings that back.'
        return [problem('instance-config', text, {
          evidence: [{source: remembered.source, text: `containerRuntimeEndpoint: ${remembered.value}`}, {source: used.source, text: used.value}],
        })]
      })
    },
    examples: {
      fail: [{
        upgrade: {kubernetes: '1.34'}, processes: {812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
        files: {
          [INSTANCE_CONFIG]: 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ncontainerRuntimeEndpoint: unix:///var/run/crio/crio.sock\n',
        },
      }],
      pass: [{
        upgrade: {kubernetes: '1.34'}, processes: {812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
        files: {[INSTANCE_CONFIG]: 'kind: KubeletConfiguration\ncontainerRuntimeEndpoint: unix:///var/run/containerd/containerd.sock\n'},
      }],
    },
  }),
]
