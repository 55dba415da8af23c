// SPDX-License-Identifier: Apache-2.0
import type {FileStat, Host, HostOrigin} from '../model/host.ts'
import type {Observed} from '../model/observed.ts'
import {pathKey, viewDirectory} from './paths.ts'
import type {RecordKind} from './records.ts'
import {Records} from './records.ts'

/**
 * Wraps a host and keeps every outcome. The first answer to a question is the answer for good, so that a report made
 * while recording is the report that the records replay to, even when the host changes meanwhile.
 */
export function recordHost(host: Host): {readonly host: Host; readonly records: Records} {
  const records = new Records()
  return {host: new Recorder(host, {records, asking: new Map()}, ''), records}
}

interface Kept {
  readonly records: Records
  /** questions that have no answer yet */
  readonly asking: Map<string, Promise<Observed<unknown>>>
}

class Recorder implements Host {
  readonly origin: HostOrigin
  readonly #host: Host
  readonly #kept: Kept
  readonly #directory: string

  constructor(host: Host, kept: Kept, directory: string) {
    this.origin = host.origin
    this.#host = host
    this.#kept = kept
    this.#directory = directory
  }

  text(path: string): Observed<string> {
    return this.#once('text', path, () => this.#host.text(path))
  }

  entries(path: string): Observed<readonly string[]> {
    return this.#once('entries', path, () => this.#host.entries(path))
  }

  target(path: string): Observed<string> {
    return this.#once('target', path, () => this.#host.target(path))
  }

  stat(path: string): Observed<FileStat> {
    return this.#once('stat', path, () => this.#host.stat(path))
  }

  ask<T>(question: string, live: (limitMs: number) => Promise<T>): Promise<Observed<T>> {
    const asked = this.#kept.asking.get(question) ?? this.#host.ask(question, live).then((outcome) => {
      this.#kept.records.set('ask', question, outcome)
      return outcome
    })
    this.#kept.asking.set(question, asked)
    return asked as Promise<Observed<T>>
  }

  within(directory: string): Host {
    return new Recorder(this.#host.within(directory), this.#kept, viewDirectory(this.#directory, directory))
  }

  localPath(path: string): string | undefined {
    return this.#host.localPath(path)
  }

  #once<T>(kind: RecordKind, path: string, read: () => Observed<T>): Observed<T> {
    const key = pathKey(this.#directory, path)
    // What is no path has one answer everywhere and needs no record.
    if (key === undefined) return read()
    const before = this.#kept.records.get(kind, key)
    if (before !== undefined) return before as Observed<T>
    const outcome = read()
    this.#kept.records.set(kind, key, outcome)
    return outcome
  }
}
