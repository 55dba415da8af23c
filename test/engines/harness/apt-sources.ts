// SPDX-License-Identifier: Apache-2.0

/** One repository of a machine's apt settings. */
export interface AptSource {
  readonly uri: string
  readonly suite: string
  readonly components: readonly string[]
  /** keyring file that must have signed it; undefined: any key that apt trusts */
  readonly signedBy?: string
}

/** Reads the one-line format of sources.list(5). Comments, `deb-src` and lines it does not understand are left out. */
export function parseOneLine(text: string): AptSource[] {
  return text.split('\n').flatMap(line => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)/.exec(line)
    if (!match) return []
    const [, options = '', uri = '', suite = '', components = ''] = match
    const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1]
    return [source(uri, suite, components.split(/\s+/).filter(Boolean), signedBy)]
  })
}

/** Reads the deb822 format of sources.list(5): stanzas with `Types`, `URIs`, `Suites`, `Components`, `Signed-By`. */
export function parseDeb822(text: string): AptSource[] {
  return text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/).flatMap(stanza => {
    const fields = fieldsOf(stanza)
    const words = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter(Boolean)
    if (!words('types').includes('deb') || fields.get('enabled')?.toLowerCase() === 'no') return []
    // an inline key is a block of several lines, not a path
    const signedBy = words('signed-by').find(word => word.startsWith('/'))
    return words('uris').flatMap(uri => words('suites').map(suite => source(uri, suite, words('components'), signedBy)))
  })
}

function fieldsOf(stanza: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [, name = '', value = ''] of stanza.matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
    fields.set(name.toLowerCase(), value.trim())
  }
  return fields
}

function source(uri: string, suite: string, components: readonly string[], signedBy: string | undefined): AptSource {
  return {uri: uri.replace(/\/+$/, ''), suite, components, ...(signedBy === undefined ? {} : {signedBy})}
}

const releases = new Set(['bookworm', 'trixie', 'forky', 'oldstable', 'stable', 'testing'])

/**
 * The Debian archive that a machine uses: the first source of a whole Debian release. Update, security and
 * backports suites live elsewhere or hold only some packages; other vendors' archives have other suite names.
 */
export function debianArchive(sources: readonly AptSource[]): AptSource | undefined {
  return sources.find(({suite, components}) => releases.has(suite) && components.includes('main'))
}
