// SPDX-License-Identifier: Apache-2.0
import type {LiveHost} from '../host/live-host.ts'
import {recordHost} from '../host/recording-host.ts'
import type {Snapshot} from '../host/snapshot-format.ts'
import {snapshotLines} from '../host/snapshot-format.ts'
import {writeSnapshot} from '../host/snapshot-file.ts'
import type {Gap, InspectReport} from '../model/chain.ts'
import {collectFacts} from '../probes/collect.ts'
import {collectNodeFacts} from '../probes/node/collect.ts'
import {reportOf} from './inspect-host.ts'
import {readForMigration} from './migrate/read-for-migration.ts'

/** A recorded host, and the report it replays to. */
export interface Recording {
  readonly snapshot: Snapshot
  readonly report: InspectReport
}

/** What a snapshot holds, in numbers and lists: what the user is told, and the data behind `--json`. */
export interface SnapshotSummary {
  readonly hostname?: string
  readonly capturedAt: string
  /** answers by outcome */
  readonly records: {readonly total: number; readonly ok: number; readonly absent: number; readonly unreadable: number}
  /** what is missing for a whole report */
  readonly gaps: readonly Gap[]
  readonly redacted: Snapshot['redacted']
}

/** Reads a host and keeps every answer it gave, exactly what `rtctl inspect`, `rtctl preflight` and `rtctl migrate` read and nothing else. */
export async function recordSnapshot(live: LiveHost, options: {readonly rtctlVersion: string; readonly now: Date}): Promise<Recording> {
  const {host, records} = recordHost(live)
  const facts = await collectFacts(host)
  readForMigration(host, facts, await collectNodeFacts(host, facts))
  const report = reportOf(facts, {rtctlVersion: options.rtctlVersion})
  const hostname = report.host.name
  return {
    report,
    snapshot: {
      rtctl: options.rtctlVersion,
      capturedAt: options.now.toISOString(),
      ...(hostname !== '' && {hostname}),
      records,
      redacted: live.redactions(),
    },
  }
}

/** Writes the recording to a file, see {@link writeSnapshot}. */
export function saveRecording(file: string, recording: Recording): void {
  writeSnapshot(file, recording.snapshot)
}

/** The recording as text, line by line. */
export function recordingLines(recording: Recording): Iterable<string> {
  return snapshotLines(recording.snapshot)
}

/** `rtctl-HOSTNAME-DATE.jsonl`, with nothing in it that a file name or a shell would trip over. */
export function snapshotFileName({snapshot}: Recording): string {
  const host = (snapshot.hostname ?? '').replaceAll(/[^A-Za-z0-9.-]+/g, '-').replaceAll(/^[.-]+|[.-]+$/g, '').slice(0, 64)
  const date = snapshot.capturedAt.replaceAll(/[-:]|\.\d+/g, '')
  return `rtctl-${host === '' ? 'host' : host}-${date}.jsonl`
}

/** Counts what was recorded. */
export function summarise({snapshot, report}: Recording): SnapshotSummary {
  const {hostname, capturedAt, records, redacted} = snapshot
  const counts = {total: 0, ok: 0, absent: 0, unreadable: 0}
  for (const {outcome} of records.sorted()) {
    counts.total++
    counts[outcome.state]++
  }
  return {...(hostname !== undefined && {hostname}), capturedAt, records: counts, gaps: report.chain.gaps, redacted}
}
