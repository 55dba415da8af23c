// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
  parseCgroups, parseCmdline, parseLimits, parseNamespaceLink, parseNetUnix, parseSocketLink, parseStat, parseStatus,
} from '../../../../src/probes/parse/proc.ts'

/** A line as proc_pid_stat(5) has it, fields 1 to 52. */
function statLine(pid: number, comm: string, rest: {readonly ppid?: number; readonly flags?: number; readonly start?: number} = {}): string {
  const {ppid = 1, flags = 0x40_0100, start = 4242} = rest
  const tail = '184549376 2560 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0'
  return `${pid} (${comm}) S ${ppid} ${pid} ${pid} 0 -1 ${flags} 900 0 0 0 12 7 0 0 20 0 14 0 ${start} ${tail}\n`
}

describe('a line of /proc/PID/stat', () => {
  test.for<[what: string, comm: string]>([
    ['a plain name', 'dockerd'],
    ['a name with a blank', 'tmux: server'],
    ['a name with parentheses', 'a) R (b)'],
    ['a name that ends like the name does', 'sd-pam))'],
    ['a name with newlines', 'x\n1 (y) S 1\n'],
    ['a name that looks like fields', ') S 0 1 1 0 -1'],
    ['no name at all', ''],
  ])('is read with %s', ([, comm]) => {
    expect(parseStat(statLine(77, comm, {ppid: 5, start: 99}))).toEqual({ppid: 5, comm, startTicks: 99, kernelThread: false, ended: false})
  })

  test('tells a thread of the kernel by its flag', () => {
    expect(parseStat(statLine(2, 'kthreadd', {ppid: 0, flags: 0x20_8040})).kernelThread).toBe(true)
  })

  test.for([
    ['empty', ''], ['text without parentheses', '1 bash S 0'], ['only a name', '1 (bash)'], ['the parenthesis the wrong way round', '1 )bash( S 0'],
    ['letters for numbers', statLine(1, 'a').replace(' S 1 ', ' S one ')], ['a hexadecimal parent', statLine(1, 'a').replace(' S 1 ', ' S 0x10 ')],
    ['a negative parent', statLine(1, 'a').replace(' S 1 ', ' S -1 ')],
  ])('is refused when it is %s', ([, text]) => {
    expect(() => parseStat(text as string)).toThrow(/not a stat line/)
  })

  test('is refused wherever it is cut short before the start time is complete', () => {
    const line = statLine(812, 'containerd', {start: 123_456})
    const end = line.indexOf('123456') + '123456'.length
    for (let length = 0; length <= end; length++) expect(() => parseStat(line.slice(0, length)), `cut at ${length}`).toThrow(Error)
    expect(parseStat(line.slice(0, end + 1)).startTicks).toBe(123_456)
  })

  test('gives back what was printed, for any name', () => {
    fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 64}), fc.nat(), fc.nat(), (comm, ppid, start) => {
      expect(parseStat(statLine(7, comm, {ppid, start}))).toMatchObject({comm, ppid, startTicks: start})
    }))
  })

  test('gives a sane row or an Error for any text', () => {
    fc.assert(fc.property(fc.string({unit: 'binary'}), (text) => {
      try {
        const {ppid, startTicks} = parseStat(text)
        expect(Number.isInteger(ppid) && Number.isInteger(startTicks)).toBe(true)
      } catch (error) {
        expect(error).toEqual(new Error('not a stat line'))
      }
    }))
  })
})

describe('/proc/PID/cmdline', () => {
  test.for<[what: string, text: string, argv: readonly string[]]>([
    ['arguments', '/usr/bin/dockerd\0-H\0fd://\0', ['/usr/bin/dockerd', '-H', 'fd://']],
    ['an empty argument in the middle', 'sh\0-c\0\0x\0', ['sh', '-c', '', 'x']],
    ['a title without NUL', 'nginx: worker process', ['nginx: worker process']],
    ['a title with padding', 'k3s server\0\0\0\0', ['k3s server']],
    ['a zombie', '', []],
    ['nothing but padding', '\0\0', []],
    ['an argument with a newline', 'sh\0a\nb\0', ['sh', 'a\nb']],
    ['a text that is cut short', '/usr/bin/dockerd\0-H\0fd', ['/usr/bin/dockerd', '-H', 'fd']],
  ])('is split for %s', ([, text, argv]) => {
    expect(parseCmdline(text)).toEqual(argv)
  })

  test('gives back any arguments whose last one is not empty', () => {
    const word = fc.string({unit: 'binary'}).map((text) => text.replaceAll('\0', ''))
    fc.assert(fc.property(fc.array(word), word.filter((text) => text !== ''), (some, last) => {
      const argv = [...some, last]
      expect(parseCmdline(argv.map((text) => `${text}\0`).join(''))).toEqual(argv)
    }))
  })
})

