// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {proxyFor} from '../../../src/cluster/proxy.ts'

const PROXY = 'http://proxy:3128'

test.each([
  ['https://api.example.org:6443', {HTTPS_PROXY: PROXY}, PROXY],
  ['https://api.example.org:6443', {https_proxy: 'proxy:3128'}, PROXY],
  ['http://api.example.org', {HTTPS_PROXY: PROXY}, undefined],
  ['http://api.example.org', {HTTP_PROXY: PROXY}, PROXY],
  ['https://api.example.org', {}, undefined],
  ['https://api.example.org', {HTTPS_PROXY: ''}, undefined],
  ['https://localhost:6443', {HTTPS_PROXY: PROXY}, undefined],
  ['https://127.0.0.1:6443', {HTTPS_PROXY: PROXY}, undefined],
  ['https://[::1]:6443', {HTTPS_PROXY: PROXY}, undefined],
  ['https://api.example.org', {HTTPS_PROXY: PROXY, NO_PROXY: 'x, example.org'}, undefined],
  ['https://api.example.org', {HTTPS_PROXY: PROXY, NO_PROXY: '.example.org'}, undefined],
  ['https://api.example.org', {HTTPS_PROXY: PROXY, no_proxy: '*'}, undefined],
  ['https://notexample.org', {HTTPS_PROXY: PROXY, NO_PROXY: 'example.org'}, PROXY],
  ['https://api.example.org:6443', {HTTPS_PROXY: PROXY, NO_PROXY: 'api.example.org:443'}, PROXY],
  ['https://api.example.org:6443', {HTTPS_PROXY: PROXY, NO_PROXY: 'api.example.org:6443'}, undefined],
  ['https://10.1.2.3:6443', {HTTPS_PROXY: PROXY, NO_PROXY: '10.0.0.0/8'}, undefined],
  ['https://10.1.2.3:6443', {HTTPS_PROXY: PROXY, NO_PROXY: '10.2.0.0/16,0.0.0.0/99'}, PROXY],
  ['https://10.1.2.3:6443', {HTTPS_PROXY: PROXY, NO_PROXY: '0.0.0.0/0'}, undefined],
])('the proxy for %s with %j is %s', (server, environment, proxy) => expect(proxyFor(server, environment)).toBe(proxy))
