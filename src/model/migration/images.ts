// SPDX-License-Identifier: Apache-2.0

/** Images to bring from Docker's store into another runtime's. */
export interface ImageMove {
  readonly dockerSocket: string
  readonly to: {readonly name: 'containerd' | 'cri-o'; readonly endpoint: string}
  /** names as pod specs have them, short or with digest; undefined: all images of Docker that have a name */
  readonly images?: readonly string[]
  readonly signal: AbortSignal
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
}

export type MovedImage =
  | {readonly name: string; readonly state: 'moved' | 'present'; readonly id: string}
  /** `digest`: named by a digest that Docker's export does not keep, it has to be pulled; `missing`: Docker has no such image */
  | {readonly name: string; readonly state: 'digest' | 'missing'; readonly reason: string}
