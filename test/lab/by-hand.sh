#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A node from Docker to containerd, as somebody does it who knows what this very node needs: what `rtctl migrate` is measured against.
# Run in the node. Prints the seconds of each part; when it ends the kubelet still starts pods.
set -euo pipefail
begun=$EPOCHREALTIME
part() { printf '%6.1f s  %s\n' "$(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN {print b - a}')" "$1"; }

systemctl stop kubelet
part 'kubelet stopped'

docker images --format '{{.Repository}}:{{.Tag}}' | grep -v '^build/' | xargs docker save | ctr --namespace k8s.io images import - > /dev/null
part 'images moved'

docker ps --all --quiet --filter label=io.kubernetes.pod.uid | xargs docker rm --force > /dev/null
docker stop old-shop > /dev/null
part 'containers removed'

systemctl disable --quiet --now docker.socket docker.service
systemctl mask --quiet docker.socket docker.service
part 'Docker stopped'

iptables -P FORWARD ACCEPT
ip link delete docker0
printf 'overlay\nbr_netfilter\n' > /etc/modules-load.d/kubernetes.conf
printf 'net.bridge.bridge-nf-call-iptables = 1\nnet.ipv4.ip_forward = 1\n' > /etc/sysctl.d/99-kubernetes.conf
cat > /etc/containerd/config.toml << 'TOML'
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "lab/pause:3.2"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = true
TOML
hosts() { # REGISTRY SERVER LINE...
  mkdir -p "/etc/containerd/certs.d/$1"
  { printf 'server = "%s"\n' "$2"; printf '%s\n' "${@:3}"; } > "/etc/containerd/certs.d/$1/hosts.toml"
}
hosts docker.io https://registry-1.docker.io '[host."http://mirror.lab.example"]' 'capabilities = ["pull", "resolve"]'
hosts plain.lab.example:5000 http://plain.lab.example:5000
hosts selfsigned.lab.example:5443 https://selfsigned.lab.example:5443 'skip_verify = true'
systemctl restart containerd
until ctr version > /dev/null 2>&1; do sleep 0.1; done
part 'containerd configured'

cat > /var/lib/kubelet/kubeadm-flags.env << 'ENV'
KUBELET_KUBEADM_ARGS="--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=lab/pause:3.2"
ENV
printf 'containerLogMaxSize: 200Ki\ncontainerLogMaxFiles: 3\n' >> /var/lib/kubelet/config.yaml
systemctl start kubelet
kubectl annotate --overwrite node "$(hostname)" kubeadm.alpha.kubernetes.io/cri-socket=unix:///run/containerd/containerd.sock > /dev/null
until kubectl get node "$(hostname)" --output jsonpath='{.status.nodeInfo.containerRuntimeVersion} {.status.conditions[?(@.type=="Ready")].status}' | grep -q '^containerd://.* True$'; do
  sleep 0.5
done
part 'node ready on containerd'
