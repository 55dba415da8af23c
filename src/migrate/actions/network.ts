// SPDX-License-Identifier: Apache-2.0
import type {Action} from '../../model/migration/plan.ts'
import {type Handler, nothingToUndo} from '../handler.ts'
import {splitRule} from '../iptables.ts'
import {type Files, type Machine, NoProgram, ProgramFailed} from '../machine.ts'

/** Docker 27 makes its chains for IPv6 as well. */
const FAMILIES = ['iptables', 'ip6tables'] as const
const TABLES = ['filter', 'nat', 'raw'] as const

export const forwardPolicy: Handler<'forward-policy'> = {
  // A plan has this step only where Docker had set DROP. After a boot in between the kernel's own policy is there instead, and nothing shows
  // any more what there was.
  async undo(_, machine) {
    return (await policyOf(machine)) === undefined ? [] : [{kind: 'forward-policy', policy: 'DROP'}]
  },
  async perform({policy}, machine) {
    const present = await policyOf(machine)
    if (present === undefined) return 'there is no iptables'
    if (present !== policy) await machine.run('iptables', ['-w', '10', '-P', 'FORWARD', policy])
    return undefined
  },
  async verify({policy}, machine) {
    const present = await policyOf(machine)
    if (present !== undefined && present !== policy) throw new Error(`The policy of FORWARD is ${present} again: something sets it.`)
  },
}

async function policyOf(machine: Machine): Promise<string | undefined> {
  return /^-P FORWARD (\w+)/m.exec((await rulesOf(machine, 'iptables', 'filter'))?.join('\n') ?? '')?.[1]
}

/** Lines as `iptables -S` prints them; undefined: there is no such program or table. */
async function rulesOf(machine: Machine, family: string, table: string): Promise<readonly string[] | undefined> {
  try {
    return (await machine.run(family, ['-w', '10', '-t', table, '-S'])).split('\n').filter((line) => line !== '')
  } catch (error) {
    if (error instanceof NoProgram || (family === 'ip6tables' && error instanceof ProgramFailed) || (table === 'raw' && error instanceof ProgramFailed)) return undefined
    throw error
  }
}

/** What has to go of a table: rules outside of Docker's chains that lead there or are about its bridge, then the chains. */
interface Leftovers {
  readonly rules: readonly {readonly line: string; readonly position: number}[]
  readonly chains: readonly string[]
  readonly inside: readonly string[]
}

function leftovers(lines: readonly string[], chains: readonly string[]): Leftovers {
  const there = chains.filter((chain) => lines.includes(`-N ${chain}`))
  const positions = new Map<string, number>()
  const rules = lines.filter((line) => line.startsWith('-A ')).map((line) => {
    const chain = splitRule(line)[1] ?? ''
    positions.set(chain, (positions.get(chain) ?? 0) + 1)
    return {line, chain, position: positions.get(chain)!}
  })
  return {
    chains: there,
    inside: rules.filter(({chain}) => there.includes(chain)).map(({line}) => line),
    rules: rules.filter(({chain, line}) => !there.includes(chain) && isDockers(splitRule(line), there)),
  }
}

function isDockers(words: readonly string[], chains: readonly string[]): boolean {
  const leadsTo = words.some((word, index) => (word === '-j' || word === '-g') && chains.includes(words[index + 1] ?? ''))
  return leadsTo || words.some((word, index) => (word === '-i' || word === '-o') && words[index + 1] === 'docker0')
}

export const removeDockerChains: Handler<'remove-docker-chains'> = {
  async undo({chains}, machine) {
    const lines: string[] = []
    for (const family of FAMILIES) {
      for (const table of TABLES) {
        const found = leftovers((await rulesOf(machine, family, table)) ?? [], chains)
        const command = `${family} -t ${table}`
        lines.push(...found.chains.map((chain) => `${command} -N ${chain}`), ...found.inside.map((line) => `${command} ${line}`))
        lines.push(...found.rules.map(({line, position}) => `${command} ${line.replace(/^-A (\S+)/, `-I $1 ${position}`)}`))
      }
    }
    return lines.length === 0 ? [] : [{kind: 'restore-firewall', rules: lines.join('\n')}]
  },
  async perform({chains}, machine) {
    let count = 0
    for (const family of FAMILIES) {
      for (const table of TABLES) {
        const found = leftovers((await rulesOf(machine, family, table)) ?? [], chains)
        const change = async (...args: readonly string[]) => machine.run(family, ['-w', '10', '-t', table, ...args])
        for (const {line} of found.rules) await change('-D', ...splitRule(line).slice(1))
        // All are emptied first: a chain that another one leads to cannot be removed.
        for (const chain of found.chains) await change('-F', chain)
        for (const chain of found.chains) await change('-X', chain)
        count += found.chains.length
      }
    }
    return `${count} chains`
  },
}

