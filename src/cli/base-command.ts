// SPDX-License-Identifier: Apache-2.0
import {Command} from '@oclif/core/command'
import {describeFailure} from './failure.ts'

/** What every command of rtctl shares: how a failure looks under `--json`. */
export abstract class BaseCommand extends Command {
  /** `{"error": {"message", "next"?, "exitCode"}}` in place of oclif's own state, which is large and no promise. */
  protected override toErrorJson(error: unknown): unknown {
    const failure = describeFailure(error)
    process.exitCode = failure.exitCode
    return {error: failure}
  }
}
