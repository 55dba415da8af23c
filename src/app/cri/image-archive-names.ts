// SPDX-License-Identifier: Apache-2.0
import {wholeImageName} from '../../images/image-name.ts'

/** Bytes of `manifest.json` or `index.json` that are looked at; they are some hundred for each image. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024
const BLOCK = 512
/** Keys of an image index (containerd: core/images/annotations.go, image-spec: annotations.md). */
const CONTAINERD_NAME = 'io.containerd.image.name'
const REF_NAME = 'org.opencontainers.image.ref.name'

/** An image of an archive as skopeo finds it (containers-transports(5)). */
export interface ArchivedImage {
  /** whole */
  readonly name: string
  readonly transport: 'docker-archive' | 'oci-archive'
  /** what the archive itself calls it; undefined: it has but this one */
  readonly reference: string | undefined
}

/**
 * Reads the names of the images in an archive that passes by: the tar file of `docker save`, of `ctr images export`
 * or of an OCI layout, as it is (not compressed).
 */
export class ArchiveNames {
  /** false as soon as there is something that is in no tar file */
  isTar = true
  /** whether the mark came that ends a tar file */
  isWhole = false
  #header = Buffer.alloc(0)
  #skip = 0
  #document: {readonly name: string; left: number; readonly parts: Uint8Array[]} | undefined
  readonly #documents = new Map<string, string>()
  #ended = false

  /** Takes the next bytes, of any number. */
  push(chunk: Uint8Array): void {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    while (rest.length > 0 && !this.#ended) rest = this.#take(rest)
  }

  /** Whole names of all images that had one, once each. */
  names(): readonly string[] {
    const named = [...namesInIndex(this.#documents.get('index.json')), ...namesInManifest(this.#documents.get('manifest.json'))]
    return [...new Set(named.map(wholeImageName))]
  }

  /** The same for a program that wants to be told in what form the archive has each. What both lists of an archive name comes from that of Docker. */
  images(): readonly ArchivedImage[] {
    const docker = namesInManifest(this.#documents.get('manifest.json')).map((tag): ArchivedImage => (
      {name: wholeImageName(tag), transport: 'docker-archive', reference: wholeImageName(tag)}
    ))
    const oci = imagesInIndex(this.#documents.get('index.json')).map(({name, reference}): ArchivedImage => (
      {name: wholeImageName(name), transport: 'oci-archive', reference}
    ))
    return [...new Map([...oci, ...docker].map((image) => [image.name, image])).values()]
  }

  #take(bytes: Buffer): Buffer {
    if (this.#document !== undefined) return this.#collect(this.#document, bytes)
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, bytes.length)
      this.#skip -= skipped
      return bytes.subarray(skipped)
    }
    const missing = BLOCK - this.#header.length
    this.#header = Buffer.concat([this.#header, bytes.subarray(0, missing)])
    if (this.#header.length === BLOCK) {
      const header = this.#header
      this.#header = Buffer.alloc(0)
      this.#open(header)
    }
    return bytes.subarray(missing)
  }

  #open(header: Buffer): void {
    const size = sizeIn(header)
    // A block of zeros ends an archive; anything else without the mark of POSIX or GNU tar is none.
    if (header.toString('latin1', 257, 262) !== 'ustar' || size === undefined) {
      this.#ended = true
      this.isWhole = header.every((byte) => byte === 0)
      this.isTar = this.isWhole
      return
    }
    const name = header.toString('utf8', 0, 100).replace(/\0.*$/s, '').replace(/^\.\//, '')
    const isDocument = (name === 'index.json' || name === 'manifest.json') && size > 0 && size <= MAX_DOCUMENT_BYTES
    this.#skip = padded(size)
    if (isDocument) {
      this.#skip -= size
      this.#document = {name, left: size, parts: []}
    }
  }

  #collect(document: {readonly name: string; left: number; readonly parts: Uint8Array[]}, bytes: Buffer): Buffer {
    const part = bytes.subarray(0, document.left)
    document.parts.push(Uint8Array.from(part))
    document.left -= part.length
    if (document.left === 0) {
      this.#documents.set(document.name, Buffer.concat(document.parts).toString())
      this.#document = undefined
    }
    return bytes.subarray(part.length)
  }
}

/** Octal digits, or a number of 64 bits behind a first byte with its highest bit set (GNU). */
function sizeIn(header: Buffer): number | undefined {
  if ((header[124] ?? 0) >= 0x80) {
    const size = Number(header.readBigUInt64BE(128))
    return Number.isSafeInteger(size) ? size : undefined
  }
  const digits = header.toString('latin1', 124, 136).replace(/[\0 ].*$/s, '')
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : undefined
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK
}

/** Names in an image index. */
function namesInIndex(text: string | undefined): readonly string[] {
  return imagesInIndex(text).map(({name}) => name)
}

/** Images in an image index that have a name. A bare tag (`ref.name` of an OCI layout) names no image. */
function imagesInIndex(text: string | undefined): readonly {readonly name: string; readonly reference: string | undefined}[] {
  const manifests = listIn(parsed(text), 'manifests')
  const references = manifests.map((manifest) => fieldOf(fieldOf(manifest, 'annotations'), REF_NAME))
  return manifests.flatMap((manifest, index) => {
    const reference = references[index]
    const name = fieldOf(fieldOf(manifest, 'annotations'), CONTAINERD_NAME) ?? reference
    const isOne = references.filter((other) => other === reference).length === 1
    return typeof name === 'string' && name.includes('/') ? [{name, reference: typeof reference === 'string' && manifests.length > 1 && isOne ? reference : undefined}] : []
  })
}

/** Names in the list that `docker save` writes. */
function namesInManifest(text: string | undefined): readonly string[] {
  const images = parsed(text)
  return (Array.isArray(images) ? images : []).flatMap((image: unknown) => listIn(image, 'RepoTags').filter((tag) => typeof tag === 'string'))
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function listIn(value: unknown, field: string): readonly unknown[] {
  const list = fieldOf(value, field)
  return Array.isArray(list) ? list : []
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field) ? (value as Record<string, unknown>)[field] : undefined
}