describe('/proc/PID/cgroup', () => {
  test('is read in both versions, with paths that hold colons', () => {
    expect(parseCgroups('12:cpu,cpuacct:/kubepods/besteffort/pod1:2\n1:name=systemd:/a\n0::/system.slice/x.service\n')).toEqual([
      {hierarchy: 12, controllers: ['cpu', 'cpuacct'], path: '/kubepods/besteffort/pod1:2'},
      {hierarchy: 1, controllers: ['name=systemd'], path: '/a'},
      {hierarchy: 0, controllers: [], path: '/system.slice/x.service'},
    ])
  })

  test('leaves out lines of another form and one that is cut short', () => {
    expect(parseCgroups('x\n:\n1:cpu\n2:cpu:relative\n-1::/a\n3:memory:/ok\n4:pids:')).toEqual([{hierarchy: 3, controllers: ['memory'], path: '/ok'}])
  })

  test('keeps a path outside of the cgroup namespace as the kernel prints it', () => {
    expect(parseCgroups('0::/../../docker/abc\n')).toEqual([{hierarchy: 0, controllers: [], path: '/../../docker/abc'}])
  })

  test('gives back what was printed', () => {
    const controller = fc.stringMatching(/^[a-z_=]{1,12}$/)
    const path = fc.string({unit: 'binary'}).map((text) => `/${text.replaceAll('\n', '')}`)
    const row = fc.record({hierarchy: fc.nat(99), controllers: fc.array(controller, {maxLength: 3}), path})
    fc.assert(fc.property(fc.array(row), (rows) => {
      const text = rows.map((one) => `${one.hierarchy}:${one.controllers.join(',')}:${one.path}\n`).join('')
      expect(parseCgroups(text)).toEqual(rows)
    }))
  })

  test('never throws', () => {
    fc.assert(fc.property(fc.string({unit: 'binary'}), (text) => Array.isArray(parseCgroups(text))))
  })
})

describe('/proc/PID/status', () => {
  const status = (lines: string) => `Name:\tdockerd\nUmask:\t0022\nTgid:\t640\nPid:\t640\nPPid:\t1\n${lines}FDSize:\t256\n`

  test.for<[what: string, lines: string, uid: number, nsPids: readonly number[]]>([
    ['a process of the host', 'Uid:\t0\t0\t0\t0\nNSpid:\t640\n', 0, [640]],
    ['a process two pid namespaces down', 'Uid:\t1000\t0\t0\t0\nNStgid:\t640\t37\t1\nNSpid:\t640\t37\t1\nNSpgid:\t640\t37\t1\n', 1000, [640, 37, 1]],
    ['a kernel before 4.1', 'Uid:\t0\t0\t0\t0\n', 0, []],
    ['a line that is cut short', 'Uid:\t65534', 65_534, []],
  ])('of %s', ([, lines, uid, nsPids]) => {
    expect(parseStatus(status(lines))).toEqual({uid, nsPids})
  })

  test('takes no uid from a name that looks like a line of its own, which the kernel escapes', () => {
    expect(parseStatus('Name:\ta\\nUid:\t7\nUid:\t3\t3\t3\t3\n').uid).toBe(3)
  })

  test('is refused without the uid', () => {
    expect(() => parseStatus('Name:\tdockerd\nPid:\t640\n')).toThrow(/Uid/)
  })

  test('gives whole numbers or an Error for any text', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const {uid, nsPids} = parseStatus(`Uid:\t0\nNSpid:\t${text}\n`)
      expect([uid, ...nsPids].every((number) => Number.isInteger(number))).toBe(true)
    }))
  })
})

describe('/proc/PID/limits', () => {
  const limits = (cores: string, files: string) =>
    'Limit                     Soft Limit           Hard Limit           Units     \n' +
    `Max core file size        ${cores.padEnd(20)} unlimited            bytes     \nMax open files            ${files.padEnd(20)} 1048576              files     \n`

  test('gives the soft limits, null for unlimited', () => {
    expect(parseLimits(limits('unlimited', '1048576'))).toEqual({coreSize: null, openFiles: 1_048_576})
    expect(parseLimits(limits('0', '1024'))).toEqual({coreSize: 0, openFiles: 1024})
  })

  test.for(['', 'Max open files', limits('0', '1024').slice(0, 160)])('is refused when a line is missing: %j', (text) => {
    expect(() => parseLimits(text)).toThrow(/no line/)
  })
})

