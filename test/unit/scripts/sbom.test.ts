// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {Ajv} from 'ajv'
import {describe, expect, test} from 'vitest'
import {billOfMaterials, type Shipped} from '../../../scripts/pack/sbom.ts'
import {thirdPartyNotices, thirdPartyPackages} from '../../../scripts/third-party.ts'
import {ROOT} from '../../support/node.ts'

const SUM = Buffer.alloc(64, 7)

const SHIPPED: Shipped = {
  name: 'rtctl', version: '1.2.3', license: 'Apache-2.0', epoch: 1_700_000_000,
  packages: [
    {path: 'node_modules/@scope/one', name: '@scope/one', version: '2.0.0', license: 'MIT'},
    {path: 'node_modules/two', name: 'two', version: '3.0.0', license: '(Apache-2.0 AND BSD-3-Clause)'},
    {path: 'node_modules/@scope/one/node_modules/two', name: 'two', version: '1.0.0', license: 'ISC'},
  ],
  integrity: new Map(['@scope/one', 'two', '@scope/one/node_modules/two'].map((path) => [`node_modules/${path}`, `sha512-${SUM.toString('base64')}`])),
  node: {node: '26.10.0', openssl: '3.5.4', modules: '141', napi: '10', v8: '14.6.1-node.1', nghttp3: ''},
}

interface Part {
  readonly 'bom-ref': string
  readonly purl: string
  readonly hashes?: readonly unknown[]
  readonly licenses?: readonly unknown[]
  readonly components?: readonly Part[]
  readonly cpe?: string
  readonly group?: string
}

const read = (shipped = SHIPPED) => JSON.parse(billOfMaterials(shipped))
const component = (purl: string): Part => read().components.find((one: Part) => one.purl === purl)

/** The schema of CycloneDX 1.6, which the library brings along: it forbids what it does not name. */
function validator() {
  const schema = (name: string) => JSON.parse(readFileSync(join(ROOT, 'node_modules/@cyclonedx/cyclonedx-library/res/schema', name), 'utf8'))
  const referred = ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json']
  const ajv = new Ajv({
    strict: false, allErrors: true,
    schemas: Object.fromEntries(referred.map((name) => [`http://cyclonedx.org/schema/${name}`, schema(name)])),
  })
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/)
  ajv.addFormat('uri', (text) => URL.canParse(text))
  ajv.addFormat('iri-reference', (text) => URL.canParse(text, 'https://example.org'))
  ajv.addFormat('idn-email', /^\S+@\S+$/)
  return ajv.compile(schema('bom-1.6.SNAPSHOT.schema.json'))
}

describe('the bill of materials', () => {
  test('is valid by the schema of CycloneDX 1.6', () => {
    const validate = validator()
    validate(read())
    expect(validate.errors).toBeNull()
    expect(read()).toMatchObject({bomFormat: 'CycloneDX', specVersion: '1.6'})
    expect(validate({...read(), invented: 1})).toBe(false)
  })

  test('is of rtctl, at the time that every artefact has', () => {
    expect(read().metadata).toMatchObject({
      timestamp: '2023-11-14T22:13:20.000Z',
      component: {type: 'application', name: 'rtctl', version: '1.2.3', purl: 'pkg:npm/rtctl@1.2.3', licenses: [{license: {id: 'Apache-2.0'}}]},
    })
  })

  test('names each package with its licence and the sum of package-lock.json', () => {
    expect(component('pkg:npm/%40scope/one@2.0.0')).toMatchObject({
      group: '@scope', name: 'one', version: '2.0.0', licenses: [{license: {id: 'MIT'}}], hashes: [{alg: 'SHA-512', content: '07'.repeat(64)}],
    })
    expect(component('pkg:npm/two@3.0.0').licenses).toEqual([{expression: '(Apache-2.0 AND BSD-3-Clause)'}])
  })

  test('tells two versions of one package apart', () => {
    expect(component('pkg:npm/two@1.0.0')).toMatchObject({licenses: [{license: {id: 'ISC'}}]})
    expect(read().components).toHaveLength(4)
  })

  test('names Node.js so that advisories find it, and what is linked into it, but no number of an interface and nothing that is left out', () => {
    const node = component('pkg:github/nodejs/node@v26.10.0')
    expect(node.cpe).toBe('cpe:2.3:a:nodejs:node.js:26.10.0:*:*:*:*:*:*:*')
    expect(node.components?.map(({purl}) => purl)).toEqual(['pkg:generic/openssl@3.5.4', 'pkg:generic/v8@14.6.1-node.1'])
  })

  test('makes all of it what rtctl depends on', () => {
    const {components, dependencies} = read()
    const refs = components.map((one: Part) => one['bom-ref']).sort()
    expect(dependencies.find(({ref}: {ref: string}) => ref === 'pkg:npm/rtctl@1.2.3').dependsOn.toSorted()).toEqual(refs)
  })

  test('is the same for the same, in any order, and has another number for anything else', () => {
    expect(billOfMaterials({...SHIPPED, packages: SHIPPED.packages.toReversed()})).toBe(billOfMaterials(SHIPPED))
    expect(read().serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(read({...SHIPPED, version: '1.2.4'}).serialNumber).not.toBe(read().serialNumber)
  })

  test.each([
    ['no sum', new Map<string, string>()],
    ['a weak one', new Map([['node_modules/@scope/one', 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=']])],
  ])('is refused for a package with %s', (_, integrity) => {
    expect(() => billOfMaterials({...SHIPPED, integrity})).toThrow('package-lock.json has no sha512 of node_modules/@scope/one')
  })
})

describe('the packages in the bundle', () => {
  const modules = ['node_modules/chalk/source/index.js', '\0node_modules/chalk/x.js', 'src/main.ts', 'node_modules/@oclif/core/lib/index.js']
    .map((file) => (file.startsWith('\0') ? `\0${ROOT}${file.slice(1)}` : `${ROOT}${file}`))

  test('are those that own a module, each once', () => {
    const packages = thirdPartyPackages(ROOT, modules)
    expect(packages.map(({path, name}) => ({path, name}))).toEqual([
      {path: 'node_modules/@oclif/core', name: '@oclif/core'}, {path: 'node_modules/chalk', name: 'chalk'},
    ])
    expect(packages[1]).toMatchObject({version: expect.stringMatching(/^\d+\.\d+\.\d+$/), license: 'MIT'})
  })

  test('have their licence texts in the notices', () => {
    const notices = thirdPartyNotices(ROOT, thirdPartyPackages(ROOT, modules))
    expect(notices).toMatch(/^chalk \S+ \(MIT\)\n\nMIT License$/m)
    expect(notices.match(/Permission is hereby granted/g)).toHaveLength(2)
  })
})
