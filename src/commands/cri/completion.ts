// SPDX-License-Identifier: Apache-2.0
import Completion from '../completion.ts'

/** Where users of crictl look for it. */
export default class CriCompletion extends Completion {
  static override summary = 'Print a script that completes rtctl on the command line, as `rtctl completion` does'
}
