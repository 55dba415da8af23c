// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../../model/user-error.ts'
import {jsonItem, jsonText} from '../../render/cri/document.ts'
import {print} from '../output.ts'
import {TextParts} from '../text-parts.ts'
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
  else if (output === 'json') for (const part of await jsonOfAnswers(answers, document)) await print(part)
  else await print(await renderDocument(await documentOfAnswers(answers, document), output, template))
}

/** Made text as they come: while the runtime answers there is time for that. */
async function jsonOfAnswers<Answer>(answers: AsyncIterable<Answer>, document: (answer: Answer) => unknown): Promise<readonly (string | Uint8Array)[]> {
  const text = new TextParts()
  let [count, last]: [number, unknown] = [0, undefined]
  for await (const answer of answers) {
    last = document(answer)
    text.add(count++ === 0 ? '[\n' : ',\n')
    text.add(jsonItem(last))
  }
  if (count === 1) return [jsonText(last)]
  text.add('\n]\n')
  return text.parts
}

/** @throws UserError where there is nothing to inspect */
export function mustFind(ids: readonly string[], what: string, verb: string): readonly string[] {
  if (ids.length > 0) return ids
  throw new UserError(`No ${what} was told, and none passes the filters.`, `Name one, or see \`rtctl cri ${verb}\` for those that are there.`, 1)
}
