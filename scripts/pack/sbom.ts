// SPDX-License-Identifier: Apache-2.0
import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import * as CDX from '@cyclonedx/cyclonedx-library'
import {replaceFile} from '../../src/host/replace-file.ts'
import {THIRD_PARTY_LIST, type ThirdPartyPackage} from '../third-party.ts'
import type {PackContext, Packer} from './context.ts'

const {Bom, Component, ComponentRepository, HashDictionary, LicenseRepository, Metadata, Property, PropertyRepository} = CDX.Models

/** Numbers of interfaces in `process.versions`, which are no parts of Node.js, and Node.js itself. */
const NO_PART = new Set(['node', 'modules', 'napi'])

/** What a bill of materials is made of. */
export interface Shipped {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly packages: readonly ThirdPartyPackage[]
  /** `integrity` of package-lock.json, by the path of the package there */
  readonly integrity: ReadonlyMap<string, string>
  /** `process.versions` of the Node.js that is shipped */
  readonly node: Readonly<Record<string, string>>
  /** seconds since 1970 */
  readonly epoch: number
}

/** Writes the bill of materials of what is shipped: CycloneDX, as JSON. */
export const packSbom: Packer = async (context) => {
  const name = `rtctl-${context.version}.cdx.json`
  replaceFile(join(context.out, name), billOfMaterials(readShipped(context)), {mode: 0o644, next: 'Make room and pack again.'})
  return [name]
}

/** Reads it from package.json, package-lock.json, the list that the build left, and from Node.js itself. */
export function readShipped({root, version, epoch}: Pick<PackContext, 'root' | 'version' | 'epoch'>): Shipped {
  const json = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))
  const {name, license} = json('package.json')
  const locked = Object.entries<{readonly integrity?: string}>(json('package-lock.json').packages)
  const node = execFileSync(join(root, 'node_modules/node/bin/node'), ['-p', 'JSON.stringify(process.versions)'], {encoding: 'utf8'})
  return {
    name, version, license, epoch, packages: json(THIRD_PARTY_LIST), node: JSON.parse(node),
    integrity: new Map(locked.flatMap(([path, {integrity}]) => (integrity === undefined ? [] : [[path, integrity]]))),
  }
}

/**
 * The bill of materials as CycloneDX 1.6: rtctl, the packages in its bundle, Node.js and its parts. The same for the same input:
 * the serial number is made of the content.
 *
 * @throws Error where package-lock.json has no sum of a package
 */
export function billOfMaterials(shipped: Shipped): string {
  const bom = new Bom({metadata: metadataOf(shipped)})
  for (const one of shipped.packages) bom.components.add(packageComponent(one, shipped.integrity.get(one.path)))
  bom.components.add(nodeComponent(shipped.node))
  // All of it is in one bundle: nothing is left of which package wanted which.
  for (const {bomRef} of bom.components) bom.metadata.component?.dependencies.add(bomRef)
  bom.serialNumber = serialNumber(serialize(bom))
  return serialize(bom)
}

function serialize(bom: CDX.Models.Bom): string {
  const factory = new CDX.Serialize.JSON.Normalize.Factory(CDX.Spec.Spec1dot6)
  return `${new CDX.Serialize.JsonSerializer(factory).serialize(bom, {sortLists: true, space: 2})}\n`
}

/** A UUID of version 8, RFC 9562: whose bits are ours. */
function serialNumber(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex')
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function metadataOf({name, version, license, epoch}: Shipped): CDX.Models.Metadata {
  const purl = npmPurl(name, version)
  const component = new Component(CDX.Enums.ComponentType.Application, name, {version, purl, bomRef: purl, licenses: licensesOf(license)})
  const lifecycles = new CDX.Models.LifecycleRepository([CDX.Enums.LifecyclePhase.Build])
  return new Metadata({component, timestamp: new Date(epoch * 1000), lifecycles})
}

function packageComponent({path, name, version, license}: ThirdPartyPackage, integrity: string | undefined): CDX.Models.Component {
  const sum = /^sha512-([\w+/]{86}==)$/.exec(integrity ?? '')?.[1]
  if (sum === undefined) throw new Error(`package-lock.json has no sha512 of ${path}`)
  const purl = npmPurl(name, version)
  const [group, base] = name.startsWith('@') ? name.split('/') as [string, string] : [undefined, name]
  return new Component(CDX.Enums.ComponentType.Library, base, {
    ...group === undefined ? {} : {group}, version, purl, bomRef: purl, licenses: licensesOf(license),
    hashes: new HashDictionary([[CDX.Enums.HashAlgorithm['SHA-512'], Buffer.from(sum, 'base64').toString('hex')]]),
  })
}

/** Node.js, with the libraries that are linked into it: those are what advisories are about. */
function nodeComponent({node: version = '', ...versions}: Readonly<Record<string, string>>): CDX.Models.Component {
  const purl = `pkg:github/nodejs/node@v${version}`
  // What this build of Node.js was made without has an empty version.
  const parts = Object.entries(versions).filter(([name, part]) => part !== '' && !NO_PART.has(name)).map(([name, part]) => (
    new Component(CDX.Enums.ComponentType.Library, name, {
      version: part, purl: `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(part)}`, bomRef: `${purl}#${name}`,
    })
  ))
  return new Component(CDX.Enums.ComponentType.Platform, 'node', {
    version, purl, bomRef: purl, licenses: licensesOf('MIT'), components: new ComponentRepository(parts),
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    properties: new PropertyRepository([
      new Property('rtctl:change', 'Brings along what it took from libatomic.so.1; see docs/adr/0012-one-file.md'),
    ]),
  })
}

/** The identity of a package of the npm registry; of its name only the @ of a scope is encoded. See the purl specification. */
function npmPurl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`
}

function licensesOf(expression: string): CDX.Models.LicenseRepository {
  const factory = new CDX.Contrib.License.Factories.LicenseFactory((text) => {
    if (!/^\(?[\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*\)?$/.test(text)) throw new Error(`${text} is no SPDX expression`)
  })
  return new LicenseRepository([factory.makeFromString(expression)])
}
