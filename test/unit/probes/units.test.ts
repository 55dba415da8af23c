// SPDX-License-Identifier: Apache-2.0
import {describe, expect, it} from 'vitest'
import {probeUnits} from '../../../src/probes/units.ts'
import {unitCommand} from '../../../src/probes/unit-command.ts'
import {hostWith} from './tree.ts'

describe('probeUnits', () => {
  it('takes the unit of the highest place and merges its drop-ins by name', () => {
    const host = hostWith({
      '/usr/lib/systemd/system/kubelet.service': '[Service]\nExecStart=/usr/bin/old',
      '/etc/systemd/system/kubelet.service': '[Service]\nExecStart=/usr/bin/kubelet',
      '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf': '[Service]\nEnvironment=FROM=usr',
      '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': '[Service]\nEnvironment=FROM=etc',
      '/run/systemd/system/kubelet.service.d/05-first.conf': '[Service]\nEnvironment=FIRST=1',
      '/etc/systemd/system/kubelet.service.d/ignored.txt': '[Service]\nEnvironment=NO=1',
      '/etc/systemd/system/service.d/99-all.conf': '[Service]\nCPUAccounting=yes',
    })
    const [unit, ...more] = probeUnits(host, ['kubelet.service', 'docker.service'])
    expect(more).toEqual([])
    expect(unit?.files).toEqual([
      '/etc/systemd/system/kubelet.service', '/run/systemd/system/kubelet.service.d/05-first.conf',
      '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf', '/etc/systemd/system/service.d/99-all.conf',
    ])
    expect(unit?.settings['Service.Environment']?.map(({value}) => value)).toEqual(['FIRST=1', 'FROM=etc'])
    expect(unit?.settings['Service.CPUAccounting']).toEqual([{value: 'yes', source: '/etc/systemd/system/service.d/99-all.conf:2'}])
  })

  it('knows a masked unit, and a drop-in that is masked', () => {
    const host = hostWith({
      '/usr/lib/systemd/system/docker.service': '[Service]\nExecStart=/usr/bin/dockerd',
      '/etc/systemd/system/docker.service': {link: '/dev/null'},
      '/usr/lib/systemd/system/crio.service': '[Service]\nExecStart=/usr/bin/crio',
      '/usr/lib/systemd/system/crio.service.d/a.conf': '[Service]\nUser=x',
      '/etc/systemd/system/crio.service.d/a.conf': {link: '/dev/null'},
    })
    const [docker, crio] = probeUnits(host, ['docker.service', 'crio.service'])
    expect(docker).toEqual({name: 'docker.service', files: ['/etc/systemd/system/docker.service'], settings: {}, masked: true})
    expect(crio?.settings).toEqual({'Service.ExecStart': [{value: '/usr/bin/crio', source: '/usr/lib/systemd/system/crio.service:2'}]})
  })

  it('reads drop-ins for a family of units', () => {
    const host = hostWith({
      '/etc/systemd/system/k3s-agent.service': '[Service]\nExecStart=/bin/k3s agent',
      '/etc/systemd/system/k3s-.service.d/x.conf': '[Service]\nUser=family',
    })
    expect(probeUnits(host, ['k3s-agent.service'])[0]?.settings['Service.User']?.[0]?.value).toBe('family')
  })

  it('finds nothing where systemd is not', () => {
    expect(probeUnits(hostWith({}), ['kubelet.service'])).toEqual([])
  })
})

describe('unitCommand', () => {
  it('fills in Environment= and EnvironmentFile=, files last', () => {
    const host = hostWith({
      '/etc/systemd/system/kubelet.service': '[Service]\nExecStart=/usr/bin/kubelet',
      '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': '[Service]\nEnvironment="CONFIG=--config=/var/lib/kubelet/config.yaml" "X=--old"\n'
        + 'EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nEnvironmentFile=-/etc/default/kubelet\nExecStart=\nExecStart=-/usr/bin/kubelet $CONFIG $KUBELET_KUBEADM_ARGS $X ${X}',
      '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--a=1 --b=2"\nX="--new --newer"\n',
    })
    const [unit] = probeUnits(host, ['kubelet.service'])
    expect(unit && unitCommand(host, unit)).toEqual({
      words: ['/usr/bin/kubelet', '--config=/var/lib/kubelet/config.yaml', '--a=1', '--b=2', '--new', '--newer', '--new --newer'],
      source: '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf:6',
    })
  })
})
