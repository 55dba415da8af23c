// SPDX-License-Identifier: Apache-2.0
// Writes src/cri/gen/ from proto/. Needs no network and no install scripts: `node scripts/generate-cri.ts`.
import {execFileSync} from 'node:child_process'
import {globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {MessageSchema, ValueSchema} from '../src/cri/json-schema.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const OUTPUT = join(ROOT, 'src/cri/gen')

/** The TypeScript that proto/ gives, as it should stand in src/cri/gen/: path there → text. */
export function generateCri(): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'rtctl-cri-'))
  try {
    const buf = join(ROOT, 'node_modules/@bufbuild/buf/bin/buf')
    const env = {...process.env, BUF_CACHE_DIR: folder}
    execFileSync(process.execPath, [buf, 'generate', 'proto', '--template', 'proto/buf.gen.yaml', '--output', folder], {cwd: ROOT, env})
    const image = join(folder, 'image.json')
    execFileSync(process.execPath, [buf, 'build', 'proto', '--output', image], {cwd: ROOT, env})
    const files = globSync('{containerd,runtime}/v1/*.ts', {cwd: folder}).map((file) => [file, finish(readFileSync(join(folder, file), 'utf8'))] as const)
    const schema = ['runtime/v1/config-schema.ts', configSchema(readFileSync(image, 'utf8'))] as const
    return new Map([...files, schema].toSorted(([one], [other]) => (one < other ? -1 : 1)))
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

/**
 * What ts-proto has no option for: fields that are not in the schema are kept where there are some, without an object
 * for each message that has none, and JSON has them too, as it has lists and maps that are empty.
 */
function finish(generated: string): string {
  const text = generated
    .replaceAll(/,?\s*_unknownFields: \{\}/g, '')
    .replaceAll('message._unknownFields![tag]', '(message._unknownFields ??= {})[tag]')
    .replaceAll(/if \(message\.(\w+)\?\.(?:length|size)\) \{/g, 'if (message.$1 !== undefined) {')
    // a value or a key that nobody foresaw, as protobuf's own JSON has them: a number, `__proto__`
    .replaceAll(/^ {6}return "UNRECOGNIZED";$/gm, '      return object as any;')
    .replaceAll(/^ {6}obj\.(\w+) = \{\};$/gm, '      obj.$1 = Object.create(null);')
    .replaceAll('toJSON(_: ', 'toJSON(message: ')
    .replaceAll(/^ {4}return obj;$/gm, '    return withUnknownFields(obj, message._unknownFields);')
  const header = '// SPDX-License-Identifier: Apache-2.0\n'
  const withImport = text.includes('withUnknownFields') ? text.replace(/^import /m, `import { withUnknownFields } from "../../../unknown-fields.ts";\nimport `) : text
  return header + withImport
}

/** Messages that people write files for. */
const CONFIGS = ['PodSandboxConfig', 'ContainerConfig']

/** Scalars of proto3 that these messages have, as JSON schema has them. */
const SCALARS: Readonly<Record<string, ValueSchema>> = {
  TYPE_STRING: {type: 'string'},
  TYPE_BOOL: {type: 'boolean'},
  TYPE_INT32: {type: 'integer', format: 'int32'},
  TYPE_UINT32: {type: 'integer', format: 'uint32'},
  TYPE_INT64: {type: 'integer', format: 'int64'},
  TYPE_UINT64: {type: 'integer', format: 'uint64'},
}

/** descriptor.proto, as `buf build` writes it in JSON. */
interface FieldDescriptor {
  readonly name: string
  readonly type: string
  readonly typeName?: string
  readonly label: string
}

interface MessageDescriptor {
  readonly name: string
  readonly field?: readonly FieldDescriptor[]
  readonly nestedType?: readonly MessageDescriptor[]
  readonly enumType?: readonly EnumDescriptor[]
}

interface EnumDescriptor {
  readonly name: string
  readonly value: readonly {readonly name: string; readonly number?: number}[]
}

interface FileDescriptor {
  readonly package: string
  readonly messageType?: readonly MessageDescriptor[]
  readonly enumType?: readonly EnumDescriptor[]
}

/** The JSON schema of the messages that people write files for, and of those in them, as a TypeScript module. */
function configSchema(image: string): string {
  const {file} = JSON.parse(image) as {readonly file: readonly FileDescriptor[]}
  const messages = new Map(file.flatMap(({package: name, messageType = []}) => messageType.flatMap((message) => withNested(`.${name}`, message))))
  const enums = new Map([
    ...file.flatMap(({package: name, enumType = []}) => enumType.map((type) => [`.${name}.${type.name}`, type] as const)),
    ...[...messages].flatMap(([name, {enumType = []}]) => enumType.map((type) => [`${name}.${type.name}`, type] as const)),
  ])
  const definitions: Record<string, MessageSchema> = {}
  const define = (typeName: string) => {
    const {name, field = []} = found(messages, typeName)
    if (definitions[name] !== undefined) return
    const schema: MessageSchema = {type: 'object', properties: Object.fromEntries(field.map((one) => [one.name, fieldSchema(one, messages, enums)])), additionalProperties: false}
    definitions[name] = schema
    for (const {type, typeName: inner = ''} of field) if (type === 'TYPE_MESSAGE' && !inner.endsWith('Entry')) define(inner)
  }
  for (const name of CONFIGS) define(`.runtime.v1.${name}`)
  const header = `// SPDX-License-Identifier: Apache-2.0\nimport type {MessageSchema} from '../../../json-schema.ts'\n\n`
  const text = JSON.stringify(definitions, null, 2)
  return `${header}/** Messages that people write files for, and those in them: name → schema. */\nexport const configSchema: Readonly<Record<string, MessageSchema>> = ${text}\n`
}

function withNested(scope: string, message: MessageDescriptor): readonly (readonly [string, MessageDescriptor])[] {
  const name = `${scope}.${message.name}`
  return [[name, message], ...(message.nestedType ?? []).flatMap((nested) => withNested(name, nested))]
}

function fieldSchema({type, typeName = '', label}: FieldDescriptor, messages: ReadonlyMap<string, MessageDescriptor>, enums: ReadonlyMap<string, EnumDescriptor>): ValueSchema {
  // A map is a list of entries on the wire.
  if (type === 'TYPE_MESSAGE' && typeName.endsWith('Entry')) {
    const value = found(messages, typeName).field?.find(({name}) => name === 'value')
    if (value !== undefined) return {type: 'object', additionalProperties: fieldSchema(value, messages, enums)}
  }
  const value = valueSchema(type, typeName, enums)
  return label === 'LABEL_REPEATED' ? {type: 'array', items: value} : value
}

function valueSchema(type: string, typeName: string, enums: ReadonlyMap<string, EnumDescriptor>): ValueSchema {
  if (type === 'TYPE_MESSAGE') return {$ref: `#/$defs/${typeName.split('.').at(-1)}`}
  if (type !== 'TYPE_ENUM') return found(new Map(Object.entries(SCALARS)), type)
  const {value} = found(enums, typeName)
  return {enum: [...value.map(({number = 0}) => number), ...value.map(({name}) => name)]}
}

function found<Value>(map: ReadonlyMap<string, Value>, name: string): Value {
  const value = map.get(name)
  if (value === undefined) throw new Error(`proto/ has no ${name} that a schema could be made of`)
  return value
}

if (import.meta.main) {
  rmSync(OUTPUT, {recursive: true, force: true})
  for (const [file, text] of generateCri()) {
    mkdirSync(dirname(join(OUTPUT, file)), {recursive: true})
    writeFileSync(join(OUTPUT, file), text)
  }
}
