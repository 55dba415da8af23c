// SPDX-License-Identifier: Apache-2.0

/** The words of a line as `iptables -S` prints it: comments are in double quotes, with \\ before a quote. */
export function splitRule(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map((match) => match[1]?.replaceAll(/\\(.)/g, '$1') ?? match[0])
}
