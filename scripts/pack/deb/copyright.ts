// SPDX-License-Identifier: Apache-2.0

/**
 * The copyright file in Debian's machine-readable format 1.0.
 *
 * @param packages licences of the packages in the bundle
 * @param node licence of Node.js, and of what is part of it
 */
export function copyrightFile(packages: string, node: string): string {
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: rtctl

Files: *
Copyright: the rtctl contributors
License: Apache-2.0

Files: usr/lib/rtctl/app/*
Copyright: the rtctl contributors, and those whom the notices below name
License: Apache-2.0 and packages

Files: usr/lib/rtctl/lib/node
Copyright: Node.js contributors, and those whom the notices below name
License: Node.js

License: Apache-2.0
 The text is in /usr/share/common-licenses/Apache-2.0.

License: packages
${field(packages)}

License: Node.js
${field(node)}
`
}

/** The lines of a field: indented, and a dot where one is empty. */
function field(text: string): string {
  return text.trimEnd().split(/\r?\n/).map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`)).join('\n')
}
