// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'

const ROOTS = {containerd: '/var/lib/containerd', 'cri-o': '/var/lib/containers', 'cri-dockerd': '/var/lib/docker'} as const
const HOST = (contexts: string) => ({
  '/sys/fs/selinux/enforce': '1', '/etc/selinux/config': 'SELINUX=enforcing\nSELINUXTYPE=targeted\n',
  '/etc/selinux/targeted/contexts/files/file_contexts': contexts,
})

export const checks = [
  nodeCheck({
    id: 'selinux-policy-missing',
    title: {
      pass: "SELinux knows the new runtime's data, or is not enforcing",
      fail: "SELinux is enforcing, and does not know the new runtime's data",
    },
    why:
      'Files of containers get their label by their place. Where the policy does not know it, they get var_lib_t, which a confined ' +
      'container may not execute or read: pods end at once with "permission denied", and only the audit log says why.',
    severity: 'high',
    fix: {
      containerd:
        'Install container-selinux, or `semanage fcontext --add --equal /var/lib/docker /var/lib/containerd`; then `restorecon -R ' +
        '/var/lib/containerd`, and set ' +
        '`enable_selinux = true` in the CRI plugin\'s part of config.toml.',
      'cri-o': 'Install container-selinux, then `restorecon -R /var/lib/containers`.',
      'cri-dockerd': 'Install container-selinux, then `restorecon -R /var/lib/docker`.',
    },
    learnMore: 'https://github.com/containers/container-selinux',
    unproven: 'That the loaded policy is the one whose file contexts lie on disk is taken for granted.',
    needs: ['selinux', 'storage'],
    run({selinux, storage}, {upgrade}) {
      if (selinux === undefined || !selinux.enforcing) return []
      const usual = ROOTS[upgrade.target]
      const place = storage?.places.find(({of}) => of === (upgrade.target === 'cri-dockerd' ? 'docker' : upgrade.target))
      const elsewhere = place !== undefined && place.path !== usual && !place.path.startsWith(`${usual}/`)
      if (!elsewhere && selinux.knows.includes(usual)) return []
      const evidence = [{source: `/etc/selinux/${selinux.policy}/contexts/files/file_contexts`, text: selinux.knows.join(', ') || 'no data of containers'}]
      if (!elsewhere) return [problem(usual, `SELinux is enforcing, and its policy ${selinux.policy} has no label for ${usual}.`, {evidence})]
      const text =
        `SELinux is enforcing, and the data of the new runtime is to lie in ${place.path}, which the policy ` +
        'labels as any other folder unless told.'
      return [problem(place.path, text, {
        severity: 'medium', evidence, fix: `\`semanage fcontext --add --equal ${usual} ${place.path}\`, then \`restorecon -R ${place.path}\`.`,
      })]
    },
    examples: {
      fail: [
        {files: {...HOST('/var/lib/docker(/.*)?\tsystem_u:object_r:container_var_lib_t:s0\n'), '/proc/1/mountinfo': '28 1 8:1 / / rw - xfs /dev/sda1 rw\n', '/proc/filesystems': 'nodev\toverlay\n\txfs\n'}},
      ],
      pass: [
        {files: {...HOST('/var/lib/containerd(/.*)?\tsystem_u:object_r:container_var_lib_t:s0\n'), '/proc/1/mountinfo': '28 1 8:1 / / rw - ext4 /dev/sda1 rw\n', '/proc/filesystems': 'nodev\toverlay\n'}},
        {files: {'/sys/fs/selinux/enforce': '0', '/proc/1/mountinfo': '28 1 8:1 / / rw - ext4 /dev/sda1 rw\n', '/proc/filesystems': 'nodev\toverlay\n'}},
      ],
    },
  }),
]
