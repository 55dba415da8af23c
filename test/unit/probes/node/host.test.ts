// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {factsOf} from '../../checks/host/on-host.ts'
import {valueOf} from '../../../../src/model/observed.ts'
import type {NodeExample} from '../../../../src/model/check.ts'

const scripts = async (files: NodeExample['files']) => valueOf((await factsOf({files: files!})).hostScripts)

describe('scripts of the host', () => {
  test('are those that say docker, with who runs them and in which language', async () => {
    const found = await scripts({
      '/etc/crontab': 'SHELL=/bin/sh\n0 1 * * * root docker ps\n', '/etc/cron.d/x': '@daily root /usr/bin/docker ps\n', '/etc/cron.daily/y': '#!/bin/sh\ndocker ps\n',
      '/var/spool/cron/crontabs/root': '0 0 * * * docker ps\n', '/etc/rc.local': 'docker start x\n', '/usr/local/bin/py': '#!/usr/bin/env python3\nimport docker\n',
      '/usr/local/bin/plain': '#!/bin/sh\ntrue\n', '/root/.bash_aliases': "alias d='docker'\n", '/var/lib/cloud/instance/user-data.txt': '#cloud-config\nruncmd:\n- docker ps\n',
    })
    expect(found!.unread).toEqual([])
    expect(found!.texts.map(({path, when, language, text}) => [path, when, language, text.trim()])).toEqual([
      ['/etc/crontab', 'schedule', 'shell', 'docker ps'], ['/etc/cron.d/x', 'schedule', 'shell', '/usr/bin/docker ps'],
      ['/var/spool/cron/crontabs/root', 'schedule', 'shell', 'docker ps'], ['/etc/cron.daily/y', 'schedule', 'shell', '#!/bin/sh\ndocker ps'],
      ['/etc/rc.local', 'boot', 'shell', 'docker start x'], ['/var/lib/cloud/instance/user-data.txt', 'new-node', 'shell', 'docker ps'],
      ['/usr/local/bin/py', 'by-hand', 'other', '#!/usr/bin/env python3\nimport docker'], ['/root/.bash_aliases', 'login', 'shell', "alias d='docker'"],
    ])
  })

  test('are not binaries, large files, leftovers of editors, or parts of Docker', async () => {
    expect(await scripts({
      '/usr/local/bin/bin': 'docker\0', '/usr/local/bin/large': `docker ${'x'.repeat(300_000)}`, '/usr/local/bin/x.bak': 'docker ps', '/usr/local/bin/docker-compose': '#!/bin/sh\ndocker x',
      '/usr/local/bin/dockerd-rootless.sh': 'docker ps', '/etc/cron.d/x.dpkg-old': '* * * * * root docker ps', '/usr/local/bin/folder/x': 'docker ps',
    })).toEqual({texts: [], unread: []})
  })

  test('that may not be read are named', async () => {
    const found = await scripts({'/var/spool/cron/crontabs': {unreadable: true}, '/etc/cron.daily/x': {unreadable: true}})
    expect(found).toMatchObject({texts: [], unread: [{source: '/var/spool/cron/crontabs', reason: 'EACCES'}, {source: '/etc/cron.daily/x', reason: 'EACCES'}]})
  })
})

