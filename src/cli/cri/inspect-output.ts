// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../../model/user-error.ts'
import {jsonArray, jsonItem, jsonText} from '../../render/cri/document.ts'
import {print} from '../output.ts'
import type {CriFormat} from './output.ts'
import {renderDocument} from './output.ts'

/** How the answers about several things are told. */
export interface AnswerForms<Answer> {
  readonly document: (answer: Answer) => unknown
  readonly table: (answer: Answer) => string
}

/** crictl's document of several answers: of one alone it is no array. */
export async function documentOfAnswers<Answer>(answers: AsyncIterable<Answer>, document: (answer: Answer) => unknown): Promise<unknown> {
  const documents: unknown[] = []
  for await (const answer of answers) documents.push(document(answer))
  return documents.length === 1 ? documents[0] : documents
}

/** Prints answers in the form that was asked for: tables as they come, documents when all are there. */
export async function printAnswers<Answer>(
  answers: AsyncIterable<Answer>, {document, table}: AnswerForms<Answer>, {output, template}: {readonly output: CriFormat; readonly template?: string | undefined},
): Promise<void> {
  if (output === 'table') for await (const answer of answers) await print(table(answer))
  else if (output === 'json') await print(await jsonOfAnswers(answers, document))
  else await print(await renderDocument(await documentOfAnswers(answers, document), output, template))
}

/** Made text as they come: while the runtime answers there is time for that. */
async function jsonOfAnswers<Answer>(answers: AsyncIterable<Answer>, document: (answer: Answer) => unknown): Promise<string> {
  const items: string[] = []
  let last: unknown
  for await (const answer of answers) {
    last = document(answer)
    items.push(jsonItem(last))
  }
  return items.length === 1 ? jsonText(last) : jsonArray(items)
}

/** @throws UserError where there is nothing to inspect */
export function mustFind(ids: readonly string[], what: string, verb: string): readonly string[] {
  if (ids.length > 0) return ids
  throw new UserError(`No ${what} was told, and none passes the filters.`, `Name one, or see \`rtctl cri ${verb}\` for those that are there.`, 1)
}
