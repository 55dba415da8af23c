// SPDX-License-Identifier: Apache-2.0
import type {Generated, SettingRow, Target, TargetFiles, Wanted} from '../../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import {isAtLeast} from '../../model/version.ts'
import {existingAt, fileUnlessSame, unreadableRemark} from '../lib/existing.ts'
import {joinGenerated} from '../lib/generated.ts'
import {CannotEditToml, openToml} from '../toml/document.ts'
import {setToml} from '../toml/edit.ts'
import type {TomlValue} from '../toml/value.ts'
import type {NewValue} from '../toml/write.ts'
import {type CrioFile, DROP_INS, isLater, MAIN, OWN, readCrioConfig, saidAt} from './existing-config.ts'
import {registries, REGISTRIES_WANTED} from './registries.ts'
import {type Wish, wishesOf} from './settings.ts'
import {units, UNITS_WANTED} from './units.ts'

const POLICY = '/etc/containers/policy.json'
const STORAGE = '/etc/containers/storage.conf'
const HEAD = '# Written by rtctl: what the node needs of CRI-O, as its runtime before had it.\n'

/** CRI-O's configuration, that of containers/image beside it, and its unit. */
export function wanted(_needs: NodeNeeds, _target: Target): Wanted {
  return {
    files: [MAIN, OWN, POLICY, STORAGE, ...REGISTRIES_WANTED.files, ...UNITS_WANTED.files],
    patterns: [DROP_INS, ...REGISTRIES_WANTED.patterns, ...UNITS_WANTED.patterns],
  }
}

/** A drop-in with what other files of CRI-O do not say yet, registries, a policy where there is none, and drop-ins of the unit. */
export function generate(needs: NodeNeeds, target: Target, files: TargetFiles): Generated {
  const config = readCrioConfig(files)
  const isKnown = config.remarks.length === 0
  return joinGenerated([
    {remarks: [...versionRemarks(needs, target), ...config.remarks]},
    isKnown ? dropIn(needs, target, config.files, files) : {},
    registries(needs, files),
    isKnown ? policy(config.files, files) : {},
    storage(needs, files),
    units(needs, files),
  ])
}

/** CRI-O serves CRI v1 only from 1.26 on, and kubelets before 1.23 know v1alpha2 only (CRI-O 1.26, vendored cri-api; kubernetes CHANGELOG-1.23). */
function versionRemarks({kubelet, from}: NodeNeeds, {version}: Target): readonly Remark[] {
  const next = kubelet.version ?? from.versions.kubelet
  if (version === undefined || next === undefined || !isAtLeast(version, '1.26') || isAtLeast(next, '1.23')) return []
  return [{level: 'blocker', text: `CRI-O ${version} does not serve CRI v1alpha2, and a kubelet ${next} knows nothing else`,
    next: 'Install CRI-O 1.25 or earlier, or go to Kubernetes 1.24 in the same step.'}]
}

// ---------------------------------------------------------------- crio.conf.d

function dropIn(needs: NodeNeeds, target: Target, others: readonly CrioFile[], files: TargetFiles): Partial<Generated> {
  const own = existingAt(files, OWN)
  if (own.state === 'unreadable') return {remarks: [unreadableRemark(OWN, own)]}
  const {wishes, remarks} = wishesOf(needs, target, others)
  const open = wishes.filter((wish) => !isSaid(wish, others, needs))
  const rows = rowsOf(wishes, open, others)
  const against = open.flatMap((wish) => contradiction(wish, others))
  try {
    const text = open.reduce((document, {path, value}) => setToml(document, path, value), openToml(own.state === 'ok' ? own.text : HEAD)).text
    const file = {path: OWN, text, mode: 0o644, why: 'What the node needs of CRI-O and no other file says.', part: 'runtime'} as const
    return {files: open.length === 0 ? [] : fileUnlessSame(own, file), rows, remarks: [...remarks, ...against]}
  } catch (error) {
    if (!(error instanceof CannotEditToml)) throw error
    return {rows, remarks: [...remarks, {level: 'blocker', text: `${OWN} cannot be edited: ${error.message}`,
      next: 'Remove the file, which is rtctl\'s own, and plan again.', source: OWN}]}
  }
}

/**
 * Whether other files say it. Of a node that runs on CRI-O, what no file says is CRI-O's default, and was found there. What another
 * file says of a soft wish is what somebody wanted.
 */
function isSaid({path, value, soft}: Wish, others: readonly CrioFile[], {from}: NodeNeeds): boolean {
  const said = saidAt(others, path)
  if (said === undefined) return from.runtime === 'cri-o'
  return soft === true || sameValue(said.value, value)
}