describe('units that say docker', () => {
  const units = async (files: NodeExample['files']) => (valueOf((await factsOf({files: files!})).dockerUsers) ?? []).map(({name, starts}) => `${name} ${starts}`)

  test('are those the administrator wrote, changed or enabled, and tell whether something starts them', async () => {
    expect(await units({
      '/etc/systemd/system/a.service': '[Service]\nExecStart=/usr/bin/docker run a\n',
      '/etc/systemd/system/b.service': '[Service]\nExecStart=/usr/bin/docker run b\n', '/etc/systemd/system/multi-user.target.wants/b.service': {link: '../b.service'},
      '/usr/lib/systemd/system/c.service': '[Unit]\nAfter=docker.service\n', '/etc/systemd/system/multi-user.target.wants/c.service': {link: '/usr/lib/systemd/system/c.service'},
      '/usr/lib/systemd/system/d.service': '[Unit]\nAfter=docker.service\n',
      '/usr/lib/systemd/system/e.service': '[Service]\nExecStart=/bin/e\n', '/etc/systemd/system/e.service.d/x.conf': '[Unit]\nWants=docker.service\n',
      '/etc/systemd/system/f.service': '[Service]\nExecStart=docker run f\n', '/etc/systemd/system/g.timer': '[Timer]\nUnit=f.service\n', '/etc/systemd/system/timers.target.wants/g.timer': {link: '../g.timer'},
      '/etc/systemd/system/h@.service': '[Service]\nExecStart=docker run %i\n', '/etc/systemd/system/multi-user.target.wants/h@x.service': {link: '../h@.service'},
    })).toEqual(['a.service false', 'b.service true', 'e.service false', 'f.service true', 'h@.service true', 'c.service true'])
  })

  test('are not taken for those of the runtimes for the beginning of their name', async () => {
    const text = '[Service]\nExecStart=/usr/bin/docker-compose up\n'
    expect(await units({'/etc/systemd/system/docker-compose@.service': text, '/etc/systemd/system/kubelet-helper.service': text}))
      .toEqual(['docker-compose@.service false', 'kubelet-helper.service false'])
  })

  test('are never those of the runtimes, nor masked', async () => {
    const text = '[Unit]\nRequires=docker.service\n[Service]\nExecStart=/usr/bin/docker run\n'
    const own = ['docker.service', 'docker.socket', 'containerd.service', 'cri-docker.service', 'kubelet.service', 'crio.service'].map((name) => [`/etc/systemd/system/${name}`, text])
    expect(await units({...Object.fromEntries(own), '/etc/systemd/system/m.service': {link: '/dev/null'}})).toEqual([])
  })

  test('are unknown where their folder may not be read', async () => {
    expect((await factsOf({files: {'/etc/systemd/system': {unreadable: true}}})).dockerUsers).toMatchObject({state: 'unreadable'})
  })
})

describe('node-problem-detectors', () => {
  const argv = '/usr/bin/node-problem-detector --config.system-log-monitor=/c/kernel.json,/c/docker-monitor.json'

  test('come with the files they name', async () => {
    expect(valueOf((await factsOf({processes: {9: argv}, files: {'/c/docker-monitor.json': '{}'}})).problemDetectors)).toMatchObject([{source: 'argv of pid 9', configs: [{path: '/c/docker-monitor.json'}]}])
  })

  test('of a container are left to its pod', async () => {
    expect((await factsOf({processes: {9: {argv: argv.split(' '), cgroup: '/kubepods.slice/kubepods-podx.slice/cri-containerd-1.scope'}}})).problemDetectors.state).toBe('absent')
  })

  test('are known by their unit while they do not run', async () => {
    const unit = `[Service]\nExecStart=${argv}\n`
    expect(valueOf((await factsOf({files: {'/etc/systemd/system/node-problem-detector.service': unit}})).problemDetectors)).toMatchObject([{source: '/etc/systemd/system/node-problem-detector.service:2'}])
  })
})

describe('packages', () => {
  const info = (name: string) => ({[`/var/lib/dpkg/info/${name}.md5sums`]: 'x'})

  test('that were removed but keep their configuration are gone', async () => {
    expect((await factsOf({files: {'/var/lib/dpkg/info/docker-ce.list': 'x'}})).runtimePackages.state).toBe('absent')
  })

  test('are unknown where the state of apt may not be read', async () => {
    expect((await factsOf({files: {...info('containerd'), '/var/lib/apt/extended_states': {unreadable: true}}})).runtimePackages).toMatchObject({state: 'unreadable', reason: 'EACCES'})
  })

  test('count as installed on purpose where apt says nothing', async () => {
    expect(valueOf((await factsOf({files: info('containerd')})).runtimePackages)).toEqual([{name: 'containerd', automatic: false, held: false}])
  })
})

