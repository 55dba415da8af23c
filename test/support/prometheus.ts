// SPDX-License-Identifier: Apache-2.0

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,|$)/y

/**
 * Reads the text format of Prometheus (exposition formats, version 0.0.4) as strictly as it is written down: each family with HELP and
 * TYPE in front, in one piece, no sample twice. For tests only.
 */
export function parsePrometheus(text: string): readonly Sample[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end')
  const samples: Sample[] = []
  const [families, seen] = [new Set<string>(), new Set<string>()]
  let [help, family] = ['', '']
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line)
    if (comment?.[1] === 'HELP') help = comment[2]!
    else if (comment !== null) {
      family = comment[2]!
      if (family !== help || families.has(family) || !['gauge', 'counter'].includes(comment[3]!)) throw new Error(`TYPE out of order: ${line}`)
      families.add(family)
    } else {
      const sample = sampleOf(line)
      const key = JSON.stringify([sample.name, sample.labels])
      if (sample.name !== family || seen.has(key)) throw new Error(`not of this family, or twice: ${line}`)
      seen.add(key)
      samples.push(sample)
    }
  }
  return samples
}

function sampleOf(line: string): Sample {
  const [, name, inside = '', value] = SAMPLE.exec(line) ?? []
  if (name === undefined) throw new Error(`no sample: ${line}`)
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < inside.length) {
    const found = LABEL.exec(inside)
    if (found === null || Object.hasOwn(labels, found[1]!)) throw new Error(`no label: ${line}`)
    labels[found[1]!] = found[2]!.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
  }
  return {name, labels, value: Number(value)}
}
