// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {redactJson} from '../../../src/host/redact.ts'
import type {Plan} from '../../../src/model/migration/plan.ts'
import {UserError} from '../../../src/model/user-error.ts'
import {canonical, fingerprintOf} from '../../../src/plan/fingerprint.ts'
import {makePlan} from '../../../src/plan/make-plan.ts'
import {checkStillHolds, verifyPlan} from '../../../src/plan/verify-plan.ts'
import {renderPlanJson} from '../../../src/render/migrate/document.ts'
import {GENERATED, sampleInput, sampleNeeds} from './sample-input.ts'

const redact = (value: unknown): unknown => redactJson(value).value
const plan = makePlan(sampleInput('dockershim', 'containerd'))
const text = renderPlanJson(plan)

function refusal(act: () => unknown): UserError {
  try {
    act()
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('it was not refused')
}

describe('a stored plan', () => {
  test('is read back as it was made', () => expect(verifyPlan(text, 'plan.json', redact)).toEqual(plan))

  test.each<[string, string, string]>([
    ['cut off', text.slice(0, -400), 'may be cut off'],
    ['empty', '', 'may be cut off'],
    ['of something else', '{"schemaVersion": 1}', 'no plan of rtctl'],
    ['a list', '[]', 'no plan of rtctl'],
    ['of a later format', text.replace('rtctl-plan/1', 'rtctl-plan/2'), 'does not know'],
    ['without its steps', JSON.stringify({...plan, steps: undefined}), 'parts of it are missing'],
    ['without its fingerprint', JSON.stringify({...plan, fingerprint: undefined}), 'parts of it are missing'],
    ['edited in a file', text.replace(String.raw`root = \"/data\"`, String.raw`root = \"/evil\"`), 'was changed'],
    ['edited in a step', text.replace('docker.socket', 'sshd.socket'), 'was changed'],
    ['edited in its order', JSON.stringify({...plan, steps: plan.steps.toReversed()}), 'was changed'],
    ['with a step more', JSON.stringify({...plan, steps: [...plan.steps, plan.steps[0]]}), 'was changed'],
    ['of another node', JSON.stringify({...plan, node: 'n2'}), 'was changed'],
    ['with a member named __proto__', text.replace('{', '{"__proto__": {"steps": []},'), 'was changed'],
    ['with steps that are none', JSON.stringify(forged({steps: [null]})), 'parts of it are missing'],
    ['with files that are none', JSON.stringify(forged({files: ['/etc/passwd']})), 'parts of it are missing'],
  ])('that is %s is refused with what to do', (_, broken, message) => {
    expect(broken).not.toBe(text)
    const error = refusal(() => verifyPlan(broken, 'plan.json', redact))
    expect(error).toMatchObject({exitCode: 5, message: expect.stringContaining(message), next: expect.stringContaining('rtctl migrate')})
    expect(error.message).toContain('plan.json')
  })

  test('may have been made at another time, by another rtctl: that is not what it does', () => {
    expect(verifyPlan(JSON.stringify({...plan, made: '2000-01-01T00:00:00.000Z', rtctl: '0.0.1'}), 'plan.json', redact).node).toBe('n1')
  })
})

/** With a fingerprint that fits. */
function forged(change: object): unknown {
  const {fingerprint: _, ...rest} = {...plan, ...change} as Plan
  return {...rest, fingerprint: fingerprintOf(rest, redact)}
}

describe('a plan that is to be carried out', () => {
  test('holds while the node is as it was', () => expect(() => checkStillHolds(plan, makePlan(sampleInput('dockershim', 'containerd', {made: '2030-01-01T00:00:00.000Z'})))).not.toThrow())

  test('is refused on another node', () => {
    const needs = sampleNeeds('dockershim')
    const other = makePlan(sampleInput('dockershim', 'containerd', {needs: {...needs, node: 'n2'}}))
    expect(refusal(() => checkStillHolds(plan, other))).toMatchObject({exitCode: 5, message: 'The plan is for node n1, and this is n2.'})
  })

  test('is refused when a file has changed, and names it', () => {
    const other = makePlan(sampleInput('dockershim', 'containerd', {generated: {...GENERATED, files: GENERATED.files.slice(1)}}))
    expect(refusal(() => checkStillHolds(plan, other)).message).toContain('/etc/containerd/config.toml changed')
  })

  test('is refused when the steps are others', () => {
    const other = makePlan(sampleInput('dockershim', 'containerd', {state: {dockerContainers: []}}))
    expect(refusal(() => checkStillHolds(plan, other)).message).toContain('the steps are others now')
  })
})

test('canonical JSON does not depend on the order of members', () => {
  expect(canonical({b: [1, {d: 'x', c: null}], a: true})).toBe('{"a":true,"b":[1,{"c":null,"d":"x"}]}')
})