describe('links to kernel objects', () => {
  test('give the number of a namespace', () => {
    expect(parseNamespaceLink('pid:[4026531836]')).toBe(4_026_531_836)
    expect(parseNamespaceLink('pid_for_children:[4026531836]')).toBe(4_026_531_836)
  })

  test.for(['', 'pid:[]', 'pid:[x]', 'pid:[1', '/etc/passwd', 'pid:[1]\n', '../pid:[1]'])('are no namespace: %j', (target) => {
    expect(() => parseNamespaceLink(target)).toThrow(/not a namespace link/)
  })

  test.for<[target: string, inode: number | undefined]>([
    ['socket:[46317]', 46_317], ['socket:[]', undefined], ['socket:[x]', undefined], ['socket:[1]x', undefined], ['/tmp/socket:[1]', undefined],
    ['pipe:[9]', undefined], ['anon_inode:[eventpoll]', undefined], ['/run/docker.sock', undefined], ['socket:[-1]', undefined], ['', undefined],
  ])('%j is the socket %s', ([target, inode]) => {
    expect(parseSocketLink(target)).toBe(inode)
  })
})

describe('/proc/net/unix', () => {
  const HEAD = 'Num       RefCount Protocol Flags    Type St Inode Path\n'

  test.for<[what: string, line: string, row: object]>([
    ['a listener', '00000000ff0f8588: 00000002 00000000 00010000 0001 01 51679 /run/containerd/s/1d2c', {inode: 51_679, state: 'listening', path: '/run/containerd/s/1d2c'}],
    ['an accepted end', '0000000012727f12: 00000003 00000000 00000000 0001 03 52024 /run/containerd/containerd.sock.ttrpc', {inode: 52_024, state: 'connected', path: '/run/containerd/containerd.sock.ttrpc'}],
    ['a connecting end, which has no name', '0000000012727f12: 00000003 00000000 00000000 0001 03 52025', {inode: 52_025, state: 'connected'}],
    ['a socket bound but not listening', '0000000012727f12: 00000002 00000000 00000000 0001 01 7 /run/x', {inode: 7, state: 'other', path: '/run/x'}],
    ['a datagram socket', '0000000012727f12: 00000002 00000000 00000000 0002 01     8 /run/systemd/notify', {inode: 8, state: 'other', path: '/run/systemd/notify'}],
    ['a sequenced-packet listener', '0000000012727f12: 00000002 00000000 00010000 0005 01  9 /run/udev/control', {inode: 9, state: 'listening', path: '/run/udev/control'}],
    ['an abstract name', '0000000012727f12: 00000002 00000000 00010000 0001 01 10 @/containerd-shim/moby/x.sock@', {inode: 10, state: 'listening', path: '@/containerd-shim/moby/x.sock@'}],
    ['a name with blanks at both ends', '0000000012727f12: 00000002 00000000 00010000 0001 01 11  /run/a  b ', {inode: 11, state: 'listening', path: ' /run/a  b '}],
    ['a 32-bit kernel', 'c0de1234: 00000002 00000000 00010000 0001 01 12 /run/x', {inode: 12, state: 'listening', path: '/run/x'}],
    ['a pointer that the kernel hides', '0000000000000000: 00000002 00000000 00010000 0001 01 13 /run/x', {inode: 13, state: 'listening', path: '/run/x'}],
  ])('has %s', ([, line, row]) => {
    expect(parseNetUnix(`${HEAD}${line}\n`)).toEqual([row])
  })

  test('leaves out what is cut short, and what follows a newline in a name', () => {
    const lines = ['0000000012727f12: 00000002 00000000 00010000 0001 01 20 /run/a', 'rest of a name', '0000000012727f12: 00000002 000000']
    expect(parseNetUnix(HEAD + lines.join('\n'))).toEqual([{inode: 20, state: 'listening', path: '/run/a'}])
  })

  test('gives back what was printed, for any name without a newline', () => {
    const name = fc.string({unit: 'binary', maxLength: 107}).map((text) => text.replaceAll('\n', ''))
    const row = fc.record({inode: fc.nat(), listening: fc.boolean(), path: name})
    fc.assert(fc.property(fc.array(row), (rows) => {
      const text = rows.map(({inode, listening, path}) =>
        `00000000ff0f8588: 00000002 00000000 ${listening ? '00010000' : '00000000'} 0001 ${listening ? '01' : '03'} ${String(inode).padStart(5)}${path === '' ? '' : ` ${path}`}\n`)
      expect(parseNetUnix(HEAD + text.join(''))).toEqual(
        rows.map(({inode, listening, path}) => ({inode, state: listening ? 'listening' : 'connected', ...(path === '' ? {} : {path})})),
      )
    }))
  })

  test('never throws', () => {
    fc.assert(fc.property(fc.string({unit: 'binary'}), (text) => Array.isArray(parseNetUnix(text))))
  })
})
