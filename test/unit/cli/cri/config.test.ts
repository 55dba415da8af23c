// SPDX-License-Identifier: Apache-2.0
import {chmodSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {load} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import {parseCrictlConfig, readCrictlConfig} from '../../../../src/cli/cri/crictl-config.ts'
import {parseDuration} from '../../../../src/cli/cri/duration.ts'
import {replaceConfig, settingNamed, shownSetting, withSetting} from '../../../../src/cli/cri/edit-config.ts'
import {temporaryFolder} from '../../cri/fake-cri.ts'

describe('crictl.yaml', () => {
  test('is read, and what is empty is not set', () => {
    expect(parseCrictlConfig('runtime-endpoint: unix:///x\nimage-endpoint: ""\ntimeout: 5\ndebug: true\nmax-retries:\n', '/f', load))
      .toEqual({path: '/f', 'runtime-endpoint': 'unix:///x', timeout: 5, debug: true})
  })
  test.each([
    ['runtime_endpoint: x', /\/f: there is no setting `runtime_endpoint`/],
    ['timeout: soon', /\/f: `timeout` is no number/],
    ['- a', /\/f has no settings/],
    ['a: [', /\/f is no YAML/],
    ['__proto__: {}', /there is no setting `__proto__`/],
  ])('%s is told with the file', (text, message) => expect(() => parseCrictlConfig(text, '/f', load)).toThrow(message))

  test('may be missing where nobody named it, not where somebody did, and may be empty', async () => {
    const {path, remove} = temporaryFolder()
    const empty = join(path, 'empty.yaml')
    writeFileSync(empty, '')
    expect(await readCrictlConfig(empty)).toEqual({path: empty})
    await expect(readCrictlConfig(join(path, 'none.yaml'))).rejects.toThrow(/none\.yaml cannot be read: ENOENT/)
    remove()
  })
})

describe('a change of crictl.yaml', () => {
  test('leaves comments, order and other settings alone', () => {
    const before = '# ours\ntimeout: 2 # seconds\ndebug: false\n'
    expect(withSetting(before, 'timeout', '9')).toBe('# ours\ntimeout: 9 # seconds\ndebug: false\n')
    expect(withSetting('debug: true', 'runtime-endpoint', 'unix:///a "b"')).toBe('debug: true\nruntime-endpoint: "unix:///a \\"b\\""\n')
  })
  test.each([
    ['runtime-endpoint: "unix:///a#b" # c\n', 'runtime-endpoint: "unix:///z" # c\n'],
    ['runtime-endpoint: unix:///a#b\n', 'runtime-endpoint: "unix:///z"\n'],
    ['runtime-endpoint:\ntimeout: 2\n', 'runtime-endpoint: "unix:///z"\ntimeout: 2\n'],
    ['runtime-endpoint: unix:///a\r\ntimeout: 2\r\n', 'runtime-endpoint: "unix:///z"\r\ntimeout: 2\r\n'],
    ['# runtime-endpoint: unix:///a\n', '# runtime-endpoint: unix:///a\nruntime-endpoint: "unix:///z"\n'],
  ])('finds the line of a setting in %j', (before, after) => {
    expect(withSetting(before, 'runtime-endpoint', 'unix:///z')).toBe(after)
  })
  test('writes numbers as they are shown', () => expect(withSetting('', 'timeout', '05')).toBe('timeout: 5\n'))
  test('refuses values that a setting cannot have, and settings that there are not', () => {
    expect(() => withSetting('', 'timeout', 'soon')).toThrow(/timeout cannot be "soon"/)
    expect(() => withSetting('', 'debug', 'yes')).toThrow(/debug cannot be "yes"/)
    expect(() => settingNamed('timeuot')).toThrow(/no setting `timeuot`/)
    expect(shownSetting({debug: true}, 'debug')).toBe('true')
    expect(shownSetting({}, 'timeout')).toBe('0')
  })
  test('is written as a whole, with the mode of the file and through a link', () => {
    const {path, remove} = temporaryFolder()
    const [file, link] = [join(path, 'crictl.yaml'), join(path, 'link.yaml')]
    writeFileSync(file, 'debug: false\n')
    chmodSync(file, 0o640)
    symlinkSync(file, link)
    replaceConfig(link, 'debug: true\n')
    expect(readFileSync(file, 'utf8')).toBe('debug: true\n')
    expect(statSync(file).mode & 0o777).toBe(0o640)
    replaceConfig(join(path, 'deep/new.yaml'), 'debug: true\n')
    expect(statSync(join(path, 'deep/new.yaml')).mode & 0o777).toBe(0o600)
    expect(readdirSync(path).toSorted()).toEqual(['crictl.yaml', 'deep', 'link.yaml'])
    expect(() => replaceConfig(join(file, 'x'), '')).toThrow(/cannot be written/)
    remove()
  })
})

test.each([['10s', 10_000], ['1m30s', 90_000], ['500ms', 500], ['2', 2000], ['1.5h', 5_400_000], ['', undefined], ['-1s', undefined], ['1x', undefined]])('a duration of "%s"', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})