/** Docker makes its chains itself when it starts; what others wrote into them is only here. */
export const restoreFirewall: Handler<'restore-firewall'> = {
  undo: nothingToUndo,
  async perform({rules}, machine) {
    for (const line of rules.split('\n').filter((each) => each !== '')) await restoreLine(splitRule(line), machine)
    return undefined
  },
}

async function restoreLine([family = '', , table = '', verb = '', chain = '', ...rest]: readonly string[], machine: Machine): Promise<void> {
  if (!FAMILIES.some((known) => known === family) || !['-N', '-A', '-I'].includes(verb)) throw new Error(`"${family} ${verb}" is no rule of a firewall.`)
  const run = async (...args: readonly string[]) => machine.run(family, ['-w', '10', '-t', table, ...args])
  const present = (await rulesOf(machine, family, table)) ?? []
  if (verb === '-N') {
    if (!present.includes(`-N ${chain}`)) await run('-N', chain)
    return
  }
  const rule = verb === '-I' ? rest.slice(1) : rest
  if (await isThere(run, chain, rule)) return
  if (verb === '-A') await run('-A', chain, ...rule)
  else {
    const last = present.filter((line) => line.startsWith(`-A ${chain} `)).length + 1
    await run('-I', chain, String(Math.min(Number(rest[0]), last)), ...rule)
  }
}

async function isThere(run: (...args: readonly string[]) => Promise<string>, chain: string, rule: readonly string[]): Promise<boolean> {
  try {
    await run('-C', chain, ...rule)
    return true
  } catch (error) {
    if (error instanceof ProgramFailed && error.status !== undefined) return false
    throw error
  }
}

/** dockerd makes its bridge again when it starts. */
export const removeLink: Handler<'remove-link'> = {
  undo: nothingToUndo,
  async perform({link}, machine) {
    if (!/^[\w.-]{1,15}$/.test(link)) throw new Error(`"${link}" is no name of a network link.`)
    try {
      await machine.run('ip', ['link', 'show', 'dev', link])
    } catch (error) {
      if (error instanceof ProgramFailed && /does not exist|[Cc]annot find device/.test(error.stderr)) return 'it is gone already'
      throw error
    }
    await machine.run('ip', ['link', 'delete', 'dev', link])
    return undefined
  },
}

const SYSCTL = /^[a-z][\w./-]{1,200}$/

export const sysctl: Handler<'sysctl'> = {
  async undo({name}, machine): Promise<readonly Action[]> {
    return [{kind: 'sysctl', name, value: await valueOf(machine, name)}]
  },
  async perform({name, value}, machine) {
    if ((await valueOf(machine, name)) !== value) await machine.run('sysctl', ['-q', '-w', `${name}=${value}`])
    return undefined
  },
  async verify({name, value}, machine) {
    const present = await valueOf(machine, name)
    if (present !== value) throw new Error(`${name} is ${present}, not ${value}: something else sets it.`)
  },
}

/** Values of several numbers have tabs between them. */
async function valueOf(machine: Machine, name: string): Promise<string> {
  if (!SYSCTL.test(name)) throw new Error(`"${name}" is no name of a kernel setting.`)
  return (await machine.run('sysctl', ['-n', name])).trim().replaceAll(/\s+/g, ' ')
}

/** What is built in need not be among the modules; overlay and br_netfilter show otherwise that they are there. */
function isLoaded(module: string, files: Files): boolean {
  if (files.look(`/sys/module/${module}`).type !== 'absent') return true
  if (module === 'br_netfilter') return files.look('/proc/sys/net/bridge').type !== 'absent'
  const systems = files.look('/proc/filesystems')
  return systems.type === 'file' && systems.bytes.toString('latin1').split(/\s+/).includes(module)
}

/** A module that stays loaded does no harm; taking it away may. */
export const loadModule: Handler<'load-module'> = {
  undo: nothingToUndo,
  async perform({module}, machine) {
    if (!/^[\w-]{1,60}$/.test(module)) throw new Error(`"${module}" is no name of a kernel module.`)
    // Built into the kernel, or loaded: modprobe would look for its file all the same.
    if (isLoaded(module.replaceAll('-', '_'), machine.files)) return undefined
    await machine.run('modprobe', ['--', module])
    return undefined
  },
}
