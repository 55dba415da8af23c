// SPDX-License-Identifier: Apache-2.0

/** Images to bring from Docker's store into another runtime's. */
export interface ImageMove {
  readonly dockerSocket: string
  readonly to: {readonly name: 'containerd' | 'cri-o'; readonly endpoint: string}
  /** names as pod specs have them, short or with digest; undefined: all images of Docker that have a name */
  readonly images?: readonly string[]
  /** move nothing: what would be moved is `moved` in the report, and its bytes are estimated */
  readonly dryRun?: boolean
  readonly signal: AbortSignal
  /** runs a program and waits for its end, rejects with what it said; only CRI-O needs it, whose images skopeo copies */
  readonly run?: (program: string, args: readonly string[], signal: AbortSignal) => Promise<unknown>
  /** keeps bytes in a file while that is used; only CRI-O needs it, too */
  readonly spool?: <Result>(chunks: AsyncIterable<Uint8Array>, use: (path: string) => Promise<Result>) => Promise<Result>
  progress(state: ImageMoveProgress): void
}

export interface ImageMoveProgress {
  readonly doneBytes: number
  /** estimated from what Docker says of sizes, shared layers counted once */
  readonly totalBytes: number
  /** what is being moved now */
  readonly image?: string
}

/** What became of each image. */
export interface ImageMoveReport {
  readonly images: readonly MovedImage[]
  /** bytes that went over, and bytes of layers that were there already */
  readonly movedBytes: number
  readonly sharedBytes: number
  /** why the CRI could not be asked for the images, which are in containerd's own store then; undefined: it has them all */
  readonly unverified?: string
}

export type MovedImage =
  /** `id` is that of the runtime; `dockerId` where Docker has another image under this name, which was left alone */
  | {readonly name: string; readonly state: 'moved' | 'present'; readonly id: string; readonly dockerId?: string}
  /** `digest`: named by a digest that Docker's export does not keep, it has to be pulled; `missing`: Docker has no such image for this platform */
  | {readonly name: string; readonly state: 'digest' | 'missing'; readonly reason: string}
