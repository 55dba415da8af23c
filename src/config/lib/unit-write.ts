// SPDX-License-Identifier: Apache-2.0

/**
 * A word of an ExecStart= line (systemd.syntax(7), systemd.service(5)): `%` and `$` lose their meaning, quotes are put where there is
 * anything else but plain characters.
 */
export function commandWord(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w./:=@,+%$-]+$/.test(escaped) ? escaped : `"${escaped}"`
}

/** `Environment="NAME=value"` (systemd.exec(5)): `$` means nothing there, `%` does. */
export function environmentLine(name: string, value: string): string {
  return `Environment="${name}=${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"\n`
}
