// SPDX-License-Identifier: Apache-2.0
import {randomUUID} from 'node:crypto'
import type {ContainerdStore} from '../cri/containerd/store.ts'
import type {BlobRef} from './documents.ts'
import {chainIds} from './documents.ts'

/** A layer that may be still on its way. */
export interface ComingLayer {
  readonly diffId: string
  /** resolves when its blob is in the store */
  readonly blob: Promise<BlobRef>
}

/** How many layers are unpacked at once. It is work for a disk and a CPU, and the archive is written meanwhile. */
const AT_ONCE = 2

/** Unpacks layers into snapshots, each once, as soon as it and those below it are there. */
export class Unpacker {
  readonly #store: ContainerdStore
  readonly #snapshotter: string
  readonly #done = new Map<string, Promise<void>>()
  #free = AT_ONCE
  readonly #waiting: (() => void)[] = []

  constructor(store: ContainerdStore, snapshotter: string) {
    this.#store = store
    this.#snapshotter = snapshotter
  }

  /** @returns name of the highest snapshot; undefined for an image without layers */
  async unpack(layers: readonly ComingLayer[]): Promise<string | undefined> {
    const chain = chainIds(layers.map(({diffId}) => diffId))
    let below = Promise.resolve()
    for (const [index, layer] of layers.entries()) below = this.#once(chain[index] ?? '', chain[index - 1] ?? '', layer, below)
    await below
    return chain.at(-1)
  }

  #once(name: string, parent: string, layer: ComingLayer, below: Promise<void>): Promise<void> {
    const begun = this.#done.get(name)
    if (begun !== undefined) return begun
    const done = this.#layer(name, parent, layer, below)
    // Whoever unpacks something upon it is told; nobody may be.
    done.catch(() => undefined)
    this.#done.set(name, done)
    return done
  }

  async #layer(name: string, parent: string, {diffId, blob}: ComingLayer, below: Promise<void>): Promise<void> {
    await below
    if (await this.#store.hasSnapshot(this.#snapshotter, name)) return
    const ref = await blob
    await this.#slot(() => this.#apply(name, parent, diffId, ref))
  }

  async #apply(name: string, parent: string, diffId: string, ref: BlobRef): Promise<void> {
    const key = `rtctl-${randomUUID()} ${name}`
    const mounts = await this.#store.prepareSnapshot(this.#snapshotter, key, parent)
    let committed = false
    try {
      const applied = await this.#store.apply({mediaType: ref.mediaType, digest: ref.digest, size: BigInt(ref.size)}, mounts ?? [])
      if (applied !== diffId) throw new Error(`layer ${diffId} was unpacked as ${applied}`)
      committed = await this.#store.commitSnapshot(this.#snapshotter, name, key)
    } finally {
      // Where it fails the lease's end removes it.
      if (!committed) await this.#store.removeSnapshot(this.#snapshotter, key).catch(() => undefined)
    }
  }

  async #slot(work: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
