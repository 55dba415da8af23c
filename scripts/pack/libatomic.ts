// SPDX-License-Identifier: Apache-2.0
// Node.js 26 for Linux is linked with libatomic.so.1, for one function with one size of operand. No distribution installs
// that library by default: a file that needs it does not start on most nodes. See docs/adr/0012-one-file.md.
import type {Architecture} from './context.ts'

/** The parts of the ELF format that are used: System V ABI, chapters 4 and 5; for the versions, the Linux Standard Base. */
const PT_LOAD = 1
const PT_DYNAMIC = 2
const PF_X = 1
const [DT_NULL, DT_NEEDED, DT_STRTAB, DT_SYMTAB, DT_PLTRELSZ, DT_JMPREL] = [0n, 1n, 5n, 6n, 2n, 23n]
const [DT_VERSYM, DT_VERNEED, DT_VERNEEDNUM] = [0x6ffffff0n, 0x6ffffffen, 0x6fffffffn]
const SYMBOL_SIZE = 24
const RELOCATION_SIZE = 24
const DYNAMIC_SIZE = 16
const VER_NDX_GLOBAL = 1

const LIBRARY = 'libatomic.so.1'
const SYMBOL = '__atomic_compare_exchange'

interface Machine {
  /** e_machine */
  readonly id: number
  readonly jumpSlot: number
  readonly relative: number
  /**
   * `bool __atomic_compare_exchange(size_t n, void *mem, void *expected, void *desired, int, int)` for n = 8, sequentially
   * consistent; anything else is an illegal instruction. V8 calls it with 8 only, for the free lists of its tables.
   */
  readonly code: Buffer
}

const MACHINES: Readonly<Record<Architecture, Machine>> = {
  x64: {
    id: 62, jumpSlot: 7, relative: 8,
    code: Buffer.from([
      '4883ff08', //    cmp  $8,%rdi
      '7512', //        jne  1f
      '488b02', //      mov  (%rdx),%rax
      '488b09', //      mov  (%rcx),%rcx
      'f0480fb10e', //  lock cmpxchg %rcx,(%rsi)
      '488902', //      mov  %rax,(%rdx)
      '0f94c0', //      sete %al
      'c3', //          ret
      '0f0b', //     1: ud2
    ].join(''), 'hex'),
  },
  arm64: {
    id: 183, jumpSlot: 1026, relative: 1027,
    code: words([
      0xf100201f, //    cmp   x0, #8
      0x540001c1, //    b.ne  3f
      0xf9400044, //    ldr   x4, [x2]
      0xf9400065, //    ldr   x5, [x3]
      0xc85ffc26, // 1: ldaxr x6, [x1]
      0xeb0400df, //    cmp   x6, x4
      0x540000a1, //    b.ne  2f
      0xc807fc25, //    stlxr w7, x5, [x1]
      0x35ffff87, //    cbnz  w7, 1b
      0x52800020, //    mov   w0, #1
      0xd65f03c0, //    ret
      0xd5033f5f, // 2: clrex
      0xf9000046, //    str   x6, [x2]
      0x52800000, //    mov   w0, #0
      0xd65f03c0, //    ret
      0x00000000, // 3: udf   #0
    ]),
  },
}

function words(values: readonly number[]): Buffer {
  const code = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => code.writeUInt32LE(value, index * 4))
  return code
}

/**
 * A Node.js executable that brings the one function along that it took from libatomic, and does not need that library any
 * more. One that never needed it is given back as it is.
 *
 * @throws Error where the file is not what is known: another function, another layout, no room.
 */
export function withoutLibatomic(executable: Buffer, architecture: Architecture): Buffer {
  const machine = MACHINES[architecture]
  const elf = new Elf(Buffer.from(executable))
  if (elf.machine !== machine.id) throw new Error(`an executable for ${architecture} has e_machine ${machine.id}, and this has ${elf.machine}`)
  if (!elf.needed().includes(LIBRARY)) return executable
  const symbol = elf.onlySymbolOf(LIBRARY, SYMBOL)
  elf.bind(symbol, machine, elf.appendCode(machine.code))
  elf.forgetVersionsOf(LIBRARY)
  elf.forgetNeeded(LIBRARY)
  return elf.bytes
}

