// SPDX-License-Identifier: Apache-2.0
import type {Setting} from '../../model/facts.ts'

/**
 * The last assignment to a variable of the kernel in files of sysctl.d(5), in the order they are applied. Names are written with
 * dots or slashes, the first of them tells which; a name with wildcards counts where no other says more (systemd 249).
 *
 * @param name with dots: `net.ipv4.ip_forward`
 */
export function lastSysctl(files: readonly {readonly path: string; readonly text: string}[], name: string): Setting | undefined {
  let exact: Setting | undefined
  let wild: Setting | undefined
  for (const {path, text} of files) {
    for (const [index, line] of text.split('\n').entries()) {
      const found = /^\s*-?\s*([^\s=#;]+)\s*=\s*(\S.*?)\s*$/.exec(line.slice(0, 1024))
      if (found?.[1] === undefined || found[2] === undefined) continue
      const setting = {value: found[2], source: `${path}:${index + 1}`}
      const key = withDots(found[1])
      if (key === name) exact = setting
      else if (key.includes('*') && matches(key, name)) wild = setting
    }
  }
  return exact ?? wild
}

/** `net/ipv4/ip_forward` → `net.ipv4.ip_forward`: where the first separator is a slash, dots are part of names */
function withDots(key: string): string {
  const first = /[./]/.exec(key)?.[0]
  return first === '/' ? key.replace(/[./]/g, (one) => (one === '/' ? '.' : '/')) : key
}

/** `*` stands for one or more characters other than a dot. */
function matches(pattern: string, name: string): boolean {
  const [own, parts] = [pattern.split('.'), name.split('.')]
  return own.length === parts.length && own.every((part, index) => part === '*' || part === parts[index])
}

/** The file of modules-load.d(5) that names a module; blank lines and comments with `#` or `;` count for nothing. */
export function loadsModule(files: readonly {readonly path: string; readonly text: string}[], module: string): string | undefined {
  for (const {path, text} of files) {
    const line = text.split('\n').findIndex((one) => one.trim().split(/\s/)[0]?.replaceAll('-', '_') === module)
    if (line !== -1) return `${path}:${line + 1}`
  }
  return undefined
}
