// SPDX-License-Identifier: Apache-2.0
import type {Plan} from '../model/migration/plan.ts'
import {UserError} from '../model/user-error.ts'
import {fingerprintOf} from './fingerprint.ts'

/** Exit status for a precondition that does not hold. */
const REFUSED = 5
const AGAIN = 'Make a new one with `rtctl migrate --to TARGET -o json > plan.json`, and do not edit it.'
const LISTS = ['rows', 'verdicts', 'remarks', 'files', 'steps', 'interruptions', 'irreversible'] as const

/**
 * Reads a stored plan, and refuses one that is not as rtctl wrote it.
 *
 * @param name of the file, for messages
 * @param redact as for {@link fingerprintOf}
 * @throws UserError where it is cut off, of another format, or edited
 */
export function verifyPlan(text: string, name: string, redact: (value: unknown) => unknown): Plan {
  const plan = parsed(text, name)
  if (!isObject(plan) || typeof plan['format'] !== 'string' || !plan['format'].startsWith('rtctl-plan/')) {
    throw new UserError(`${name} is no plan of rtctl.`, AGAIN, REFUSED)
  }
  if (plan['format'] !== 'rtctl-plan/1') {
    throw new UserError(`${name} is a plan of the format ${plan['format'].slice(0, 40)}, which this rtctl does not know.`, `${AGAIN.slice(0, -1)}; another version of rtctl wrote this one.`, REFUSED)
  }
  const whole = LISTS.every((key) => isListOf(plan[key], key === 'irreversible' ? 'string' : 'object')) && (plan['steps'] as readonly unknown[]).every(isStep) &&
    (plan['files'] as readonly unknown[]).every((file) => isObject(file) && hasTexts(file, ['path', 'why'])) && typeof plan['node'] === 'string' && isObject(plan['target']) && isObject(plan['from'])
  if (!whole || typeof plan['fingerprint'] !== 'string') throw new UserError(`${name} is not a whole plan: parts of it are missing.`, AGAIN, REFUSED)
  const {fingerprint, ...rest} = plan as unknown as Plan
  if (fingerprintOf(rest, redact) !== fingerprint) throw new UserError(`${name} was changed after rtctl made it: its fingerprint does not fit.`, AGAIN, REFUSED)
  return plan as unknown as Plan
}

/**
 * Whether a stored plan still holds for a node.
 *
 * @param now the plan that rtctl makes of the node now, with the same target
 * @throws UserError where it is of another node, or the node has changed since
 */
export function checkStillHolds(stored: Plan, now: Plan): void {
  if (stored.node !== now.node) {
    throw new UserError(`The plan is for node ${stored.node}, and this is ${now.node}.`, `Take it to ${stored.node}, or make a plan here.`, REFUSED)
  }
  if (stored.fingerprint === now.fingerprint) return
  throw new UserError(
    `Node ${now.node} is not as it was when the plan was made (${stored.made}): ${changesBetween(stored, now)}.`,
    'Make a new plan, and look at it again.', REFUSED,
  )
}

/** In words, what is different: files first, as they are what people change. */
function changesBetween(stored: Plan, now: Plan): string {
  const files = [...new Set([...stored.files, ...now.files].map(({path}) => path))].filter((path) => {
    const [one, other] = [stored, now].map((plan) => JSON.stringify(plan.files.find((file) => file.path === path)))
    return one !== other
  })
  if (files.length > 0) return `${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${files.length - 3} more files` : ''} changed`
  const part = (['target', 'from', 'steps', 'verdicts', 'rows', 'remarks', 'irreversible'] as const).find((key) => JSON.stringify(stored[key]) !== JSON.stringify(now[key]))
  return {
    target: 'the version of its runtime changed', from: 'the runtime it is on, or what runs there, changed', steps: 'the steps are others now',
    verdicts: 'settings of the old runtime changed', rows: 'settings changed', remarks: 'what has to be known of it changed', irreversible: 'what cannot be undone changed',
  }[part ?? 'remarks']
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UserError(`${name} is no whole JSON: it may be cut off.`, AGAIN, REFUSED)
  }
}

function isListOf(value: unknown, type: 'string' | 'object'): boolean {
  return Array.isArray(value) && value.every((each) => (type === 'string' ? typeof each === 'string' : isObject(each)))
}

function isStep(value: unknown): boolean {
  return isObject(value) && hasTexts(value, ['id', 'phase', 'title', 'why']) && isObject(value['action']) && hasTexts(value['action'], ['kind'])
}

function hasTexts(value: Readonly<Record<string, unknown>>, keys: readonly string[]): boolean {
  return keys.every((key) => typeof value[key] === 'string')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
