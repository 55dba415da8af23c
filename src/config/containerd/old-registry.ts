// SPDX-License-Identifier: Apache-2.0
import type {Remark} from '../../model/migration/needs.ts'
import type {TomlDocument} from '../toml/document.ts'
import {removeToml} from '../toml/edit.ts'
import {isTomlTable, type TomlPath, tomlAt, tomlTableAt, tomlTextAt, tomlTextsAt} from '../toml/value.ts'
import type {Endpoint, RegistryHosts} from './hosts.ts'
import type {MigrationNote} from './migrate.ts'

export interface OldRegistry {
  /** the configuration without the mirrors and TLS settings */
  readonly document: TomlDocument
  readonly hosts: readonly RegistryHosts[]
  readonly remarks: readonly Remark[]
}

/**
 * Takes `registry.mirrors` and the TLS settings of `registry.configs` out of a configuration, as what hosts.toml says: with config_path
 * beside them the CRI plugin does not load. Credentials stay where they are; what they are is not told.
 *
 * @param registry path of the registry table
 * @param source of the file, for remarks
 */
export function takeOldRegistry(document: TomlDocument, registry: TomlPath, source: string): OldRegistry {
  const mirrors = tomlTableAt(document.value, [...registry, 'mirrors'])
  const configs = tomlTableAt(document.value, [...registry, 'configs'])
  const withTls = Object.keys(configs).filter((host) => isTomlTable(tomlAt(configs, [host, 'tls'])))
  const isMirror = (host: string) => Object.keys(mirrors).some((name) => mirrorHosts(document, registry, name).includes(host))
  const names = [...new Set([...Object.keys(mirrors), ...withTls.filter((host) => !isMirror(host))])]
  const hosts = names.map((name): RegistryHosts => ({
    host: name === '*' ? '_default' : name,
    endpoints: (Object.hasOwn(mirrors, name) ? tomlTextsAt(mirrors, [name, 'endpoint']) : [`https://${name}`])
      .filter((url) => URL.canParse(url)).map((url) => endpointOf(document, registry, url)),
    rows: [],
  }))
  return {
    document: withoutOld(document, registry, withTls),
    hosts: hosts.filter(({host, endpoints}) => endpoints.length > 0 && isFolder(host)),
    remarks: [...hosts.filter(({host}) => !isFolder(host)).map(({host}) => notFolder(host, source)), ...credentials(document, registry, source)],
  }
}

function isFolder(host: string): boolean {
  return /^(?:_default|[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(host) && host.length <= 255 && !host.includes('..')
}

function notFolder(host: string, source: string): Remark {
  return {
    level: 'loss',
    text: `The mirrors of ${JSON.stringify(host.slice(0, 100))} cannot be carried over: that is no name of a registry`, source,
  }
}

function mirrorHosts(document: TomlDocument, registry: TomlPath, name: string): readonly string[] {
  return tomlTextsAt(document.value, [...registry, 'mirrors', name, 'endpoint']).flatMap((url) => (URL.canParse(url) ? [new URL(url).host] : []))
}

function endpointOf(document: TomlDocument, registry: TomlPath, url: string): Endpoint {
  const tls = tomlTableAt(document.value, [...registry, 'configs', new URL(url).host, 'tls'])
  const [ca, certificate, key] = [tomlTextAt(tls, ['ca_file']), tomlTextAt(tls, ['cert_file']), tomlTextAt(tls, ['key_file'])]
  return {
    url: url.replace(/\/+$/, ''),
    ...(tls['insecure_skip_verify'] === true && {skipVerify: true}),
    ...(ca !== undefined && {ca: [ca]}),
    ...(certificate !== undefined && key !== undefined && {client: [[certificate, key] as const]}),
  }
}

function withoutOld(document: TomlDocument, registry: TomlPath, withTls: readonly string[]): TomlDocument {
  return withoutTls(removeToml(document, [...registry, 'mirrors']), registry, withTls)
}

function withoutTls(document: TomlDocument, registry: TomlPath, withTls: readonly string[]): TomlDocument {
  let here = document
  for (const host of withTls) {
    here = removeToml(here, [...registry, 'configs', host, 'tls'])
    const left = tomlAt(here.value, [...registry, 'configs', host])
    if (isTomlTable(left) && Object.keys(left).length === 0) here = removeToml(here, [...registry, 'configs', host])
  }
  const configs = tomlAt(here.value, [...registry, 'configs'])
  return isTomlTable(configs) && Object.keys(configs).length === 0 ? removeToml(here, [...registry, 'configs']) : here
}

/**
 * What a migration to version 3 does of the old settings: mirrors and credentials still work there, TLS settings are not read any more
 * (containerd 2.1.9 warns "Ignoring unknown key").
 */
export function dropRegistryTls(
  document: TomlDocument, registry: TomlPath,
): {readonly document: TomlDocument; readonly notes: readonly MigrationNote[]} {
  const configs = tomlTableAt(document.value, [...registry, 'configs'])
  const withTls = Object.keys(configs).filter((host) => isTomlTable(tomlAt(configs, [host, 'tls'])))
  const notes = withTls.map((host): MigrationNote => ({
    level: 'dropped',
    text: `registry.configs.${host.slice(0, 100)}.tls: containerd 2 does not read it; write ca, client or skip_verify into hosts.toml of that registry`,
  }))
  if (withTls.length === 0 && tomlTextAt(document.value, [...registry, 'config_path']) === undefined) return {document, notes: []}
  const clash: MigrationNote = {
    level: 'check',
    text: 'registry.mirrors and config_path: with both the CRI plugin does not load; write the mirrors into hosts.toml',
  }
  const hasBoth = Object.keys(tomlTableAt(document.value, [...registry, 'mirrors'])).length > 0 && tomlTextAt(document.value, [...registry, 'config_path']) !== undefined
  return {document: withoutEmpty(withoutTls(document, registry, withTls), registry), notes: hasBoth ? [...notes, clash] : notes}
}

/** A table that nothing is left in goes, and those around it that are empty then. */
function withoutEmpty(document: TomlDocument, path: TomlPath): TomlDocument {
  const table = tomlAt(document.value, path)
  if (path.length < 2 || !isTomlTable(table) || Object.keys(table).length > 0) return document
  return withoutEmpty(removeToml(document, path), path.slice(0, -1))
}

/** Who has credentials, not which. */
function credentials(document: TomlDocument, registry: TomlPath, source: string): readonly Remark[] {
  const configs = tomlTableAt(document.value, [...registry, 'configs'])
  const hosts = [
    ...Object.keys(configs).filter((host) => tomlAt(configs, [host, 'auth']) !== undefined),
    ...Object.keys(tomlTableAt(document.value, [...registry, 'auths'])),
  ]
  if (hosts.length === 0) return []
  return [{
    level: 'note',
    text:
      `${source} has credentials of ${hosts.map((host) => host.slice(0, 100)).join(', ')}: they stay there, work up to containerd 2.3, ` +
      'and make 2.1 and later pull in their old way',
    next: 'Move them to imagePullSecrets, or to a credential provider of the kubelet.',
    source,
  }]
}
