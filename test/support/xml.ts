// SPDX-License-Identifier: Apache-2.0

export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  readonly text: string
}

/** Characters that XML 1.0 can hold (production 2, Char). */
const LEGAL = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
const ENTITIES: Readonly<Record<string, string>> = {amp: '&', lt: '<', gt: '>', quot: '"', apos: "'"}

/** Reads the XML that needs no DTD, and refuses everything that is not well-formed. For tests only. */
export function parseXml(xml: string): Element {
  if (!xml.isWellFormed() || !LEGAL.test(xml)) throw new Error('a character that XML cannot hold')
  const tokens = /<\?xml [^?]*\?>|<\/([\w-]+)>|<([\w-]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<]+)|[\s\S]/gy
  const root = {name: '', attributes: {}, children: [] as Element[], text: ''}
  const open = [root]
  for (const [token, closes, opens, attributes = '', alone, text] of xml.matchAll(tokens)) {
    const parent = open.at(-1)!
    if (closes !== undefined) {
      if (open.pop()!.name !== closes) throw new Error(`</${closes}> closes another element`)
    } else if (opens !== undefined) {
      const element = {name: opens, attributes: attributesOf(attributes), children: [], text: ''}
      parent.children.push(element)
      if (alone === '') open.push(element)
    } else if (text !== undefined) parent.text += unescaped(text)
    else if (!token.startsWith('<?xml ')) throw new Error(`no XML: ${token}`)
  }
  if (open.length !== 1 || root.children.length !== 1 || root.text.trim() !== '') throw new Error('an element is open, or is not the only root')
  return root.children[0]!
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, unescaped(value!)] as const)
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) throw new Error('an attribute twice')
  return Object.fromEntries(pairs)
}

function unescaped(text: string): string {
  return text.replace(/&([^;]*)(;?)/g, (_, name: string, end: string) => {
    const character = ENTITIES[name]
    if (character === undefined || end === '') throw new Error(`no entity: &${name}`)
    return character
  })
}
