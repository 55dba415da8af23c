// SPDX-License-Identifier: Apache-2.0
import {buildChain} from '../chain/build.ts'
import {locate} from '../chain/locate.ts'
import type {InspectReport} from '../model/chain.ts'
import type {Facts} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import type {Location} from '../model/location.ts'
import {valueOf} from '../model/observed.ts'
import {collectFacts} from '../probes/collect.ts'

export interface InspectOptions {
  /** version of rtctl, as in package.json */
  readonly rtctlVersion: string
}

/** Reads a host and says what really runs there. What could not be read is in `chain.gaps`; only a bug throws. */
export async function inspectHost(host: Host, options: InspectOptions): Promise<InspectReport> {
  return reportOf(await collectFacts(host), options)
}

/** Whom a process of the host belongs to; undefined where it has no such process. */
export async function inspectProcess(host: Host, options: InspectOptions, pid: number): Promise<Location | undefined> {
  const facts = await collectFacts(host)
  return locate(facts, reportOf(facts, options).chain, pid)
}

/** The report of facts that are collected already. Pure. */
export function reportOf(facts: Facts, {rtctlVersion}: InspectOptions): InspectReport {
  const {hostname, os, kernel, architecture, reader} = facts.machine
  const optional = {os: valueOf(os), kernel: valueOf(kernel), architecture: valueOf(architecture), time: valueOf(reader)?.time}
  return {
    schemaVersion: 1,
    rtctl: rtctlVersion,
    host: {name: valueOf(hostname) ?? 'unknown host', ...withoutUndefined(optional)},
    chain: buildChain(facts),
  }
}

function withoutUndefined<T extends Readonly<Record<string, string | undefined>>>(values: T): {readonly [Key in keyof T]?: string} {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {[Key in keyof T]?: string}
}
