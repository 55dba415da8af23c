// SPDX-License-Identifier: Apache-2.0
import type {Json, JsonObject} from '../model/json.ts'
import type {Client, Failure} from './client.ts'

export type Page =
  | {readonly ok: true; readonly apiVersion: string; readonly items: readonly Json[]}
  | {readonly ok: false; readonly failure: Failure}

/** The most objects of a page: what kubectl asks for. */
export const PAGE_LIMIT = 500
/** What a page should have: objects of a MiB each come a few at a time. */
const PAGE_BYTES = 4 * 2 ** 20
const RESTARTS = 3
/** Of one list, for a server that never comes to an end: 5 million objects. */
const MOST_PAGES = 10_000

/**
 * The objects of a list, a page at a time; the last page is a failure where the list is not complete. No object comes twice, even
 * where a list expires on the way and is read anew.
 *
 * @param path of the list, without query
 * @param limit objects of the first page; those after it are as large as objects are small
 * @param selector of labels: `app=web,tier=front`
 * @param most objects of any page
 */
export async function* pagesOf(client: Client, path: string, limit = PAGE_LIMIT, selector = '', most = PAGE_LIMIT): AsyncGenerator<Page> {
  const selected = selector === '' ? '' : `&labelSelector=${encodeURIComponent(selector)}`
  let [size, token, last, sorted, again, restarts] = [limit, '', '', true, false, 0]
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const got = await client.get(`${path}?limit=${size}${selected}${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`)
    if (!got.ok) {
      const goesOn = got.failure.token !== undefined || sorted
      if (got.failure.kind === 'expired' && goesOn && restarts < RESTARTS) {
        restarts++
        token = got.failure.token ?? ''
        again = true
        continue
      }
      if (got.failure.kind === 'too-large' && size > 1) {
        size = Math.ceil(size / 8)
        continue
      }
      yield got
      return
    }
    const {value, bytes} = got
    const items = value['items']
    if (!Array.isArray(items)) {
      // A typed list of Go that has nothing to list.
      if (items !== null) yield malformed('a list without items')
      return
    }
    const list = items as readonly Json[]
    // The server lists in the order of its keys, and so tells what was there before the list began anew.
    const fresh = again && sorted ? list.filter((item) => keyOf(item) > last) : list
    yield {ok: true, apiVersion: text(value['apiVersion']), items: fresh}
    for (const item of fresh) {
      const key = keyOf(item)
      if (key < last) sorted = false
      else last = key
    }
    const next = continueOf(value)
    if (next === '') return
    if (next === token) {
      yield malformed('a list that does not go on')
      return
    }
    token = next
    size = Math.max(1, Math.min(most, Math.floor((PAGE_BYTES * list.length) / Math.max(1, bytes))))
  }
  yield malformed(`a list of more than ${MOST_PAGES} pages`)
}

function malformed(detail: string): Page {
  return {ok: false, failure: {kind: 'malformed', detail}}
}

function continueOf(list: JsonObject): string {
  return text(metadataOf(list)['continue'])
}

function keyOf(item: Json): string {
  const {namespace, name} = metadataOf(item)
  return `${text(namespace)}/${text(name)}`
}

function metadataOf(item: Json): JsonObject {
  const metadata = isObject(item) ? item['metadata'] : undefined
  return metadata !== undefined && isObject(metadata) ? metadata : {}
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
