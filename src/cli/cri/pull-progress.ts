// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import {imageFsUsed} from '../../app/cri/pull.ts'
import {visible} from '../../render/visible.ts'

const INTERVAL_MS = 1000

/**
 * Shows how long a pull has taken, and by how much the file system of images has grown since, where somebody looks. The CRI
 * tells nothing else of it: no layers, no sizes, so there is no percentage to show.
 *
 * @returns how to end it
 */
export function showProgress(image: CriConnection, name: string): () => void {
  const {stderr} = process
  if (!stderr.isTTY) return () => undefined
  const begin = Date.now()
  let first: number | undefined
  let grown = 0
  const look = async () => {
    const used = await imageFsUsed(image, INTERVAL_MS)
    first ??= used
    grown = used === undefined || first === undefined ? grown : used - first
  }
  const timer = setInterval(() => {
    void look()
    const more = grown > 0 ? `, images ${(grown / 1e6).toFixed(1)} MB more` : ''
    stderr.write(`\r\u001b[K${visible(`pulling ${name}: ${Math.round((Date.now() - begin) / 1000)} s${more}`)}`)
  }, INTERVAL_MS)
  return () => {
    clearInterval(timer)
    stderr.write('\r\u001b[K')
  }
}
