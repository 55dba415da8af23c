// SPDX-License-Identifier: Apache-2.0
import type {Upgrade} from '../../model/check.ts'
import {isAtLeast} from '../../model/version.ts'
import {ENGINE_FACTS} from '../tables/daemon-keys.ts'
import {stringsOf, type Use} from './docker-settings.ts'
import {CONTAINERD_CONFIG, containerdConfigVersion, containerdIsAtLeast, criTable, fileStanza, tomlText} from './docker-target.ts'
import {type DaemonTopic, each, named, type TopicContext, type WithoutDocker} from './docker-topic.ts'

const CERTS_D = '/etc/containerd/certs.d'
const REGISTRIES_CONF = '/etc/containers/registries.conf.d/10-from-docker.conf'

/** Settings of registries and of pulls. */
export const REGISTRY_TOPICS: readonly DaemonTopic[] = [
  {
    id: 'daemon-json-registry-mirrors',
    title: {pass: 'Docker uses no registry mirror that only it knows', fail: 'A registry mirror is known to Docker only'},
    why:
      'No other runtime reads registry-mirrors. After the move the node asks registry-1.docker.io itself: without a way there ' +
      'pulls time out (ImagePullBackOff), ' +
      'with one they count against the rate limit of Docker Hub.',
    severity: 'high',
    fix: {
      containerd: `Write the mirror into ${CERTS_D}/docker.io/hosts.toml and point config_path of the CRI plugin there.`,
      'cri-o': `Write the mirror into ${REGISTRIES_CONF}.`,
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/hosts.md',
    registries: true,
    findings: (uses, context) => uses.flatMap((use) => {
      const mirrors = stringsOf(use.value).filter((mirror) => !isConfigured(hostOf(mirror), context))
      if (mirrors.length === 0) return []
      return [{
        use,
        text: `dockerd pulls images of docker.io through ${mirrors.join(', ')} (${named(use)}); the new runtime does not know of it.`,
        fix: mirrorFix(mirrors, insecureOf(context), context.node.upgrade),
      }]
    }),
    fail: {'registry-mirrors': ['https://mirror.example.com']},
    pass: {'registry-mirrors': []},
  },
  {
    id: 'daemon-json-insecure-registries',
    title: {pass: 'Docker trusts no registry without a certificate', fail: 'A registry without a trusted certificate is known to Docker only'},
    why:
      'For these registries dockerd takes any certificate, and plain HTTP where there is none. Other runtimes do neither ' +
      'unless told: pulls fail with ' +
      '"server gave HTTP response to HTTPS client" or "certificate signed by unknown authority".',
    severity: 'high',
    fix: {
      containerd: `Write a hosts.toml for each registry below ${CERTS_D}, better with its CA than with skip_verify.`,
      'cri-o': `Name each registry in ${REGISTRIES_CONF}.`,
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/hosts.md',
    registries: true,
    findings: (uses, context) => uses.flatMap((use) => [...new Set(stringsOf(use.value).map(withoutScheme))]
      .filter((entry) => !isLoopback(entry, context.node.upgrade) && !isConfigured(entry, context))
      .map((entry) => ({use, part: entry, text: insecureText(entry, use), fix: isRange(entry) ? rangeFix(entry) : insecureFix(entry, context.node.upgrade)}))),
    fail: {'insecure-registries': ['registry.example.com:5000', '10.20.0.0/16']},
    pass: {'insecure-registries': ['127.0.0.0/8']},
  },
  {
    id: 'daemon-json-transfers',
    title: {pass: 'Docker pulls images with its usual limits', fail: 'Docker is told limits for pulling images'},
    why:
      'Other runtimes have limits of their own, with defaults of their own: a node behind a slow line may pull more, or less, ' +
      'at once than it does now.',
    severity: 'low',
    fix: {
      containerd: 'Set max_concurrent_downloads of the CRI plugin; uploads and attempts have no equivalent, as a node pushes nothing.',
      'cri-o': 'Limit pulls in the KubeletConfiguration: serializeImagePulls and maxParallelImagePulls.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/cri/config.md',
    findings: (uses, {node}) => each(uses, (use) => ({
      text:
        `${named(use)} is ${JSON.stringify(use.value)}; ` +
        `${use.key === 'max-concurrent-downloads' ? 'the new runtime goes by its own limit' : 'no other runtime has such a setting'}.`,
      ...(use.key === 'max-concurrent-downloads' && {fix: downloadFix(Number(use.value), node.upgrade)}),
    })),
    fail: {'max-concurrent-downloads': 10},
    pass: {'max-concurrent-downloads': 3},
  },
]

function insecureOf({uses}: TopicContext): ReadonlySet<string> {
  return new Set(stringsOf(uses.get('insecure-registries')?.value).map(withoutScheme))
}

/** Whether the new runtime has a file that names it already. */
function isConfigured(host: string, {registries, node: {upgrade}}: TopicContext): boolean {
  const folder = upgrade.target === 'cri-o' ? '/etc/containers/' : '/etc/containerd/'
  return host !== '' && registries.some(({path, text}) => path.startsWith(folder) && (text.includes(host) || path === `${CERTS_D}/${host}/hosts.toml`))
}

/** An entry of insecure-registries without the scheme that dockerd takes off, too. */
export function withoutScheme(entry: string): string {
  return entry.replace(/^https?:\/\//, '')
}

/** `https://mirror.example.com/hub/` → `mirror.example.com` */
export function hostOf(url: string): string {
  return url.replace(/^https?:\/\//, '').split('/')[0] ?? ''
}

/** dockerd takes loopback addresses as insecure without being told; containerd reaches them over HTTP, CRI-O does not. */
function isLoopback(entry: string, {target}: Upgrade): boolean {
  return /^127\.|^localhost(?::|$)|^(?:\[?::1\]?)(?:[/:]|$)/.test(entry) && (target === 'containerd' || isRange(entry))
}

/** Whether an entry of insecure-registries is a range of addresses. */
export function isRange(entry: string): boolean {
  return /^[0-9a-fA-F.:]+\/\d{1,3}$/.test(entry)
}

function insecureText(entry: string, use: Use): string {
  if (isRange(entry)) {
    return `dockerd takes any certificate, or none, from registries in ${entry} (${named(use)}); no other runtime knows ranges of addresses.`
  }
  return `dockerd takes any certificate, or none, from ${entry} (${named(use)}); the new runtime refuses it, ` +
    'unless it has a certificate that the host trusts.'
}

// ---------------------------------------------------------------- what to write

/** Says that certs.d counts; containerd before 1.5 has no such folder. */
function configPath(upgrade: Upgrade): string {
  return fileStanza(CONTAINERD_CONFIG, criTable(upgrade, 'images', 'registry'), `  config_path = "${CERTS_D}"`)
}

function hasNoCertsD({containerd}: Upgrade): boolean {
  return containerd !== undefined && !isAtLeast(containerd, ENGINE_FACTS['containerd-certs.d'].version)
}

function mirrorFix(mirrors: readonly string[], insecure: ReadonlySet<string>, upgrade: Upgrade): WithoutDocker {
  const urls = mirrors.map((mirror) => mirror.replace(/\/+$/, ''))
  const skipVerify = (url: string) => url.startsWith('https://') && insecure.has(hostOf(url))
  const hosts = urls.map((url) => ['', `[host.${tomlText(url)}]`, '  capabilities = ["pull", "resolve"]', ...(skipVerify(url) ? ['  skip_verify = true'] : [])].join('\n'))
  const crio = urls.map((url) => [
    '', '[[registry.mirror]]', `location = ${tomlText(url.replace(/^https?:\/\//, ''))}`,
    ...(url.startsWith('http://') || insecure.has(hostOf(url)) ? ['insecure = true'] : []),
  ].join('\n'))
  return {
    containerd: hasNoCertsD(upgrade)
      ? fileStanza(CONTAINERD_CONFIG, criTable(upgrade, 'images', 'registry', 'mirrors', 'docker.io'), `  endpoint = [${[...urls, 'https://registry-1.docker.io'].map(tomlText).join(', ')}]`)
      : `${fileStanza(`${CERTS_D}/docker.io/hosts.toml`, 'server = "https://registry-1.docker.io"', ...hosts)}\n\n${configPath(upgrade)}`,
    'cri-o': fileStanza(REGISTRIES_CONF, '[[registry]]', 'prefix = "docker.io"', 'location = "docker.io"', ...crio),
  }
}

function insecureFix(entry: string, upgrade: Upgrade): WithoutDocker {
  const capabilities = '  capabilities = ["pull", "resolve"]'
  const url = `https://${entry}`
  return {
    containerd: hasNoCertsD(upgrade)
      ? fileStanza(CONTAINERD_CONFIG, criTable(upgrade, 'images', 'registry', 'configs', entry, 'tls'), '  insecure_skip_verify = true',
          '# where it speaks plain HTTP:', criTable(upgrade, 'images', 'registry', 'mirrors', entry), `  endpoint = [${tomlText(`http://${entry}`)}]`)
      : `${fileStanza(`${CERTS_D}/${entry}/hosts.toml`, `server = ${tomlText(url)}`, '', '# HTTPS with any certificate; better: ca = "/path/of/its/ca.crt"',
          `[host.${tomlText(url)}]`, capabilities, '  skip_verify = true', '', '# plain HTTP: keep the one of the two that the registry speaks',
          `[host.${tomlText(`http://${entry}`)}]`, capabilities)}\n\n${configPath(upgrade)}`,
    'cri-o': fileStanza(REGISTRIES_CONF, '[[registry]]', `location = ${tomlText(entry)}`, 'insecure = true'),
  }
}

function rangeFix(range: string): WithoutDocker {
  return {
    containerd:
      `There is no equivalent of a range. Find the registries in ${range} that images are pulled from, and write ` +
      `${CERTS_D}/HOST:PORT/hosts.toml for each.`,
    'cri-o':
      `There is no equivalent of a range. Find the registries in ${range} that images are pulled from, and write a ` +
      `[[registry]] with location and insecure = true for each into ${REGISTRIES_CONF}.`,
  }
}

/** Since 2.1 the transfer service pulls; its own limit counts, and another one than 3 in the CRI plugin switches it off. */
function downloadFix(downloads: number, upgrade: Upgrade): WithoutDocker {
  const table = containerdIsAtLeast(upgrade, ENGINE_FACTS['containerd-transfer-service'].version) && containerdConfigVersion(upgrade) > 2 ? "[plugins.'io.containerd.transfer.v1.local']" : criTable(upgrade, 'images')
  return {
    containerd: fileStanza(CONTAINERD_CONFIG, table, `  max_concurrent_downloads = ${downloads}`),
    'cri-o': `CRI-O has no limit of layers. The kubelet limits images:\n${fileStanza('KubeletConfiguration', 'serializeImagePulls: false', `maxParallelImagePulls: ${downloads}`)}`,
  }
}
