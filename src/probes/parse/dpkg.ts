// SPDX-License-Identifier: Apache-2.0

/** Packages that apt installed because others need them, from /var/lib/apt/extended_states. */
export function automaticPackages(text: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (const stanza of text.split(/\n\s*\n/)) {
    const name = /^Package: (\S+)$/m.exec(stanza)?.[1]
    if (name !== undefined && /^Auto-Installed: 1$/m.test(stanza)) found.add(name)
  }
  return found
}

/** Whether a package is on hold, from /var/lib/dpkg/status, of which only its own paragraph is read. */
export function isHeld(status: string, name: string): boolean {
  return /^Status: hold /m.test(paragraphOf(status, name))
}

/** The version of a package without its epoch, from /var/lib/dpkg/status: `1.14.6-1`. */
export function versionOf(status: string, name: string): string | undefined {
  return /^Version: (?:\d+:)?(\S{1,80})$/m.exec(paragraphOf(status, name))?.[1]
}

function paragraphOf(status: string, name: string): string {
  const mark = `Package: ${name}\n`
  const at = status.startsWith(mark) ? 0 : status.indexOf(`\n${mark}`)
  if (at === -1) return ''
  const end = status.indexOf('\n\n', at)
  return status.slice(at, end === -1 ? undefined : end)
}
