// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../cri/connection.ts'
import type {ContainerdStore} from '../cri/containerd/store.ts'
import {CriError} from '../cri/errors.ts'
import {UserError} from '../model/user-error.ts'
import {imageOfManifest, MAX_DOCUMENT_BYTES} from './documents.ts'
import type {Platform} from './documents.ts'
import type {ImageName} from './image-name.ts'
import {wholeImageId} from './skopeo.ts'

const FAILED = 1
/** How long the CRI may take to hear of an image that containerd has. */
const SEEN_WITHIN_MS = 10_000
const LOOK_MS = 100
const DEFAULT_SNAPSHOTTER = 'overlayfs'

/** The images of a runtime by the names that pods have for them: as its CRI says, or containerd's store where there is no CRI. */
export class RuntimeImages {
  readonly #cri: CriConnection
  readonly #store: ContainerdStore | undefined
  readonly #platform: Platform
  /** why the CRI is not asked */
  unverified: string | undefined

  /** @param store undefined: there is but the CRI */
  constructor(cri: CriConnection, store: ContainerdStore | undefined, platform: Platform) {
    this.#cri = cri
    this.#store = store
    this.#platform = platform
  }

  /** The id of an image; undefined where the runtime has none of that name. */
  async idOf(name: ImageName): Promise<string | undefined> {
    if (this.unverified === undefined) {
      try {
        const {imageStatus} = await import('../cri/rpcs/image.ts')
        const {image} = await this.#cri.call(imageStatus, {image: {image: this.#asked(name), annotations: new Map(), userSpecifiedImage: '', runtimeHandler: '', imageRef: ''}})
        return image === undefined ? undefined : wholeImageId(image.id)
      } catch (error) {
        if (this.#store === undefined || !(error instanceof CriError) || error.kind !== 'unknown-service') throw error
        this.unverified = 'its CRI plugin is disabled or failed to load'
      }
    }
    return this.#idInStore(name)
  }

  /**
   * Waits until the runtime has an image under a name: containerd's CRI learns of it by an event.
   *
   * @param id undefined: any
   * @returns its id
   * @throws UserError when it does not
   */
  async expect(name: ImageName, id: string | undefined): Promise<string> {
    const start = performance.now()
    for (;;) {
      const found = await this.idOf(name)
      if (found !== undefined && (id === undefined || found === id)) return found
      if (performance.now() - start > SEEN_WITHIN_MS) throw notSeen(name, id, found)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  /** The snapshotter that the CRI of containerd unpacks images for: it names the folder where it counts their bytes. */
  async snapshotter(): Promise<string> {
    if (this.unverified !== undefined) return DEFAULT_SNAPSHOTTER
    const {imageFsInfo} = await import('../cri/rpcs/image.ts')
    const {imageFilesystems} = await this.#cri.call(imageFsInfo, {})
    const mountpoint = imageFilesystems[0]?.fsId?.mountpoint ?? ''
    return /io\.containerd\.snapshotter\.v1\.([\w-]+)\/?$/.exec(mountpoint)?.[1] ?? DEFAULT_SNAPSHOTTER
  }

  /** containerd is asked for an id as Docker writes it; CRI-O would look for an image of the name `sha256`. */
  #asked({given, isId}: ImageName): string {
    return isId && this.#store === undefined ? given.replace(/^sha256:/, '') : given
  }

  /** The id that the CRI will give it: an image that is not whole has none. */
  async #idInStore({whole}: ImageName): Promise<string | undefined> {
    const store = this.#store
    const record = await store?.image(whole)
    if (store === undefined || record?.target === undefined) return undefined
    const read = async (digest: string) => (await store.blob(digest) === undefined ? undefined : store.readBlob(digest, MAX_DOCUMENT_BYTES))
    try {
      const {config, layers} = await imageOfManifest(record.target.digest, this.#platform, read)
      for (const {digest} of layers) if (await store.blob(digest) === undefined) return undefined
      return config.digest
    } catch (error) {
      if (error instanceof CriError) throw error
      return undefined
    }
  }
}

function notSeen({given}: ImageName, id: string | undefined, found: string | undefined): UserError {
  const what = found === undefined ? 'does not answer for it under this name' : `has another image under this name, ${found}`
  return new UserError(`The image ${given} was moved${id === undefined ? '' : ` as ${id}`}, but the runtime ${what}.`, 'Restart the runtime, and do the same again; else remove the name there.', FAILED)
}