interface Segment {
  readonly header: number
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

interface VersionNeed {
  readonly at: number
  readonly file: string
  readonly next: number
  readonly indexes: readonly number[]
}

/** A 64-bit little-endian executable at fixed addresses, changed in place. */
class Elf {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
    const [magic, type] = [bytes.toString('latin1', 0, 6), bytes.readUInt16LE(16)]
    if (magic !== '\x7fELF\x02\x01' || type !== 2) throw new Error('not a 64-bit little-endian ELF executable with fixed addresses')
  }

  get machine(): number {
    return this.bytes.readUInt16LE(18)
  }

  needed(): readonly string[] {
    return this.dynamic().filter(({tag}) => tag === DT_NEEDED).map(({value}) => this.string(value))
  }

  /** The index of the one symbol that a library gives. */
  onlySymbolOf(library: string, name: string): number {
    const need = this.versionNeeds().find(({file}) => file === library)
    if (need === undefined) throw new Error(`no symbol has a version of ${library}`)
    const [symbols, versions] = [this.symbols(), this.offsetOf(this.value(DT_VERSYM))]
    const found = symbols.flatMap((_, index) => (need.indexes.includes(this.bytes.readUInt16LE(versions + index * 2)) ? [index] : []))
    const names = found.map((index) => symbols[index])
    if (found.length !== 1 || names[0] !== name) throw new Error(`of ${library} more is used than ${name}: ${names.join(', ')}`)
    return found[0] ?? 0
  }

  /** Puts code behind what the executable segment has, where its last page is empty. Gives its address. */
  appendCode(code: Buffer): number {
    const segments = this.segments()
    const text = segments.find(({type, flags}) => type === PT_LOAD && (flags & PF_X) !== 0)
    if (text === undefined) throw new Error('no segment is executable')
    const start = Math.ceil((text.offset + text.size) / 16) * 16
    const end = start + code.length
    const next = Math.min(...segments.filter(({type, offset}) => type === PT_LOAD && offset > text.offset).map(({offset}) => offset))
    if (end > next || this.bytes.subarray(start, end).some((byte) => byte !== 0)) throw new Error('no room behind the code')
    code.copy(this.bytes, start)
    const size = BigInt(end - text.offset)
    this.bytes.writeBigUInt64LE(size, text.header + 32)
    this.bytes.writeBigUInt64LE(size, text.header + 40)
    return text.address + start - text.offset
  }

  /** Makes the jumps to a symbol of another file jumps to an address of this one. */
  bind(symbol: number, machine: Machine, address: number): void {
    const [start, size] = [this.offsetOf(this.value(DT_JMPREL)), Number(this.value(DT_PLTRELSZ))]
    let bound = 0
    for (let at = start; at < start + size; at += RELOCATION_SIZE) {
      const info = this.bytes.readBigUInt64LE(at + 8)
      if (info !== (BigInt(symbol) << 32n | BigInt(machine.jumpSlot))) continue
      this.bytes.writeBigUInt64LE(BigInt(machine.relative), at + 8)
      this.bytes.writeBigUInt64LE(BigInt(address), at + 16)
      bound += 1
    }
    if (bound !== 1) throw new Error(`${bound} relocations of ${SYMBOL}, not one`)
    this.bytes.writeUInt16LE(VER_NDX_GLOBAL, this.offsetOf(this.value(DT_VERSYM)) + symbol * 2)
  }

  /** Takes the versions of a library out of those the loader asks for. */
  forgetVersionsOf(library: string): void {
    const needs = this.versionNeeds()
    const index = needs.findIndex(({file}) => file === library)
    const [before, gone] = [needs[index - 1], needs[index]]
    if (gone === undefined) throw new Error(`no versions of ${library}`)
    if (before === undefined) this.setValue(DT_VERNEED, this.value(DT_VERNEED) + BigInt(gone.next))
    else this.bytes.writeUInt32LE(gone.next === 0 ? 0 : before.next + gone.next, before.at + 12)
    this.setValue(DT_VERNEEDNUM, this.value(DT_VERNEEDNUM) - 1n)
  }

