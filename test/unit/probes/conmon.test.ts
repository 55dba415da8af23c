// SPDX-License-Identifier: Apache-2.0
import {describe, expect, it} from 'vitest'
import {probeConmons} from '../../../src/probes/conmon.ts'
import {processOf} from './tree.ts'

const ID = 'f865ab1e12d2d1b32e8f5d6c1fb0fc7388bf745c2d2410a38078750731b73e1c'
const BUNDLE = `/run/containers/storage/overlay-containers/${ID}/userdata`

describe('probeConmons', () => {
  it('reads a conmon of CRI-O', () => {
    const line = `/usr/bin/conmon -b ${BUNDLE} -c ${ID} --exit-dir /var/run/crio/exits -l /var/log/pods/default_web_19da/web/0.log --log-level info `
      + `-n k8s_web_web_default_19da_0 -P ${BUNDLE}/conmon-pidfile -p ${BUNDLE}/pidfile --persist-dir /var/lib/containers/storage/overlay-containers/${ID}/userdata `
      + `-r /usr/bin/runc --runtime-arg --root=/run/runc --socket-dir-path /var/run/crio -u ${ID} -s`
    expect(probeConmons([processOf(2838, line)])).toEqual([{
      pid: 2838, id: ID, name: 'k8s_web_web_default_19da_0', runtime: '/usr/bin/runc', bundle: BUNDLE, logPath: '/var/log/pods/default_web_19da/web/0.log', owner: 'cri-o',
    }])
  })

  it('reads a conmon of Podman, whose arguments hold those of other programs', () => {
    const line = `/usr/bin/conmon --api-version 1 -c ${ID} -u ${ID} -r /usr/bin/crun -b /b/userdata -p /p/pidfile -n web --exit-dir /run/libpod/exits --full-attach -s `
      + '-l k8s-file:/b/ctr.log --log-level warning --syslog --runtime-arg --log-format=json --runtime-arg --log --runtime-arg=/x -t --conmon-pidfile /c '
      + '--exit-command /usr/bin/podman --exit-command-arg --root --exit-command-arg /var/lib --exit-command-arg -r --exit-command-arg container'
    expect(probeConmons([processOf(1, line)])).toEqual([{pid: 1, id: ID, name: 'web', runtime: '/usr/bin/crun', bundle: '/b/userdata', logPath: '/b/ctr.log', owner: 'podman'}])
  })

  it('has no log path for journald', () => {
    expect(probeConmons([processOf(1, 'conmon -c x -l journald')])).toEqual([{pid: 1, id: 'x', owner: 'unknown'}])
  })

  it('reads conmonrs, which serves a pod', () => {
    expect(probeConmons([processOf(4, `/usr/bin/conmonrs --runtime /usr/bin/crun --runtime-dir ${BUNDLE} --log-level info`)])).toEqual([{pid: 4, runtime: '/usr/bin/crun', owner: 'cri-o'}])
  })

  it('leaves other processes and empty command lines alone', () => {
    expect(probeConmons([processOf(1, '/usr/bin/conmonitor -c x'), {pid: 2, ppid: 1, startTicks: 0, comm: 'conmon', argv: []}])).toEqual([])
  })
})
