// SPDX-License-Identifier: Apache-2.0
import {visible} from '../visible.ts'

const ENTITIES: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'}

/** Host text for HTML or SVG, as content or inside a quoted attribute: entities, and control characters made visible. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!)
}

/** Lines of an HTML element, empty ones left out. */
export function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n')
}
