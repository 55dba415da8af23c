// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {inTurn, median, peakMemory, times, type Command} from './measure.ts'
import {COLUMNS, type Part, row, say, table} from './part.ts'

const CHILD = join(import.meta.dirname, 'manifests-child.ts')
const ROUNDS = 7
const MEMORY_ROUNDS = 3
const [FEW, MANY] = [1000, 10_000]
const FILES_PER_FOLDER = 100

/**
 * The reader of manifests and the walk through their pods and texts, against a program that only parses the same files; and the
 * memory of both sizes.
 */
export function measureManifests(): Part {
  const folder = mkdtempSync(join(tmpdir(), 'rtctl-bench-manifests-'))
  try {
    say(`writing ${MANY} manifests`)
    const [few, many] = [join(folder, 'few'), join(folder, 'many')]
    writeManifests(few, FEW)
    const megabytes = writeManifests(many, MANY) / 1e6
    const read = (mode: 'walk' | 'parse', from: string, files: number): Command => ({program: process.execPath, args: [CHILD, mode, from, String(files)]})
    const commands = {walk: read('walk', many, MANY), parse: read('parse', many, MANY), few: read('walk', few, FEW)}
    say('measuring manifests')
    const costs = inTurn(commands, ROUNDS)
    const [manyPeak, fewPeak] = [peakMemory(commands.walk, MEMORY_ROUNDS), peakMemory(commands.few, MEMORY_ROUNDS)]
    const rate = megabytes / (median(costs.walk.map(({wall}) => wall)) / 1000)
    const slower = times(costs.parse, costs.walk)
    return {
      goals: [
        {
          text: `reading ${MANY.toLocaleString('en')} manifests (${megabytes.toFixed(0)} MB of YAML) and walking their pods and texts, against parsing them only`,
          goal: 'within 1.5 × or at least 20 MB/s', measured: `${slower.toFixed(2)} ×, ${rate.toFixed(0)} MB/s`, met: slower <= 1.5 || rate >= 20,
        },
        {
          text: `the same, memory against ${FEW.toLocaleString('en')} manifests`, goal: 'at most 1.5 ×', measured: `${(manyPeak / fewPeak).toFixed(2)} ×`,
          met: manyPeak <= 1.5 * fewPeak,
        },
      ],
      text: table(COLUMNS, [
        row(`reading and walking ${MANY.toLocaleString('en')} manifests`, costs.walk, manyPeak),
        row('parsing them only, with js-yaml', costs.parse, peakMemory(commands.parse, MEMORY_ROUNDS)),
        row(`reading and walking ${FEW.toLocaleString('en')} manifests`, costs.few, fewPeak),
      ]),
    }
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

/** @returns number of bytes */
function writeManifests(folder: string, count: number): number {
  let bytes = 0
  for (let index = 0; index < count; index++) {
    const own = join(folder, `team-${Math.floor(index / FILES_PER_FOLDER)}`)
    if (index % FILES_PER_FOLDER === 0) mkdirSync(own, {recursive: true})
    const text = manifest(index)
    bytes += Buffer.byteLength(text)
    writeFileSync(join(own, `web-${index}.yaml`), text)
  }
  return bytes
}

/** A Deployment of four containers and its ConfigMap, some 6 KB. */
function manifest(index: number): string {
  return `# Source: shop/templates/web-${index}.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${index}
  namespace: team-${index % 50}
  labels: {app.kubernetes.io/name: web-${index}, app.kubernetes.io/part-of: shop}
spec:
  replicas: 3
  selector:
    matchLabels: {app: web-${index}}
  template:
    metadata:
      labels:
        app: web-${index}
    spec:
      containers:
${[0, 1, 2, 3].map((number) => container(index, number)).join('')}      volumes:
      - name: config
        configMap:
          name: web-${index}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web-${index}
data:
  web.conf: |
${Array.from({length: 30}, (_, line) => `    setting_${line} = some value number ${line} of file ${index}\n`).join('')}`
}

function container(index: number, number: number): string {
  return `      - name: container-${number}
        image: "registry.example.com/team/web:${index}.${number}"
        command: ["/bin/sh", "-c"]
        args:
        - exec /app --port=80${number}0 --log-level=info
        env:
${Array.from({length: 10}, (_, env) => `        - name: SETTING_${env}\n          value: "value of setting ${env} of ${index}"\n`).join('')}        resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {cpu: "1", memory: 512Mi}}
        volumeMounts:
        - name: config
          mountPath: /etc/web
`
}
