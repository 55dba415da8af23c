#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs as the first process of new mount, pid, network, ipc, uts and cgroup namespaces: makes the folder tree of a node from layers,
# moves into it and becomes its pid 1. Arguments: the node's folder, the layer below it, the repository, the kubelet, the host name,
# then type, options and path of each cgroup hierarchy.
set -e
dir=$1 lower=$2 repository=$3 kubelet=$4 name=$5
shift 5
root=$dir/root

mount -t overlay overlay -o "lowerdir=$lower,upperdir=$dir/upper,workdir=$dir/work" "$root"
mkdir -p "$root/var/lib/docker" "$root/var/lib/containerd" "$root/opt/rtctl"
: >> "$root/usr/bin/kubelet"
# container layers cannot lie on an overlay
mount --bind "$dir/docker" "$root/var/lib/docker"
mount --bind "$dir/containerd" "$root/var/lib/containerd"
mount --bind "$repository" "$root/opt/rtctl"
mount -o remount,bind,ro "$root/opt/rtctl"
mount --bind "$kubelet" "$root/usr/bin/kubelet"

# most kernel settings are the machine's, too: only those of the node's own network may be changed
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,bind,ro "$root/proc/sys"
mount --bind "$dir/boot-id" "$root/proc/sys/kernel/random/boot_id"

mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
while [ $# -gt 0 ]; do
  mkdir -p "$root$3"
  mount -t "$1" -o "$2" cgroup "$root$3"
  shift 3
done

mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/zero" c 1 5
mknod -m 666 "$root/dev/full" c 1 7
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
mknod -m 666 "$root/dev/tty" c 5 0
ln -s /proc/self/fd "$root/dev/fd"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t mqueue mqueue "$root/dev/mqueue"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -m 1777 "$root/run/lock"

hostname "$name"
cd "$root"
pivot_root . .
umount -l .
cd /
ip link set lo up
# what the machine has built in or loaded
modules=/lib/modules/$(uname -r)
mkdir -p "$modules"
: > "$modules/modules.order"
printf 'kernel/fs/overlayfs/overlay.ko\nkernel/net/bridge/br_netfilter.ko\n' > "$modules/modules.builtin"
depmod
# dockerd switches it on, and then sets the policy of FORWARD to DROP
echo 0 > /proc/sys/net/ipv4/ip_forward
exec /usr/lib/systemd/systemd