describe('storage', () => {
  const root = '28 1 8:1 / / rw - ext4 /dev/sda1 rw\n'
  const disk = `${root}40 28 8:17 / /var/lib/docker rw - xfs /dev/sdb1 rw\n`
  const kernel = {'/proc/filesystems': 'nodev\toverlay\n\text4\n'}

  test('is asked for sizes only where Docker lies elsewhere', async () => {
    const answers = {'command stat -f / /var/lib/docker': '4096 100 50\n512 1000 10\n', 'command xfs_info /var/lib/docker': 'x ftype=1'}
    const places = valueOf((await factsOf({processes: {5: '/usr/bin/dockerd'}, files: {'/proc/1/mountinfo': disk, ...kernel}, answers})).storage)!.places
    expect(places.map(({of, space, ftype}) => [of, space, ftype])).toEqual([
      ['docker', {size: 512_000, free: 5120}, true], ['containerd', {size: 409_600, free: 204_800}, undefined], ['cri-o', {size: 409_600, free: 204_800}, undefined],
    ])
    const same = valueOf((await factsOf({processes: {5: '/usr/bin/dockerd'}, files: {'/proc/1/mountinfo': root, ...kernel}, answers})).storage)!.places
    expect(same.map(({space}) => space)).toEqual([undefined, undefined, undefined])
  })

  test('has no sizes where the answer is none', async () => {
    const answers = {'command stat -f / /var/lib/docker': 'nonsense'}
    const places = valueOf((await factsOf({processes: {5: '/usr/bin/dockerd'}, files: {'/proc/1/mountinfo': disk, ...kernel}, answers})).storage)!.places
    expect(places.map(({space}) => space)).toEqual([undefined, undefined, undefined])
  })

  test('is unknown where the mounts may not be read', async () => {
    expect((await factsOf({files: {'/proc/1/mountinfo': {unreadable: true}}})).storage).toMatchObject({state: 'unreadable', source: '/proc/1/mountinfo'})
  })
})

describe('SELinux', () => {
  const enforcing = {'/sys/fs/selinux/enforce': '1', '/etc/selinux/config': '# SELINUXTYPE=x\nSELINUXTYPE=mls\n'}

  test('knows the folders that its file contexts name', async () => {
    const contexts = '/var/lib/containers(/.*)?\tx\n/var/lib/containerd-x\ty\n/var/lib/docker/.*\tz\n'
    expect(valueOf((await factsOf({files: {...enforcing, '/etc/selinux/mls/contexts/files/file_contexts': contexts}})).selinux))
      .toEqual({enforcing: true, policy: 'mls', knows: ['/var/lib/containers', '/var/lib/docker']})
  })

  test('is not known where it enforces a policy that is not there', async () => {
    expect((await factsOf({files: enforcing})).selinux).toMatchObject({state: 'unreadable', reason: 'unsupported'})
  })
})

describe('paths that are left out', () => {
  const lists = async (files: NodeExample['files']) => valueOf((await factsOf({files: files!})).exclusionLists)

  test('are in the files of scanners and backups that say /var/lib/docker', async () => {
    const found = await lists({'/etc/clamav/clamd.conf': 'ExcludePath ^/var/lib/docker', '/etc/aide/aide.conf.d/70_x': '!/var/lib/docker', '/etc/updatedb.conf': 'PRUNEPATHS="/tmp"', '/etc/restic/password': '/var/lib/docker'})
    expect(found?.texts.map(({path}) => path)).toEqual(['/etc/clamav/clamd.conf', '/etc/aide/aide.conf.d/70_x'])
  })

  test('are named where they may not be read', async () => {
    expect(await lists({'/etc/updatedb.conf': {unreadable: true}})).toMatchObject({texts: [], unread: [{source: '/etc/updatedb.conf', reason: 'EACCES'}]})
  })
})

describe('the cgroup of conmon', () => {
  const conmon = async (files: NodeExample['files'], crio = '/usr/bin/crio') => (await factsOf({files: files!, processes: {640: crio}})).crioConmonCgroup

  test('is what the last file says, and the command line before all of them', async () => {
    const files = {'/etc/crio/crio.conf': '[crio.runtime]\nconmon_cgroup = "pod"\n', '/etc/crio/crio.conf.d/10-x.conf': '[crio.runtime]\nconmon_cgroup = "a.slice"\n'}
    expect(valueOf(await conmon(files))).toEqual({value: 'a.slice', source: '/etc/crio/crio.conf.d/10-x.conf'})
    expect(valueOf(await conmon(files, '/usr/bin/crio --conmon-cgroup pod'))).toEqual({value: 'pod', source: 'argv of pid 640'})
    expect(valueOf(await conmon(files, '/usr/bin/crio --conmon-cgroup='))).toEqual({value: '', source: 'argv of pid 640'})
  })

  test('is absent where nothing says it, and unknown where a file is broken', async () => {
    expect((await conmon({'/etc/crio/crio.conf': '[crio]\n'})).state).toBe('absent')
    expect(await conmon({'/etc/crio/crio.conf': '[crio\n'})).toMatchObject({state: 'unreadable', reason: 'malformed'})
  })
})
