// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {Ajv2020} from 'ajv/dist/2020.js'
import {CORE_SCHEMA, defineScalarTag, load} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import {type Action, PHASES, type Plan} from '../../../../src/model/migration/plan.ts'
import {makePlan} from '../../../../src/plan/make-plan.ts'
import {renderAnsible} from '../../../../src/render/migrate/ansible.ts'
import {diffOf} from '../../../../src/render/migrate/diff.ts'
import {planDocument, renderPlanJson, renderPlanYaml} from '../../../../src/render/migrate/document.ts'
import {renderPlan} from '../../../../src/render/migrate/human.ts'
import {renderPlanMarkdown} from '../../../../src/render/migrate/markdown.ts'
import {renderScript} from '../../../../src/render/migrate/script.ts'
import {createStyle} from '../../../../src/render/style.ts'
import {visible} from '../../../../src/render/visible.ts'
import {GENERATED, NOTHING, sampleInput, sampleNeeds} from '../../plan/sample-input.ts'

const PLAIN = createStyle({color: false})
const plan = makePlan(sampleInput('dockershim', 'containerd'))
const text = (of: Plan, options: {readonly width?: number; readonly color?: boolean; readonly next?: string} = {}): string =>
  renderPlan(of, {style: createStyle({color: options.color ?? false}), width: options.width ?? 80, next: options.next ?? 'sudo rtctl migrate --to containerd --apply'})

/** A plan whose every text was written by a stranger. */
const EVIL = '\u001B[2J\u202E <script>alert(1)</script> | **bold** `x` {{ 7 * 7 }} @team\n# head\nlast'
function evilPlan(): Plan {
  const needs = sampleNeeds('dockershim')
  const setting = {value: EVIL, source: EVIL}
  return makePlan(sampleInput('dockershim', 'containerd', {
    needs: {
      ...needs, node: EVIL, kubelet: {...needs.kubelet, nodeName: EVIL}, remarks: [{level: 'note', text: EVIL, next: EVIL, source: EVIL}, {level: 'blocker', text: EVIL, id: EVIL}],
      verdicts: needs.verdicts.map((verdict) => ({...verdict, setting: EVIL, value: EVIL, source: EVIL})),
    },
    generated: {files: [{path: `/etc/${EVIL}`, text: EVIL, mode: 0o644, why: EVIL, part: 'runtime'}], rows: [{name: EVIL, declared: setting, effective: {...setting, value: 'x'}, after: setting}], remarks: []},
    gaps: [{what: EVIL, source: EVIL, reason: EVIL, next: EVIL}],
  }))
}

describe('the plan as text', () => {
  test('says in its first line which node goes from where to where', () => expect(text(plan).split('\n')[0]).toBe('n1: dockershim (Docker 20.10.24) → containerd 1.6.20'))

  test('names every step, in order', () => {
    const told = [...text(plan, {width: 100}).matchAll(/^ +(\d+) {2}(.+)$/gm)].map(([, number, title]) => `${number} ${title}`)
    expect(told).toEqual(plan.steps.map(({title}, index) => `${index + 1} ${title}`))
  })

  test('fits the terminal, but for paths and the lines of files, which are never broken', () => {
    for (const width of [60, 80, 100]) {
      const [upTo = ''] = text(plan, {width}).split('\nFiles (')
      expect(upTo.split('\n').filter((line) => [...line].length > width && line.trim().includes(' '))).toEqual([])
    }
  })

  test('tells each loss, each setting without equivalent and what to do, and what cannot be undone', () => {
    const told = text(plan)
    expect(told).toContain('Lost (1)')
    expect(told).toMatch(/Without equivalent in containerd \(1\)\n {2}! daemon\.json bip = 172\.26\.0\.1\/16/)
    expect(told).toContain('A rollback does not bring back')
  })

  test('has each file as a difference', () => {
    const told = text(plan)
    for (const {path} of GENERATED.files) expect(told).toContain(`  ${path}  `)
    expect(told).toContain('  /etc/containerd/config.toml  changed\n')
    expect(told).toContain('      version = 2\n    + root = "/data"\n')
    expect(told).toContain('new, mode 0644')
  })

  test('ends with the command that comes next, with the ids that have to be accepted', () => {
    expect(text(plan).trimEnd().split('\n').at(-1)).toBe('  sudo rtctl migrate --to containerd --apply')
    const blocked = makePlan(sampleInput('dockershim', 'containerd', {remarks: [{level: 'blocker', text: 'x', id: 'cgroup-v1'}]}))
    expect(text(blocked).trimEnd().split('\n').at(-1)).toBe('  sudo rtctl migrate --to containerd --apply --accept cgroup-v1')
  })

  test('offers no command while something stands in the way that nobody can accept', () => {
    const blocked = makePlan(sampleInput('dockershim', 'containerd', {remarks: [{level: 'blocker', text: 'the moon is full'}]}))
    expect(text(blocked)).toContain('In the way (1)')
    expect(text(blocked)).not.toContain('--apply\n')
  })

  test('says of a node that is there that there is nothing to do', () => {
    const done = makePlan(sampleInput('containerd', 'containerd', {generated: {...GENERATED, files: []}, needs: {...sampleNeeds('containerd'), remarks: []}, state: {dockerRuns: false}}))
    expect(text(done)).toBe('n1: containerd 1.6.20\nNothing to do: the node is set up for containerd.\n')
  })

  test('folds a long difference and long lists', () => {
    const long = {...GENERATED.files[0]!, text: Array.from({length: 500}, (_, index) => `line ${index}\n`).join('')}
    expect(text(makePlan(sampleInput('dockershim', 'containerd', {generated: {...GENERATED, files: [long]}})))).toMatch(/… and \d+ lines more; `--out DIR`/)
    const remarks = Array.from({length: 100}, (_, index) => ({level: 'note' as const, text: `remark ${index}`}))
    expect(text(makePlan(sampleInput('dockershim', 'containerd', {remarks})))).toContain('remarks more')
  })

  test('has colour only where it is wanted', () => {
    expect(text(plan, {color: true})).toContain('\u001B[')
    expect(text(plan)).not.toContain('\u001B')
  })
})

