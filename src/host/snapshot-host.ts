// SPDX-License-Identifier: Apache-2.0
import type {FileStat, Host, HostOrigin} from '../model/host.ts'
import type {Observed} from '../model/observed.ts'
import {unreadable} from '../model/observed.ts'
import {notAPath} from './outcome.ts'
import {pathKey, viewDirectory} from './paths.ts'
import type {Records} from './records.ts'

/** Replays a snapshot: every answer is the recorded one; what was not recorded is `not-captured`, never `absent`. */
export function replaySnapshot(file: string, records: Records): Host {
  return new Replay({kind: 'snapshot', file}, records, '')
}

class Replay implements Host {
  readonly origin: HostOrigin
  readonly #records: Records
  readonly #directory: string

  constructor(origin: HostOrigin, records: Records, directory: string) {
    this.origin = origin
    this.#records = records
    this.#directory = directory
  }

  text(path: string): Observed<string> {
    return this.#file('text', path)
  }

  entries(path: string): Observed<readonly string[]> {
    return this.#file('entries', path)
  }

  target(path: string): Observed<string> {
    return this.#file('target', path)
  }

  stat(path: string): Observed<FileStat> {
    return this.#file('stat', path)
  }

  ask<T>(question: string): Promise<Observed<T>> {
    return Promise.resolve((this.#records.get('ask', question) ?? notCaptured(question)) as Observed<T>)
  }

  within(directory: string): Host {
    return new Replay(this.origin, this.#records, viewDirectory(this.#directory, directory))
  }

  localPath(): undefined {
    return undefined
  }

  #file<T>(kind: 'text' | 'entries' | 'target' | 'stat', path: string): Observed<T> {
    const key = pathKey(this.#directory, path)
    if (key === undefined) return notAPath(path)
    return (this.#records.get(kind, key) ?? notCaptured(key)) as Observed<T>
  }
}

function notCaptured(source: string): Observed<never> {
  return unreadable(source, 'not-captured')
}
