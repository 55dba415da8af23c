// SPDX-License-Identifier: Apache-2.0
import type {Upgrade} from '../../model/check.ts'
import type {Json} from '../../model/json.ts'
import {stringsOf, type Use} from './docker-settings.ts'
import {CONTAINERD_CONFIG, containerdConfigVersion, CRIO_DROP_IN, fileStanza, tomlText} from './docker-target.ts'
import {type DaemonTopic, each, named, shown, type TopicContext, type TopicFinding, type WithoutDocker} from './docker-topic.ts'

const MAN_CONTAINERD = 'https://github.com/containerd/containerd/blob/main/docs/man/containerd-config.toml.5.md'

/** Settings of the daemon, its API, its storage and its networks. */
export const DAEMON_TOPICS: readonly DaemonTopic[] = [
  {
    id: 'daemon-json-storage-opts',
    title: {pass: "Docker's storage driver has no options of its own", fail: "Docker's storage driver has options of its own"},
    why:
      'Options of a storage driver end with Docker. A quota for the writable layer (overlay2.size, dm.basesize) is the one ' +
      'that shows: after the move a container ' +
      'can fill the disk of the node, and every pod on it is evicted.',
    severity: 'medium',
    fix: {
      containerd:
        'There is no quota per container in the overlayfs snapshotter: limit ephemeral-storage in the pods, so that the ' +
        'kubelet evicts the one that writes too much.',
      'cri-o': 'Set the options in /etc/containers/storage.conf.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/storage/ephemeral-storage/',
    findings: (uses) => uses.flatMap((use) => stringsOf(use.value).flatMap((option) => storageOption(option, use))),
    fail: {'storage-opts': ['overlay2.size=20G']},
    pass: {'storage-opts': ['overlay2.override_kernel_check=true']},
  },
  {
    id: 'daemon-json-exec-root',
    title: {pass: 'Docker keeps its run-time state at the usual place', fail: 'Docker keeps its run-time state at a place of its own'},
    why: 'Whoever moved exec-root had a reason, such as a small /run. The new runtime keeps its state below /run unless it is told otherwise.',
    severity: 'low',
    fix: {
      containerd: 'Set state in the configuration of containerd, if the reason still holds.',
      'cri-o': 'Set runroot in a drop-in of CRI-O, if the reason still holds.',
    },
    learnMore: MAN_CONTAINERD,
    findings: (uses) => each(uses, (use) => ({
      text: `dockerd keeps its run-time state in ${shown(use.value)} (${named(use)}); the new runtime keeps it below /run.`,
      fix: {
        containerd: fileStanza(CONTAINERD_CONFIG, `state = ${tomlText(`${parentOf(use.value)}/containerd`)}`),
        'cri-o': fileStanza(CRIO_DROP_IN, '[crio]', `runroot = ${tomlText(`${parentOf(use.value)}/containers`)}`),
      },
    })),
    fail: {'exec-root': '/data/run/docker'},
    pass: {'exec-root': '/var/run/docker'},
  },
  {
    id: 'daemon-json-live-restore',
    title: {pass: 'Containers end when dockerd is stopped', fail: 'Containers go on running when dockerd is stopped'},
    why:
      'With live-restore, `systemctl stop docker` leaves every container running. After the move the old containers of static ' +
      'pods hold their ports: etcd and the ' +
      'API server of the new runtime fail with "address already in use", and volumes stay mounted.',
    severity: 'high',
    fix: {
      containerd:
        'With the kubelet stopped and dockerd still running: `docker ps -q | xargs -r docker stop`, then `docker ps -aq | ' +
        'xargs -r docker rm`, then `systemctl stop docker docker.socket`. Containers of containerd and its shims survive a ' +
        'restart of containerd without a setting.',
      'cri-o':
        'With the kubelet stopped and dockerd still running: `docker ps -q | xargs -r docker stop`, then `docker ps -aq | ' +
        'xargs -r docker rm`, then `systemctl stop docker docker.socket`. Containers of CRI-O survive its restart without a ' +
        'setting.',
    },
    learnMore: 'https://docs.docker.com/engine/daemon/live-restore/',
    findings: (uses) => each(uses, (use) => ({text: `live-restore is on (${named(use)}): stopping dockerd will not stop the containers of this node.`})),
    fail: {'live-restore': true},
    pass: {'live-restore': false},
  },
  {
    id: 'daemon-json-stop-timeouts',
    title: {pass: 'Docker stops containers after the usual time', fail: 'Docker is told how long containers may take to stop'},
    why:
      'How long a pod may take to end is said by its terminationGracePeriodSeconds, and at shutdown of the node by the ' +
      'kubelet. The setting of dockerd was for its own shutdown, and for docker stop.',
    severity: 'low',
    fix: {
      containerd: 'Set shutdownGracePeriod in the KubeletConfiguration, where pods are to end in good order at shutdown.',
      'cri-o': 'Set shutdownGracePeriod in the KubeletConfiguration, where pods are to end in good order at shutdown.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/',
    findings: (uses) => each(uses, (use) => {
      const fix = fileStanza('KubeletConfiguration', `shutdownGracePeriod: ${Number(use.value)}s`, 'shutdownGracePeriodCriticalPods: 10s')
      return {
        text: `dockerd gives containers ${shown(use.value)} seconds to end (${named(use)}); without it, pods have what they and the kubelet say.`,
        ...(use.key === 'shutdown-timeout' && Number(use.value) > 0 && {fix: {containerd: fix, 'cri-o': fix}}),
      }
    }),
    fail: {'shutdown-timeout': 120},
    pass: {'shutdown-timeout': 15},
  },
  {
    id: 'daemon-json-authorization-plugins',
    title: {pass: 'No plugin decides what Docker may do', fail: 'Plugins decide what Docker may do, and nothing else asks them'},
    why:
      'Authorization plugins see requests to dockerd only. The CRI has no such hook: a policy that forbids privileged ' +
      'containers or host mounts is gone after the move, without any error.',
    severity: 'high',
    fix: {
      containerd:
        'Bring the policy into admission: Pod Security Admission, ValidatingAdmissionPolicy, Kyverno or OPA Gatekeeper. NRI ' +
        'plugins of containerd can change containers at the node.',
      'cri-o':
        'Bring the policy into admission: Pod Security Admission, ValidatingAdmissionPolicy, Kyverno or OPA Gatekeeper. NRI ' +
        'plugins of CRI-O can change containers at the node.',
    },
    learnMore: 'https://docs.docker.com/engine/extend/plugins_authorization/',
    findings: (uses) => uses.flatMap((use) => stringsOf(use.value).map((name) => ({
      use, part: name, text: `dockerd asks the plugin ${name} whether a request is allowed (${named(use)}); the new runtime asks nobody.`,
    }))),
    fail: {'authorization-plugins': ['opa-docker-authz']},
    pass: {'authorization-plugins': []},
  },
  {
    id: 'daemon-json-bridge-network',
    title: {pass: "Docker's own networks are as they come", fail: "Docker's own networks are configured"},
    why:
      'These settings are for docker0 and for networks of Docker. Pods never were on them: their addresses are from the CNI ' +
      'plugin. They matter for containers outside Kubernetes alone, and end with Docker.',
    severity: 'info',
    fix: {
      containerd: 'Nothing has to be written for containerd. See that the CNI configuration has the subnets and the MTU that pods need.',
      'cri-o': 'Nothing has to be written for CRI-O. See that the CNI configuration has the subnets and the MTU that pods need.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/',
    findings: (uses) => together(uses, (all) => `Networks of Docker are configured with ${all}; the settings end with Docker, and pods have their network from CNI.`),
    fail: {bip: '172.31.0.1/24', mtu: 1400},
    pass: {mtu: 1500, icc: true},
  },
  {
    id: 'daemon-json-firewall',
    title: {pass: 'Docker handles packet filters and forwarding as it comes', fail: 'Docker is told how to handle packet filters and forwarding'},
    why:
      'dockerd sets net.ipv4.ip_forward and filter rules, unless told not to. No other runtime does: what the node needs has ' +
      'to be persisted on the host, and rules are those of CNI and kube-proxy.',
    severity: 'low',
    fix: {
      containerd:
        'Nothing has to be written for containerd. Persist net.ipv4.ip_forward = 1 in /etc/sysctl.d, and what the firewall ' +
        'needs in its own configuration.',
      'cri-o':
        'Nothing has to be written for CRI-O. Persist net.ipv4.ip_forward = 1 in /etc/sysctl.d, and what the firewall needs ' +
        'in its own configuration.',
    },
    learnMore: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/#network-configuration',
    findings: (uses) => together(uses, (all) => `dockerd is told ${all}; no other runtime touches the firewall or forwarding.`),
    fail: {iptables: false, 'ip-masq': false},
    pass: {iptables: true, 'userland-proxy': true},
  },
  {
    id: 'daemon-json-dns',
    title: {pass: 'Docker gives containers the name servers of the host', fail: 'Docker gives containers name servers of its own'},
    why:
      "Pods have their resolv.conf from the kubelet, containers outside Kubernetes from dockerd. What relied on dockerd's name servers " +
      "asks those of the host, or of the cluster, after it has become a pod.",
    severity: 'low',
    fix: {
      containerd: 'Pods with dnsPolicy Default use the file that resolvConf of the KubeletConfiguration names: put the servers there.',
      'cri-o': 'Pods with dnsPolicy Default use the file that resolvConf of the KubeletConfiguration names: put the servers there.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
    findings: (uses) => together(uses, (all) => `dockerd gives containers outside Kubernetes ${all}; pods have their resolv.conf from the kubelet.`, dnsFix),
    fail: {dns: ['10.0.0.53'], 'dns-search': ['corp.example.com']},
    pass: {dns: []},
  },
  {
    id: 'daemon-json-remote-api',
    title: {pass: 'dockerd serves its API on this host only', fail: 'dockerd serves its API over the network'},
    why:
      'Clients of tcp://NODE:2375 or 2376 (CI servers, Portainer, monitoring, docker contexts) lose their server. containerd ' +
      'and CRI-O have no such API, and their CRI must not be served over a network.',
    severity: 'high',
    fix: {
      containerd:
        'Find the clients (`ss -tnp state established sport = :2376`) and move them to the Kubernetes API: pods, Jobs, ' +
        '`kubectl exec`, or a BuildKit daemon for builds.',
      'cri-o':
        'Find the clients (`ss -tnp state established sport = :2376`) and move them to the Kubernetes API: pods, Jobs, ' +
        '`kubectl exec`, or a BuildKit daemon for builds.',
    },
    learnMore: 'https://docs.docker.com/engine/daemon/remote-access/',
    findings: remoteApi,
    fail: {hosts: ['unix:///var/run/docker.sock', 'tcp://0.0.0.0:2376'], tlsverify: true},
    pass: {hosts: ['unix:///var/run/docker.sock', 'fd://']},
  },
  {
    id: 'daemon-json-metrics-addr',
    title: {pass: 'Nobody is offered the metrics of dockerd', fail: 'dockerd serves metrics'},
    why: 'Dashboards and alerts on engine_daemon_* show no data after the move. The metrics of other runtimes have other names and another port.',
    severity: 'medium',
    fix: {
      containerd: 'Let containerd serve its own, and rewrite queries and alerts to containerd_*.',
      'cri-o': 'Let CRI-O serve its own, and rewrite queries and alerts to container_runtime_crio_*.',
    },
    learnMore: 'https://docs.docker.com/engine/daemon/prometheus/',
    unproven: 'The table for containerd 2.3 and later is from its source; no such containerd was run with it.',
    findings: (uses, {node}) => each(uses, (use) => ({
      text: `dockerd serves metrics at ${shown(use.value)} (${named(use)}); what scrapes them finds nobody there after the move.`, fix: metricsFix(shown(use.value), node.upgrade),
    })),
    fail: {'metrics-addr': '0.0.0.0:9323'},
    pass: {'metrics-addr': ''},
  },
  {
    id: 'daemon-json-daemon-log',
    title: {pass: 'dockerd logs as it comes', fail: 'dockerd is told what to log of itself'},
    why:
      'The log of the daemon in the journal is that of another program after the move, with a level of its own. Filters on ' +
      'the unit docker.service see nothing.',
    severity: 'info',
    fix: {containerd: 'Set the level in [debug] of the configuration of containerd.', 'cri-o': 'Set log_level in a drop-in of CRI-O.'},
    learnMore: MAN_CONTAINERD,
    findings: (uses) => each(uses, (use) => ({text: `dockerd is told ${use.key} ${shown(use.value)} (${named(use)}); the new runtime has a log level of its own.`, fix: logFix(use)})),
    fail: {debug: true},
    pass: {'log-level': 'info'},
  },
  {
    id: 'daemon-json-oom-score-adjust',
    title: {pass: 'dockerd has its usual OOM score', fail: 'dockerd is told its OOM score'},
    why:
      'It decides whether the kernel kills the daemon first when memory runs out. The new daemon has what its unit says: -999 ' +
      'for containerd and CRI-O as packaged.',
    severity: 'low',
    fix: {
      containerd: 'Set OOMScoreAdjust in a drop-in of containerd.service, if -999 is not what you want.',
      'cri-o': 'Set OOMScoreAdjust in a drop-in of crio.service, if -999 is not what you want.',
    },
    learnMore: MAN_CONTAINERD,
    findings: (uses) => each(uses, (use) => ({
      text: `dockerd is told the OOM score ${shown(use.value)} (${named(use)}); the new runtime has that of its unit.`,
      fix: {
        containerd: fileStanza('/etc/systemd/system/containerd.service.d/oom.conf', '[Service]', `OOMScoreAdjust=${shown(use.value)}`),
        'cri-o': fileStanza('/etc/systemd/system/crio.service.d/oom.conf', '[Service]', `OOMScoreAdjust=${shown(use.value)}`),
      },
    })),
    fail: {'oom-score-adjust': -800},
    pass: {'oom-score-adjust': -500},
  },
  {
    id: 'daemon-json-cluster-options',
    title: {pass: 'Docker carries no labels and cluster options', fail: 'Docker carries labels or cluster options'},
    why:
      'Schedulers of Docker, and scripts that read `docker info`, go by the labels and resources of dockerd. Kubernetes does ' +
      'not see them, and no other runtime has any.',
    severity: 'low',
    fix: {
      containerd: 'Label the Node instead, and advertise devices with a device plugin.',
      'cri-o': 'Label the Node instead, and advertise devices with a device plugin.',
    },
    learnMore: 'https://kubernetes.io/docs/tasks/configure-pod-container/assign-pods-nodes/',
    findings: (uses) => each(uses, (use) => ({text: `dockerd is told ${use.key} ${shown(use.value)} (${named(use)}); it ends with Docker.`, ...labelFix(use)})),
    fail: {labels: ['rack=a3', 'disk=ssd']},
    pass: {labels: []},
  },
]

/** One finding for all settings of a topic: they share one fate. The first is the one whose place is told. */
function together(uses: readonly Use[], text: (all: string) => string, fix?: (uses: readonly Use[]) => WithoutDocker): readonly TopicFinding[] {
  const [use, ...others] = uses
  if (use === undefined) return []
  const all = uses.map(({key, value}) => `${key} ${shown(value)}`).join(', ')
  return [{use: {...use, settings: [...use.settings, ...others.flatMap(({settings}) => settings)]}, part: '', text: text(all), ...(fix && {fix: fix(uses)})}]
}

function parentOf(path: Json): string {
  const text = shown(path).replace(/\/+$/, '')
  return text.slice(0, text.lastIndexOf('/')) || '/run'
}

// ---------------------------------------------------------------- storage

const QUOTA = /^(?:overlay2\.size|dm\.basesize)=(.*)$/

function storageOption(option: string, use: Use): readonly TopicFinding[] {
  const quota = QUOTA.exec(option)?.[1]
  if (quota !== undefined) {
    return [{
      use, part: option, severity: 'high', text: `Docker limits what a container may write: ${option} (${named(use)}). Under the new runtime only the ephemeral-storage limit of its pod does.`,
      fix: {
        containerd: `No equivalent in the overlayfs snapshotter. In the pods:\nresources:\n  limits: {ephemeral-storage: ${kubernetesSize(quota)}}`,
        'cri-o': fileStanza('/etc/containers/storage.conf, on xfs mounted with pquota', '[storage.options.overlay]', `size = ${tomlText(quota)}`),
      },
    }]
  }
  const pool = /^dm\.thinpooldev=(.*)$/.exec(option)?.[1]
  if (pool !== undefined) {
    return [{
      use, part: option, text: `Docker keeps containers in the thin pool ${pool} (${named(use)}); the new runtime begins with an overlay filesystem on the disk of its root.`,
      fix: {
        containerd: fileStanza(CONTAINERD_CONFIG, '[plugins."io.containerd.snapshotter.v1.devmapper"]', `  pool_name = ${tomlText(`${pool.replace(/^\/dev\/mapper\//, '')}-containerd`)}`,
          '  root_path = "/var/lib/containerd/devmapper"', '  base_image_size = "10GB"', '# a pool of its own: it cannot share that of Docker. Or use overlayfs on a disk of its own.'),
        'cri-o': 'No equivalent in current releases: use the overlay driver, on a disk of its own at /var/lib/containers.',
      },
    }]
  }
  const dataset = /^zfs\.fsname=(.*)$/.exec(option)?.[1]
  if (dataset === undefined) return []
  return [{
    use, part: option, text: `Docker keeps containers in the ZFS dataset ${dataset} (${named(use)}); the new runtime needs one of its own.`,
    fix: {
      containerd:
        `zfs create -o mountpoint=/var/lib/containerd/io.containerd.snapshotter.v1.zfs ${dataset}-containerd, and snapshotter ` +
        '= "zfs" for the CRI plugin.',
      'cri-o': fileStanza('/etc/containers/storage.conf', '[storage]', 'driver = "zfs"', '[storage.options.zfs]', `fsname = ${tomlText(`${dataset}-crio`)}`),
    },
  }]
}

function kubernetesSize(size: string): string {
  const [, number, unit = ''] = /^(\d{1,15})\s*([kmgt]?)i?b?$/i.exec(size) ?? []
  return number === undefined ? 'SIZE' : `${number}${unit === '' ? '' : `${unit.toUpperCase()}i`}`
}

// ---------------------------------------------------------------- API

/** TLS settings alone do nothing: only an address that others reach does. */
function remoteApi(uses: readonly Use[], {node: {facts}}: TopicContext): readonly TopicFinding[] {
  const tls = uses.filter(({key}) => key !== 'hosts').map(({key}) => key)
  /** what systemd hands over: docker.socket says where that listens */
  const handedOver = facts.dockers.flatMap(({hosts}) => hosts).filter(({source}) => source.includes('(fd://')).map(({value}) => value)
  return uses.filter(({key}) => key === 'hosts').flatMap((use) => [...new Set([...stringsOf(use.value), ...handedOver])].filter(isRemote).map((address) => ({
    use, part: address,
    text: `dockerd listens at ${address}${tls.length > 0 ? ` (with ${tls.join(', ')})` : ', without TLS'} (${named(use)}): clients elsewhere lose it with Docker.`,
  })))
}

function isRemote(address: string): boolean {
  return /^(?:tcp:\/\/|:\d)/.test(address) && !/^tcp:\/\/(?:127\.|localhost|\[::1\])/.test(address)
}

function dnsFix(uses: readonly Use[]): WithoutDocker {
  const of = (key: string) => uses.filter((use) => use.key === key).flatMap(({value}) => stringsOf(value))
  const lines = [...of('dns').map((server) => `nameserver ${server}`), ...(of('dns-search').length > 0 ? [`search ${of('dns-search').join(' ')}`] : []),
    ...(of('dns-opts').length > 0 ? [`options ${of('dns-opts').join(' ')}`] : [])]
  const text = lines.length === 0
    ? 'Pods have hostAliases in their spec for names of the host.'
    : 'Where pods with dnsPolicy Default are to ask them ' +
      `too:\n${fileStanza('/etc/kubernetes/resolv.conf', ...lines)}\n\n` +
      fileStanza('KubeletConfiguration', 'resolvConf: /etc/kubernetes/resolv.conf')
  return {containerd: text, 'cri-o': text}
}

// ---------------------------------------------------------------- daemon

function metricsFix(address: string, upgrade: Upgrade): WithoutDocker {
  const [, host = '', port = '9090'] = /^(.*):(\d{1,5})$/.exec(address) ?? []
  return {
    containerd: fileStanza(CONTAINERD_CONFIG, containerdConfigVersion(upgrade) >= 4 ? "[plugins.'io.containerd.server.v1.metrics']" : '[metrics]', `  address = ${tomlText(address)}`),
    'cri-o': fileStanza(CRIO_DROP_IN, '[crio.metrics]', 'enable_metrics = true', ...(host === '' ? [] : [`metrics_host = ${tomlText(host)}`]), `metrics_port = ${port}`),
  }
}

function logFix({key, value}: Use): WithoutDocker {
  const name = key === 'log-format' ? 'format' : 'level'
  const text = key === 'debug' ? 'debug' : shown(value)
  return {
    containerd: fileStanza(CONTAINERD_CONFIG, '[debug]', `  ${name} = ${tomlText(text)}`),
    'cri-o': name === 'level' ? fileStanza(CRIO_DROP_IN, '[crio.runtime]', `log_level = ${tomlText(text)}`) : 'No setting in a file: CRI-O takes --log-format json on its command line.',
  }
}

function labelFix({key, value}: Use): {readonly fix?: WithoutDocker} {
  if (key !== 'labels') return {}
  const fix = `kubectl label node NODE ${stringsOf(value).join(' ')}`
  return {fix: {containerd: fix, 'cri-o': fix}}
}