describe('a plan that a stranger wrote into', () => {
  const evil = evilPlan()
  test.each([
    ['text', () => renderPlan(evil, {style: PLAIN, width: 80, next: 'x'})], ['Markdown', () => renderPlanMarkdown(evil)], ['a script', () => renderScript(evil)],
    ['a playbook', () => renderAnsible(evil)], ['JSON', () => renderPlanJson(evil)], ['YAML', () => renderPlanYaml(evil)],
  ])('shows no control character as %s', (_, render) => {
    const shown = render().replaceAll(/[\n\t]/g, '')
    expect(visible(shown)).toBe(shown)
  })

  test('begins no line of the text or of Markdown', () => {
    expect(renderPlan(evil, {style: PLAIN, width: 80}).split('\n').filter((line) => line.startsWith('# head'))).toEqual([])
    const [outside = ''] = renderPlanMarkdown(evil).split('## Files')
    expect(outside).not.toMatch(/^# head/m)
    expect(outside).not.toMatch(/<script|\*\*bold|@team/)
  })
})

interface Play {
  readonly name: string
  readonly hosts: string
  readonly tasks: readonly Readonly<Record<string, unknown>>[]
}

describe('the playbook', () => {
  const schema = CORE_SCHEMA.withTags(defineScalarTag('!unsafe', {resolve: (source: string) => ({unsafe: source}), identify: () => false}))
  const read = (of: Plan): Play => (load(renderAnsible(of), {schema}) as readonly Play[])[0]!

  test('is YAML, with a task for each step in its order, of built-in modules alone', () => {
    const {tasks, hosts} = read(plan)
    expect(hosts).toBe('n1')
    const numbers = tasks.flatMap(({name}) => /^(\d+)\//.exec(String(name))?.[1] ?? []).map(Number)
    expect([...new Set(numbers)]).toEqual(plan.steps.map((_, index) => index + 1))
    for (const task of tasks) expect(Object.keys(task).filter((key) => key !== 'name').every((key) => key.startsWith('ansible.builtin.'))).toBe(true)
  })

  test('writes the files that were planned', () => {
    const copies = read(plan).tasks.flatMap((task) => (task['ansible.builtin.copy'] as {dest: string; content: string} | undefined) ?? [])
    expect(copies.map(({dest, content}) => [dest, content])).toEqual(plan.steps.flatMap(({action}) => (action.kind === 'write-file' ? [[action.path, action.text]] : [])))
  })

  test('gives Ansible nothing of the node to run as a template', () => {
    const bare: string[] = []
    const look = (value: unknown): void => {
      if (typeof value === 'string' && /\{[{%#]/.test(value)) bare.push(value)
      else if (typeof value === 'object' && value !== null && !('unsafe' in value)) Object.values(value).forEach(look)
    }
    const evil = evilPlan()
    look(read(evil))
    expect(bare).toEqual([])
    const copied = read(evil).tasks.map((task) => task['ansible.builtin.copy'] as {content: {unsafe: string}} | undefined).find((copy) => copy !== undefined)
    expect(copied?.content.unsafe).toBe(EVIL)
  })

  test('fails at first where something is in the way', () => {
    expect(read(evilPlan()).tasks[0]).toHaveProperty('ansible.builtin.fail')
    expect(read(plan).tasks[0]).not.toHaveProperty('ansible.builtin.fail')
  })
})

describe('the plan as data', () => {
  const schema = JSON.parse(readFileSync(new URL('../../../../schemas/plan.schema.json', import.meta.url), 'utf8')) as {
    readonly properties: Readonly<Record<string, {readonly items?: {readonly properties: Readonly<Record<string, {readonly enum?: readonly string[]}>>}}>>
    readonly $defs: {readonly Action: {readonly oneOf: readonly {readonly properties: {readonly kind: {readonly const: string}}}[]}}
  }
  const validate = new Ajv2020({strict: true}).compile(schema)

  test.each([
    ['from Docker', plan], ['in place', makePlan(sampleInput('containerd', 'containerd'))], ['with another answer', makePlan(sampleInput('cri-o', 'cri-dockerd', {asked: {keepDocker: true, version: '1', kubernetes: '1.30'}}))],
    ['without steps', makePlan(sampleInput('containerd', 'containerd', {generated: NOTHING}))], ['of a stranger', evilPlan()],
  ])('is as the JSON Schema says: %s', (_, of) => {
    validate(JSON.parse(renderPlanJson(of)))
    expect(validate.errors).toBeNull()
  })

  test('refuses what the schema does not know', () => {
    expect(validate({...plan, surprise: 1})).toBe(false)
    expect(validate({...plan, steps: [{...plan.steps[0], action: {kind: 'reboot'}}]})).toBe(false)
  })

  test('has all that is in it, in one order, as JSON and as YAML', () => {
    expect(JSON.parse(renderPlanJson(plan))).toEqual(plan)
    expect(load(renderPlanYaml(plan))).toEqual(plan)
    const reversed = Object.fromEntries(Object.entries(plan).toReversed()) as unknown as Plan
    expect(renderPlanJson(reversed)).toBe(renderPlanJson(plan))
    expect(Object.keys(planDocument(plan) as object).slice(0, 5)).toEqual(['format', 'node', 'rtctl', 'made', 'fingerprint'])
  })

  test('has the phases and the kinds of actions of the types', () => {
    expect(schema.properties['steps']?.items?.properties['phase']?.enum).toEqual(PHASES)
    // Checked by the compiler: a kind that is missing or made up does not compile.
    const kinds: Readonly<Record<Exclude<Action['kind'], 'restore-file' | 'restore-unit' | 'start-docker-containers' | 'remove-cri-images' | 'restore-firewall'>, true>> = {
      'write-file': true, unit: true, 'reload-units': true, cordon: true, drain: true, uncordon: true, 'annotate-node': true, 'move-images': true, 'remove-docker-pods': true,
      'stop-docker-containers': true, 'remove-cri-pods': true, 'clear-path': true, 'forward-policy': true, 'remove-docker-chains': true, 'remove-link': true, sysctl: true,
      'load-module': true, 'wait-cri': true, 'wait-node': true, 'compare-pods': true,
    }
    expect(schema.$defs.Action.oneOf.map(({properties}) => properties.kind.const).toSorted()).toEqual(Object.keys(kinds).toSorted())
  })
})

describe('the difference of a file', () => {
  const file = {path: '/a', mode: 0o644, why: 'x', part: 'runtime'} as const
  const lines = (before: string | undefined, after: string | undefined): readonly string[] =>
    diffOf({...file, ...(before !== undefined && {before}), ...(after !== undefined && {text: after})}).map(({mark, text: line}) => mark + line)

  test('is all new, all gone, or what changed with its surroundings', () => {
    expect(lines(undefined, 'a\nb\n')).toEqual(['+a', '+b'])
    expect(lines('a\n', undefined)).toEqual(['-a'])
    expect(lines('1\n2\n3\n4\n5\n6\n', '1\n2\n3\n4\nV\n6\n')).toEqual(['@line 3', ' 3', ' 4', '-5', '+V', ' 6'])
  })

  test('tells of a line feed that is missing at the end', () => expect(lines('a', 'a\n').some((line) => line.includes('No newline'))).toBe(true))

  test('of texts that have nothing in common is not looked for without end', () => {
    const many = (word: string): string => Array.from({length: 20_000}, (_, index) => `${word}${index}\n`).join('')
    expect(lines(many('a'), many('b'))).toHaveLength(40_000)
  })
})
