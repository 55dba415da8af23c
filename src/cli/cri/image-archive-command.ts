// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {parseEndpoint} from '../../app/cri/endpoint.ts'
import type {Transfer} from '../../app/cri/image-archive.ts'
import type {ImageTool} from '../../app/cri/image-archive-tool.ts'
import {imageTool} from '../../app/cri/image-archive-tool.ts'
import type {CriConnection} from '../../cri/connection.ts'
import {humanSize} from '../../render/cri/human.ts'
import {openLive} from '../host-flags.ts'
import {print} from '../output.ts'
import type {CriFlags} from './cri-command.ts'
import {CriCommand} from './cri-command.ts'

export const dryRunFlag = Flags.boolean({summary: 'Only print what would be run.'})

/** Between two lines of progress. */
const PROGRESS_MS = 200

/** What `images load`, `save` and `tag` share: the image service, and the program that moves its images. */
export abstract class ImageArchiveCommand extends CriCommand {
  /** @throws UserError where there is no such program */
  protected async openImages(flags: CriFlags): Promise<{readonly image: CriConnection; readonly tool: ImageTool}> {
    const {runtime, image, config} = await this.connect(flags, 'change')
    const told = flags['image-endpoint'] || process.env['IMAGE_SERVICE_ENDPOINT'] || config['image-endpoint']
    const {address} = told ? parseEndpoint({text: told, why: 'image endpoint'}) : await this.runtimeEndpoint(flags, config)
    return {image, tool: await imageTool(image, runtime, address, openLive({timeout: 2}))}
  }

  /** What would be run, for `--dry-run`: there is no call of the CRI for it. */
  protected async printCommand(tool: ImageTool, args: readonly string[]): Promise<unknown> {
    const document = {command: [tool.program, ...args]}
    if (!this.jsonEnabled()) await print(`${JSON.stringify(document, null, 2)}\n`)
    return document
  }

  /** Progress in bytes on standard error, where that is a terminal; `end` wipes it. */
  protected progress(): {readonly onProgress: NonNullable<Transfer['onProgress']>; readonly end: () => void} {
    const {stderr} = process
    if (!stderr.isTTY) return {onProgress: () => undefined, end: () => undefined}
    let last = 0
    const onProgress = (bytes: number, size: number | undefined) => {
      if (performance.now() - last < PROGRESS_MS) return
      last = performance.now()
      stderr.write(`\r${humanSize(bytes)}${size === undefined ? '' : ` of ${humanSize(size)}`}\u001b[K`)
    }
    return {onProgress, end: () => stderr.write('\r\u001b[K')}
  }
}
