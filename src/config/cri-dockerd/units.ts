// SPDX-License-Identifier: Apache-2.0
// The units of cri-dockerd's packages (Mirantis/cri-dockerd, packaging/systemd), as far as a node needs them.
import {commandWord} from '../lib/unit-write.ts'

/** `flags`: name → value; `true` for one without. */
export function serviceUnit(flags: ReadonlyMap<string, string>): string {
  const words = [...flags].map(([name, value]) => commandWord(value === 'true' ? `--${name}` : `--${name}=${value}`))
  return `# Written by rtctl: Docker's CRI, which the kubelet had inside until 1.23.
[Unit]
Description=cri-dockerd, the CRI for Docker Engine
Documentation=https://github.com/Mirantis/cri-dockerd
After=network-online.target firewalld.service docker.service
Wants=network-online.target docker.service
Requires=cri-docker.socket

[Service]
Type=notify
ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd://${words.map((word) => ` \\\n  ${word}`).join('')}
ExecReload=/bin/kill -s HUP $MAINPID
TimeoutSec=0
RestartSec=2
Restart=always
LimitNOFILE=infinity
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
Delegate=yes
KillMode=process

[Install]
WantedBy=multi-user.target
`
}

/** Root alone may use it: who can reach a CRI socket is root on the node. */
export function socketUnit(path: string): string {
  return `# Written by rtctl: where the kubelet reaches cri-dockerd.
[Unit]
Description=Socket of cri-dockerd
PartOf=cri-docker.service

[Socket]
ListenStream=${path.replaceAll('%', '%%')}
SocketMode=0660
SocketUser=root
SocketGroup=root

[Install]
WantedBy=sockets.target
`
}
