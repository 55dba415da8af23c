// SPDX-License-Identifier: Apache-2.0
import {describe, expect, it} from 'vitest'
import {probeCni} from '../../../src/probes/cni.ts'
import {hostWith} from './tree.ts'

const D = '/etc/cni/net.d'

describe('probeCni', () => {
  it('lists networks in the order they are loaded, broken ones in their place', () => {
    const host = hostWith({
      [`${D}/87-podman.conflist`]: '{"name": "podman", "plugins": [{"type": "bridge"}, {"type": "portmap"}, {}]}',
      [`${D}/10-calico.conf`]: '{"name": "k8s", "type": "calico"}',
      [`${D}/20-broken.json`]: '{',
      [`${D}/calico-kubeconfig`]: 'x',
      [`${D}/10-calico.conf.bak`]: '{}',
    })
    expect(probeCni(host, [])).toEqual({directory: D, networks: {state: 'ok', source: D, value: [
      {file: `${D}/10-calico.conf`, name: 'k8s', plugins: ['calico']},
      {file: `${D}/20-broken.json`, name: '', plugins: []},
      {file: `${D}/87-podman.conflist`, name: 'podman', plugins: ['bridge', 'portmap']},
    ]}})
  })

  it('takes the first directory that has networks', () => {
    const host = hostWith({'/empty/x.txt': '', '/k3s/net.d/10-flannel.conflist': '{"name": "cbr0", "plugins": []}', [`${D}/x.conf`]: '{}'})
    expect(probeCni(host, ['/none', '/empty', '/k3s/net.d']).directory).toBe('/k3s/net.d')
  })

  it('says which directory is empty, and that there is none', () => {
    expect(probeCni(hostWith({'/empty/x.txt': ''}), ['/none', '/empty'])).toMatchObject({directory: '/empty', networks: {state: 'ok', value: []}})
    expect(probeCni(hostWith({}), ['/none'])).toEqual({directory: D, networks: {state: 'absent', source: D}})
  })
})
