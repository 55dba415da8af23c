// SPDX-License-Identifier: Apache-2.0
// Capabilities of a container that asks for none, by runtime, and programs that need those that CRI-O leaves out.
// Sources, as of 2026-11: moby oci/caps/defaults.go, containerd oci.defaultUnixCaps, cri-o docs/crio.conf.5.md (default_capabilities).

/** Docker and containerd give these to every container, CRI-O gives them to none. */
export const LOST_WITH_CRIO = ['NET_RAW', 'SYS_CHROOT', 'MKNOD', 'AUDIT_WRITE', 'SETFCAP'] as const

export type LostCapability = (typeof LOST_WITH_CRIO)[number]

/** What a program fails without, when it runs as root. */
export const NEEDED_BY: Readonly<Record<string, LostCapability>> = {
  ping: 'NET_RAW', ping6: 'NET_RAW', fping: 'NET_RAW', arping: 'NET_RAW', hping3: 'NET_RAW', nping: 'NET_RAW', mtr: 'NET_RAW', traceroute: 'NET_RAW',
  tcpdump: 'NET_RAW', tshark: 'NET_RAW', keepalived: 'NET_RAW', dhclient: 'NET_RAW', udhcpc: 'NET_RAW',
  chroot: 'SYS_CHROOT', sshd: 'SYS_CHROOT', mknod: 'MKNOD', setcap: 'SETFCAP', auditctl: 'AUDIT_WRITE',
}
