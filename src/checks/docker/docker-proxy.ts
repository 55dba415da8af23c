// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget, Proof, TargetName} from '../../model/check.ts'
import type {ProxyVariable} from '../../model/node/docker.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {isForPods, membersOf, proofsOf, type Use, usesOf} from '../lib/docker-settings.ts'
import {fileStanza} from '../lib/docker-target.ts'

const KEYS = {'http-proxy': 'HTTP_PROXY', 'https-proxy': 'HTTPS_PROXY', 'no-proxy': 'NO_PROXY'} as const
const UNITS: Readonly<Record<TargetName, ProxyVariable['unit']>> = {
  containerd: 'containerd.service', 'cri-o': 'crio.service', 'cri-dockerd': 'docker.service',
}
const UNIT = '[Service]\nExecStart=/usr/bin/dockerd\n'
const PROXY = '[Service]\nEnvironment="HTTP_PROXY=http://proxy.example.com:3128" "NO_PROXY=10.0.0.0/8,.example.com"\n'

export const checks = [
  nodeCheck({
    id: 'docker-proxy',
    title: {
      pass: 'Docker uses no proxy that the new runtime does not know',
      fail: 'Docker pulls images through a proxy that the new runtime does not know',
    },
    why:
      'A runtime takes its proxy from the environment of its own unit. Without it, on a node behind a proxy no image can be ' +
      'pulled, not even pause: every new pod stays in ContainerCreating.',
    severity: 'high',
    fix: {
      containerd:
        'Write the variables into /etc/systemd/system/containerd.service.d/http-proxy.conf, with the pod, service and node ' +
        'networks, .svc and internal registries in NO_PROXY.',
      'cri-o':
        'Write the variables into /etc/systemd/system/crio.service.d/http-proxy.conf, with the pod, service and node ' +
        'networks, .svc and internal registries in NO_PROXY.',
      'cri-dockerd': 'Nothing has to be done: dockerd stays, and pulls through it.',
    },
    learnMore: 'https://docs.docker.com/engine/daemon/proxy/',
    unproven:
      'A proxy that systemd gives to every service (DefaultEnvironment) was not looked for. That CRI-O takes its proxy from its unit, too, is ' +
      'from its documentation.',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerSettings', 'runtimeProxies'],
    run({dockerSettings, runtimeProxies = []}, node): readonly Outcome[] {
      if (dockerSettings === undefined || !isForPods(node)) return []
      const own = dockersProxies(usesOf(dockerSettings), runtimeProxies)
      const unit = UNITS[node.upgrade.target]
      const others = new Map(runtimeProxies.filter((one) => one.unit === unit).map(({name, value}) => [name, value]))
      if (!own.has('HTTP_PROXY') && !own.has('HTTPS_PROXY')) return []
      const fix = fixFrom(own)
      const missing = [...own].filter(([name]) => name !== 'NO_PROXY' && !others.has(name))
      if (missing.length > 0) {
        const text =
          `dockerd pulls through ${[...new Set(missing.map(([, {value}]) => value))].join(' and ')} ` +
          `(${missing.map(([name]) => name).join(', ')}); ${unit} has no such proxy.`
        return [problem('proxy', text, {evidence: [...own.values()].flatMap(({proofs}) => proofs), fix})]
      }
      const lost = entries(own.get('NO_PROXY')?.value).filter((entry) => !entries(others.get('NO_PROXY')).includes(entry))
      if (lost.length === 0) return []
      const sentence =
        `NO_PROXY of ${unit} lacks what that of dockerd has: ${lost.slice(0, 20).join(', ')}. The new ` +
        'runtime asks the proxy for these.'
      return [problem('no-proxy', sentence, {
        evidence: own.get('NO_PROXY')?.proofs ?? [], severity: 'medium', fix,
      })]
    },
    examples: {
      fail: [
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {'/usr/lib/systemd/system/docker.service': UNIT, '/etc/systemd/system/docker.service.d/http-proxy.conf': PROXY},
        },
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {'/etc/docker/daemon.json': '{\n  "proxies": {\n    "https-proxy": "http://proxy.example.com:3128"\n  }\n}\n'},
        },
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {
            '/usr/lib/systemd/system/docker.service': UNIT, '/etc/systemd/system/docker.service.d/http-proxy.conf': PROXY,
            '/usr/lib/systemd/system/containerd.service': '[Service]\nEnvironment=HTTP_PROXY=http://proxy.example.com:3128 NO_PROXY=10.0.0.0/8\n',
          },
        },
      ],
      pass: [
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {
            '/usr/lib/systemd/system/docker.service': UNIT, '/etc/systemd/system/docker.service.d/http-proxy.conf': PROXY,
            '/usr/lib/systemd/system/containerd.service': '[Service]\nExecStart=/usr/bin/containerd\n',
            '/etc/systemd/system/containerd.service.d/http-proxy.conf': PROXY,
          },
        },
        {processes: {640: '/usr/bin/containerd'}},
      ],
    },
  }),
]

/** A proxy and where it is written. */
export interface Proxy {
  readonly value: string
  readonly proofs: readonly Proof[]
}

/** Settings of dockerd win over its environment (moby, cmd/dockerd: overrideProxyEnv). */
export function dockersProxies(uses: ReadonlyMap<string, Use>, variables: readonly ProxyVariable[]): ReadonlyMap<ProxyVariable['name'], Proxy> {
  const found = new Map<ProxyVariable['name'], Proxy>()
  for (const {unit, name, value, source} of variables) if (unit === 'docker.service') found.set(name, {value, proofs: [{source, text: `${name}=${value}`}]})
  const file = uses.get('proxies')
  for (const [key, value] of membersOf(file?.value)) {
    if (file && Object.hasOwn(KEYS, key) && typeof value === 'string' && value !== '') found.set(KEYS[key as keyof typeof KEYS], {value, proofs: proofsOf(file, key)})
  }
  for (const [key, name] of Object.entries(KEYS)) {
    const use = uses.get(key)
    if (use?.settings.some(({from}) => from === 'flag') && typeof use.value === 'string') found.set(name, {value: use.value, proofs: proofsOf(use)})
  }
  return found
}

function entries(list: string | undefined): readonly string[] {
  return (list ?? '').split(',').map((entry) => entry.trim()).filter((entry) => entry !== '')
}

function fixFrom(own: ReadonlyMap<string, Proxy>): PerTarget {
  const lines = [...own].map(([name, {value}]) => `Environment="${name}=${value.replaceAll('"', '\\"')}"`)
  const write = (service: string) => [
    fileStanza(`/etc/systemd/system/${service}.service.d/http-proxy.conf`, '[Service]', ...lines), '',
    `systemctl daemon-reload && systemctl restart ${service}`,
    'NO_PROXY should hold the pod, service and node networks, .svc, .cluster.local and internal registries.',
  ].join('\n')
  return {containerd: write('containerd'), 'cri-o': write('crio'), 'cri-dockerd': 'Nothing has to be done: dockerd stays, and pulls through it.'}
}
