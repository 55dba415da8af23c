// SPDX-License-Identifier: Apache-2.0

/** `rtctl … | head` closes our output early. That is no error: stop without a word, as other Unix tools do. */
export function exitQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

/** Writes text and waits until the system took it: an exit right after would cut a pipe's output short. */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.write(text, () => resolve())
  })
}