  /** Takes a library out of those the loader loads. */
  forgetNeeded(library: string): void {
    const entries = this.dynamic()
    const gone = entries.find(({tag, value}) => tag === DT_NEEDED && this.string(value) === library)
    const last = entries.at(-1)
    if (gone === undefined || last === undefined) throw new Error(`${library} is not needed`)
    this.bytes.copyWithin(gone.at, gone.at + DYNAMIC_SIZE, last.at + DYNAMIC_SIZE)
    this.bytes.fill(0, last.at, last.at + DYNAMIC_SIZE)
  }

  private segments(): readonly Segment[] {
    const [start, size, count] = [Number(this.bytes.readBigUInt64LE(32)), this.bytes.readUInt16LE(54), this.bytes.readUInt16LE(56)]
    return Array.from({length: count}, (_, index) => {
      const header = start + index * size
      const [offset, address, length] = [8, 16, 32].map((field) => Number(this.bytes.readBigUInt64LE(header + field)))
      return {
        header, type: this.bytes.readUInt32LE(header), flags: this.bytes.readUInt32LE(header + 4),
        offset: offset ?? 0, address: address ?? 0, size: length ?? 0,
      }
    })
  }

  /** Where the bytes of an address are in the file. */
  private offsetOf(address: bigint): number {
    const wanted = Number(address)
    const segment = this.segments().find(({type, address: start, size}) => type === PT_LOAD && wanted >= start && wanted < start + size)
    if (segment === undefined) throw new Error(`no segment has the address 0x${wanted.toString(16)}`)
    return wanted - segment.address + segment.offset
  }

  private dynamic() {
    const segment = this.segments().find(({type}) => type === PT_DYNAMIC)
    if (segment === undefined) throw new Error('not linked dynamically')
    const entries = []
    for (let at = segment.offset; at < segment.offset + segment.size; at += DYNAMIC_SIZE) {
      const [tag, value] = [this.bytes.readBigUInt64LE(at), this.bytes.readBigUInt64LE(at + 8)]
      entries.push({at, tag, value})
      if (tag === DT_NULL) break
    }
    return entries
  }

  private value(tag: bigint): bigint {
    return this.entry(tag).value
  }

  private setValue(tag: bigint, value: bigint): void {
    this.bytes.writeBigUInt64LE(value, this.entry(tag).at + 8)
  }

  private entry(wanted: bigint) {
    const entry = this.dynamic().find(({tag}) => tag === wanted)
    if (entry === undefined) throw new Error(`the dynamic section has no entry 0x${wanted.toString(16)}`)
    return entry
  }

  private string(offset: bigint): string {
    const start = this.offsetOf(this.value(DT_STRTAB)) + Number(offset)
    return this.bytes.toString('latin1', start, this.bytes.indexOf(0, start))
  }

  /** Names by index. The table of strings follows that of symbols: nothing else says how many there are. */
  private symbols(): readonly string[] {
    const [start, end, strings] = [DT_SYMTAB, DT_STRTAB, DT_STRTAB].map((tag) => this.offsetOf(this.value(tag))) as [number, number, number]
    return Array.from({length: (end - start) / SYMBOL_SIZE}, (_, index) => {
      const at = strings + this.bytes.readUInt32LE(start + index * SYMBOL_SIZE)
      return this.bytes.toString('latin1', at, this.bytes.indexOf(0, at))
    })
  }

  private versionNeeds(): readonly VersionNeed[] {
    const needs: VersionNeed[] = []
    let at = this.offsetOf(this.value(DT_VERNEED))
    for (let index = 0; index < Number(this.value(DT_VERNEEDNUM)); index += 1) {
      const [count, next] = [this.bytes.readUInt16LE(at + 2), this.bytes.readUInt32LE(at + 12)]
      needs.push({at, file: this.string(BigInt(this.bytes.readUInt32LE(at + 4))), next, indexes: this.versionIndexes(at, count)})
      at += next
    }
    return needs
  }

  private versionIndexes(need: number, count: number): readonly number[] {
    const indexes: number[] = []
    let at = need + this.bytes.readUInt32LE(need + 8)
    for (let index = 0; index < count; index += 1) {
      indexes.push(this.bytes.readUInt16LE(at + 6))
      at += this.bytes.readUInt32LE(at + 12)
    }
    return indexes
  }
}