/** A folder is the same with and without a slash at its end. */
function sameValue(one: TomlValue, other: NewValue): boolean {
  const number = (_key: string, member: unknown) => (typeof member === 'bigint' ? Number(member) : member)
  const plain = (value: unknown) => JSON.stringify(Array.isArray(value) ? value.map(trimmed) : trimmed(value), number)
  return plain(one) === plain(other)
}

function trimmed(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith('/') ? value.replace(/(?<=.)\/+$/, '') : value
}

/** A file that CRI-O reads later has the last word. */
function contradiction({name, path, value}: Wish, others: readonly CrioFile[]): readonly Remark[] {
  const said = saidAt(others.filter((file) => isLater(file.path)), path)
  if (said === undefined || sameValue(said.value, value)) return []
  return [{
    level: 'blocker', text: `${said.path} is read after ${OWN} and says something else of the ${name}: ${path.join('.')}`,
    next: `Take ${path.at(-1) ?? ''} out of ${said.path}, or rename it so that it sorts before 99, and plan again.`, source: said.path,
  }]
}

/** One row a name: several keys may make one setting. */
function rowsOf(wishes: readonly Wish[], open: readonly Wish[], others: readonly CrioFile[]): readonly SettingRow[] {
  return [...Map.groupBy(wishes, ({name}) => name)].map(([name, all]) => {
    const wish = all[0]
    const key = (path: string) => `${path} ${wish?.path.slice(1).join('.') ?? ''}`
    const isOpen = wish !== undefined && open.includes(wish)
    const said = wish === undefined ? undefined : saidAt(others, wish.path)
    const source = isOpen ? key(OWN) : said === undefined ? 'default of CRI-O' : key(said.path)
    return {name, ...(wish?.declared !== undefined && {declared: wish.declared}), after: {value: inWords(isOpen || said === undefined ? wish?.value : said.value), source}}
  })
}

function inWords(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(', ') : String(value)
}

// ---------------------------------------------------------------- files that containers/image and containers/storage read

/** Without a policy every pull fails. What CRI-O's own configuration names is used instead of the common one (crio.conf(5), signature_policy). */
function policy(others: readonly CrioFile[], files: TargetFiles): Partial<Generated> {
  const existing = existingAt(files, POLICY)
  const named = saidAt(others, ['crio', 'image', 'signature_policy'])
  if (existing.state === 'unreadable') return {remarks: [unreadableRemark(POLICY, existing)]}
  if (existing.state === 'ok' || (named !== undefined && named.value !== '')) return {}
  const text = `${JSON.stringify({default: [{type: 'insecureAcceptAnything'}]}, undefined, 2)}\n`
  return {
    files: fileUnlessSame(existing, {
      path: POLICY, text, mode: 0o644, why: 'CRI-O pulls no image without a policy; this one accepts all, signed or not, as Docker does.', part: 'runtime',
    }),
    remarks: [{
      level: 'note', text: `${POLICY} is not there and is made so that every image is accepted, signed or not, as Docker does (insecureAcceptAnything)`,
      next: 'Write a stricter policy where images have to be signed.', source: POLICY,
    }],
  }
}

/** podman and skopeo look where storage.conf says: where there is none they would look in another place than CRI-O's. */
function storage({dataRoot, from}: NodeNeeds, files: TargetFiles): Partial<Generated> {
  if (dataRoot === undefined || from.runtime === 'cri-o') return {}
  const existing = existingAt(files, STORAGE)
  if (existing.state === 'unreadable') return {remarks: [unreadableRemark(STORAGE, existing)]}
  if (existing.state === 'absent') {
    try {
      const text = [['driver', 'overlay'], ['runroot', '/run/containers/storage'], ['graphroot', dataRoot.value]]
        .reduce((document, [key = '', value = '']) => setToml(document, ['storage', key], value), openToml('# Written by rtctl: CRI-O\'s images lie here.\n')).text
      return {files: [{path: STORAGE, text, mode: 0o644, why: 'Has skopeo and podman look for images where CRI-O keeps them.', part: 'runtime'}]}
    } catch (error) {
      if (error instanceof CannotEditToml) return {}
      throw error
    }
  }
  return {remarks: [{
    level: 'note', text: `${STORAGE} is there and stays as it is; CRI-O keeps its images in ${dataRoot.value.slice(0, 200)}, skopeo and podman where that file says`,
    next: `Set graphroot there to the same folder, if nothing else uses it.`, source: STORAGE,
  }]}
}
