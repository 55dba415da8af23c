// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {CriError} from '../../cri/errors.ts'
import {UserError} from '../../model/user-error.ts'
import type {Endpoint} from './endpoint.ts'

/**
 * Cause and next step of a call that failed.
 *
 * @param connection asked for what the sentence needs, such as ids near one that is not there
 */
export async function explainCriError(error: CriError, endpoint: Endpoint, _connection: CriConnection | undefined): Promise<UserError> {
  return new UserError(`${error.call?.method ?? 'The call'} failed at ${endpoint.url} (${endpoint.why}): ${error.message}.`, 'See `rtctl inspect`.', 1)
}
