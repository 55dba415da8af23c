// SPDX-License-Identifier: Apache-2.0
// Agents and tools that ask Docker about containers: how they are recognised and what they need on a node without Docker.
// As of 2026-11. Source of each in `source`; the Kubernetes page "Migrating telemetry and security agents from dockershim"
// (https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/migrating-telemetry-and-security-agents/) names most.

export interface Agent {
  readonly name: string
  /** of repositoryOf(image), or of the registry and that: `quay.io/org/app` */
  readonly image: RegExp
  /**
   * What it does where there is no Docker. `cri`: takes a CRI socket, where it can see one. `configure`: has to be told.
   * `docker-only`: knows nothing but Docker. `no-docker`: mounts parts of the host, and never asks Docker.
   */
  readonly without: 'cri' | 'configure' | 'docker-only' | 'no-docker'
  readonly fix: string
  readonly source: string
}

const K8S_PAGE = 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/migrating-telemetry-and-security-agents/'
const MOUNT_CRI = 'Mount the socket of the runtime at the place where the agent looks for it, and take docker.sock out.'

/** The first whose image fits is meant. */
export const AGENTS: readonly Agent[] = [
  {
    name: 'Datadog Agent',
    // the registries of its own have no folder: values.yaml of the charts of 2025 and later
    image: /(?:^|\/)(?:(?:datadog|datadoghq)|registry\.datadoghq\.com|datadoghq\.azurecr\.io)\/(?:agent|docker-dd-agent|ddot-collector|agent-data-plane)$/,
    without: 'cri',
    fix:
      'Helm: set `datadog.criSocketPath: /var/run/containerd/containerd.sock` (CRI-O: /var/run/crio/crio.sock) and remove ' +
      '`datadog.dockerSocketPath`. ' +
      'DaemonSet: mount that socket, set `DD_CRI_SOCKET_PATH` to it, remove `DOCKER_HOST` and the docker.sock volume. Metrics ' +
      'named docker.* become containerd.* or container.*.',
    source: 'https://docs.datadoghq.com/containers/guide/docker-deprecation/',
  },
  {
    name: 'Dynatrace OneAgent',
    image: /(?:^|\/)(?:dynatrace\/)?(?:oneagent|dynatrace-oneagent(?:-operator)?|dynatrace-operator)$/, without: 'no-docker',
    fix: 'Nothing. Dashboards on Docker metrics move to the generic container metrics.',
    source: K8S_PAGE,
  },
  {
    name: 'Falco',
    image: /(?:^|\/)falco(?:-no-driver|-driver-loader)?$/, without: 'cri',
    fix:
      'Mount /run/containerd (CRI-O: /run/crio) at /host/run/…, start Falco with `--cri /run/containerd/containerd.sock` ' +
      'where it does not find it, and take docker.sock out.',
    source: 'https://falco.org/docs/',
  },
  {
    name: 'Prisma Cloud Defender (Twistlock)',
    image: /twistlock|prisma-?cloud.*defender/, without: 'configure',
    fix:
      'Make the DaemonSet anew with `twistcli defender export kubernetes --cri …` (or the switch for CRI in the Console) and ' +
      'apply it.',
    source: K8S_PAGE,
  },
  {
    name: 'Splunk SignalFx Smart Agent',
    image: /(?:^|\/)signalfx\/agent$|signalfx-agent$/, without: 'configure',
    fix: 'Remove the monitor `docker-container-stats` and turn on `kubelet-metrics`.',
    source: K8S_PAGE,
  },
  {
    name: 'Aqua Enforcer',
    image: /(?:^|\/)aquasec\/enforcer$|^enforcer$|aqua-enforcer/, without: 'cri',
    fix: 'Deploy it with the runtime of the node chosen, so that the socket of that runtime is mounted; take docker.sock out.',
    source: K8S_PAGE,
  },
  {
    name: 'kubectl-flame',
    image: /kubectl-flame/, without: 'docker-only',
    fix: 'It finds the processes of a container through Docker alone. Use `kubectl-prof`, which knows containerd and CRI-O.',
    source: K8S_PAGE,
  },
  {
    name: 'New Relic infrastructure agent',
    image: /(?:^|\/)newrelic\/(?:infrastructure(?:-bundle|-k8s)?|nri-kubernetes|k8s-events-forwarder)$/, without: 'cri',
    fix: `${MOUNT_CRI} Container samples then come from the CRI socket and the kubelet.`,
    source: 'https://docs.newrelic.com/docs/infrastructure/',
  },
  {
    name: 'SentinelOne agent',
    image: /(?:^|\/)(?:s1-agent|s1-helper|sentinelone.*agent)$/, without: 'cri',
    fix: `${MOUNT_CRI} Use a version of the vendor that names your runtime.`,
    source: 'https://github.com/Sentinel-One/helm-charts',
  },
  {
    name: 'Sysdig agent',
    image: /(?:^|\/)sysdig\/agent(?:-slim)?$/, without: 'cri',
    fix:
      'Mount /run/containerd (CRI-O: /run/crio) at /host/run/… read-only, set `cri: {socket_path: ' +
      '/run/containerd/containerd.sock}` in dragent.yaml, and take docker.sock out.',
    source: 'https://docs.sysdig.com/',
  },
  {
    name: 'Instana agent',
    image: /(?:^|\/)instana\/(?:agent|release\/agent\/static|agent\/static)|(?:^|\/)instana-agent/, without: 'cri',
    fix: 'It finds containerd and CRI-O by itself when /run (or their folder in it) is mounted. Take docker.sock out.',
    source: 'https://www.ibm.com/docs/en/instana-observability',
  },
  {
    name: 'AppDynamics machine agent',
    image: /(?:^|\/)appdynamics\/machine-agent(?:-analytics|-netviz)?$/, without: 'configure',
    fix: 'Turn Docker visibility off (`-Dappdynamics.docker.enabled=false`) and let the Cluster Agent report containers.',
    source: 'https://docs.appdynamics.com/',
  },
  {
    name: 'cAdvisor',
    image: /(?:^|\/)cadvisor$/, without: 'cri',
    fix:
      'Mount /run/containerd/containerd.sock and start it with `--containerd=/run/containerd/containerd.sock ' +
      '--containerd-namespace=k8s.io`, without `--docker_only`.',
    source: 'https://github.com/google/cadvisor/blob/master/docs/runtime_options.md',
  },
  {
    name: 'node-problem-detector',
    image: /(?:^|\/)node-problem-detector$/, without: 'configure',
    fix: 'See the check docker-problem-daemon.',
    source: 'https://github.com/kubernetes/node-problem-detector',
  },
  {
    name: 'Telegraf',
    image: /(?:^|\/)telegraf$/, without: 'configure',
    fix: 'Replace `[[inputs.docker]]` by `[[inputs.kubernetes]]`, which asks the kubelet.',
    source: 'https://docs.influxdata.com/telegraf/v1/plugins/',
  },
  {
    name: 'Netdata',
    image: /(?:^|\/)netdata\/netdata$/, without: 'configure',
    fix:
      'Names of containers come from the API server or the kubelet once docker.sock is gone: give its service account access ' +
      'to pods. Take docker.sock out.',
    source: 'https://learn.netdata.cloud/',
  },
  {
    name: 'Elastic Metricbeat or Agent',
    image: /(?:^|\/)(?:metricbeat|elastic-agent|heartbeat|auditbeat|packetbeat)$/, without: 'configure',
    fix:
      'Replace the Docker module and `add_docker_metadata` by the Kubernetes module and `add_kubernetes_metadata`, and take ' +
      'docker.sock out.',
    source: 'https://www.elastic.co/guide/en/beats/metricbeat/current/metricbeat-module-kubernetes.html',
  },
  {
    name: 'CloudWatch agent',
    image: /(?:^|\/)cloudwatch-agent$/, without: 'cri',
    fix:
      'Mount /run/containerd/containerd.sock, as the manifests of Container Insights do; take docker.sock and /var/lib/docker ' +
      'out.',
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-setup-metrics.html',
  },
  {
    name: 'OpenKruise daemon',
    image: /(?:^|\/)kruise-manager$|(?:^|\/)openkruise\//, without: 'cri',
    fix:
      'Use Kruise 0.10 or later: kruise-daemon takes containerd.sock or a CRI socket of the folder given by ' +
      '`--socket-location`. Take docker.sock out.',
    source: 'https://openkruise.io/docs/',
  },
  {
    name: 'Weave Scope',
    image: /(?:^|\/)weaveworks\/scope$/, without: 'configure',
    fix:
      'Start the probe with `--probe.cri=true --probe.cri.endpoint=unix:///run/containerd/containerd.sock` instead of ' +
      '`--probe.docker=true`.',
    source: 'https://github.com/weaveworks/scope',
  },
  ...([
    ['Docker socket proxy', /(?:^|\/)(?:tecnativa|linuxserver|wollomatic)\/(?:docker-)?socket-proxy$/, 'It only hands on the Docker API. Remove it with whatever uses it.'],
    ['docker-gc', /(?:^|\/)(?:docker-gc|docker-cleanup|docker-custodian)$/, 'Remove it: the kubelet cleans images and containers of every runtime (imageGCHighThresholdPercent).'],
    ['Watchtower', /(?:^|\/)(?:containrrr|nickfedor)\/watchtower$/, 'Remove it: use a controller that changes the image in the workload, such as Flux image automation or Keel.'],
    ['Portainer', /(?:^|\/)portainer\/(?:portainer(?:-ce|-ee)?|agent)$/, 'Deploy its Kubernetes agent, which asks the API server.'],
    ['Logspout', /(?:^|\/)gliderlabs\/logspout$/, 'It reads logs from the Docker API alone. Use a collector that reads /var/log/containers, such as Fluent Bit.'],
    ['docker_exporter', /(?:^|\/)(?:docker[-_]exporter|container[-_]exporter)$/, "Use the kubelet's /metrics/cadvisor."],
    ['Ryuk of Testcontainers', /(?:^|\/)testcontainers\/ryuk$/, 'Give the tests a Docker daemon of their own, see the check testcontainers-without-daemon.'],
    ['Drone runner for Docker', /(?:^|\/)drone\/drone-runner-docker$/, 'Use drone/drone-runner-kube, which runs steps as containers of a pod.'],
  ] as const).map(([name, image, fix]): Agent => ({name, image, without: 'docker-only', fix, source: K8S_PAGE})),
  // These mount parts of the host for reasons of their own.
  ...([
    ['node exporter', /(?:^|\/)node[-_]exporter$/], ['Calico', /(?:^|\/)calico\//], ['Cilium', /(?:^|\/)cilium\//], ['kube-proxy', /(?:^|\/)kube-proxy(?:-amd64|-windows)?$/],
    ['Multus', /(?:^|\/)multus(?:-cni)?$/], ['Flannel', /(?:^|\/)flannel(?:-cni-plugin)?$/], ['Weave Net', /(?:^|\/)weaveworks\/weave-(?:kube|npc)$|(?:^|\/)weave-(?:kube|npc)$/],
    ['a CSI driver', /(?:^|\/)(?:[\w-]*csi[\w-]*)(?:$|\/)|csi-?(?:driver|plugin|node)/], ['Ceph', /(?:^|\/)(?:rook\/ceph|ceph\/ceph|cephcsi)$/], ['Longhorn', /(?:^|\/)longhornio\//],
    ['OpenEBS', /(?:^|\/)openebs\//], ['an NVIDIA plugin', /(?:^|\/)nvidia\//], ['kube-bench', /(?:^|\/)kube-bench$/], ['kured', /(?:^|\/)kured$/],
    ['SR-IOV', /(?:^|\/)sriov-[\w-]+$/], ['Istio CNI', /(?:^|\/)install-cni$/], ['Linkerd CNI', /(?:^|\/)cni-plugin$/], ['kube-router', /(?:^|\/)kube-router$/],
    ['Antrea', /(?:^|\/)antrea[\w/-]*$/], ['MetalLB', /(?:^|\/)metallb\//], ['Velero', /(?:^|\/)velero\//], ['the Kubernetes control plane', /(?:^|\/)kube-(?:apiserver|controller-manager|scheduler)$|(?:^|\/)etcd(?:-manager(?:-slim)?)?$/],
    ['node-local DNS', /(?:^|\/)k8s-dns-node-cache$/], ['Open vSwitch', /(?:^|\/)(?:ovn|ovs|kube-ovn|openvswitch)[\w-]*$|(?:^|\/)kubeovn\//],
    ['system-upgrade-controller', /(?:^|\/)(?:k3s-upgrade|rke2-upgrade|system-upgrade-controller)$/], ['osquery or a host scanner', /(?:^|\/)(?:osquery|node-collector|trivy)$/],
  ] as const).map(([name, image]): Agent => ({name, image, without: 'no-docker', fix: 'Nothing.', source: K8S_PAGE})),
]
