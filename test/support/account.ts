// SPDX-License-Identifier: Apache-2.0
import type {Reporter, TestCase, TestModule, TestSpecification, Vitest} from 'vitest/node'

/** What became of the tests of one project. */
export interface Tally {
  readonly project: string
  readonly passed: number
  /** full name and the first line of its last error, of each */
  readonly failed: readonly {readonly name: string; readonly reason: string}[]
  /** full names of those that failed first and passed when they were tried again */
  readonly unsteady: readonly string[]
  /** full name and reason of each */
  readonly skipped: readonly {readonly name: string; readonly reason: string}[]
}

/**
 * A vitest reporter that accounts for every test: it ends the run with one line per project, prints each skipped test
 * with its reason, and fails a run in which a project or file ran nothing, or (in CI) in which a test was skipped.
 */
export class Account implements Reporter {
  #expected: readonly string[] = []

  #vitest: Vitest | undefined
  readonly #everyProject: boolean

  /** @param everyProject whether a project for which there is no test file at all fails the run */
  constructor(everyProject: boolean) {
    this.#everyProject = everyProject
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    const projects = this.#everyProject ? (this.#vitest?.projects ?? []) : specifications.map(({project}) => project)
    this.#expected = [...new Set(projects.map(({name}) => name))]
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tallies = this.#expected.map((project) => tallyOf(project, modules))
    process.stdout.write(`${accountOf(tallies).join('\n')}\n`)
    const complaints = complaintsAbout(tallies, Boolean(process.env['CI']))
    if (complaints.length > 0) {
      process.stdout.write(`\n${complaints.join('\n')}\n`)
      process.exitCode = 1
    }
  }
}

function tallyOf(project: string, modules: readonly TestModule[]): Tally {
  const tests = modules.filter((module) => module.project.name === project).flatMap((module) => [...module.children.allTests()])
  const passed = tests.filter((test) => test.result().state === 'passed').length
  const failed = tests.flatMap((test) => {
    const {state, errors} = test.result()
    return state === 'failed' ? [{name: nameOf(test), reason: firstLine(errors?.at(-1)?.message)}] : []
  })
  const skipped = tests.flatMap((test) => {
    const result = test.result()
    if (result.state === 'passed' || result.state === 'failed') return []
    return [{name: nameOf(test), reason: noteOf(result) ?? 'no reason given'}]
  })
  const unsteady = tests.filter((test) => test.diagnostic()?.flaky === true).map(nameOf)
  return {project, passed, failed, unsteady, skipped}
}

function firstLine(message = ''): string {
  return message.trim().split('\n')[0] || 'no message'
}

function nameOf({module, fullName}: TestCase): string {
  return `${module.relativeModuleId} > ${fullName}`
}

function noteOf(result: {readonly state: string; readonly note?: string | undefined}): string | undefined {
  return result.state === 'pending' ? 'did not run' : result.note
}

/** The closing lines: one per project, then the tests that failed, that passed the second time only, and the skipped ones. */
export function accountOf(tallies: readonly Tally[]): string[] {
  const [failed, skipped] = [tallies.flatMap((tally) => tally.failed), tallies.flatMap((tally) => tally.skipped)]
  const unsteady = tallies.flatMap((tally) => tally.unsteady)
  return [
    ...tallies.map((tally) =>
      [tally.project.padEnd(9), ...counts(tally)]
        .filter(Boolean)
        .join('  '),
    ),
    ...(failed.length > 0 ? ['', 'Failed:', ...failed.map(({name, reason}) => `  ${name}\n    ${reason}`)] : []),
    ...(unsteady.length > 0 ? ['', 'Passed only when tried again:', ...unsteady.map((name) => `  ${name}`)] : []),
    ...(skipped.length > 0 ? ['', 'Skipped:', ...skipped.map(({name, reason}) => `  ${name}\n    ${reason}`)] : []),
  ]
}

function counts({passed, failed, skipped}: Tally): (string | false)[] {
  return [`${passed} passed`, failed.length > 0 && `${failed.length} failed`, skipped.length > 0 && `${skipped.length} skipped`]
}

/** Why a run without a failed test is still no good one. */
export function complaintsAbout(tallies: readonly Tally[], ci: boolean): string[] {
  const idle = tallies.filter(({passed, failed, skipped}) => passed + failed.length === 0 && (ci || skipped.length === 0))
  const skipped = tallies.reduce((sum, tally) => sum + tally.skipped.length, 0)
  return [
    ...idle.map(({project}) => `FAIL: the project "${project}" ran no test.`),
    ...(ci && skipped > 0 ? [`FAIL: ${skipped} tests were skipped, and in CI every test must run.`] : []),
  ]
}
