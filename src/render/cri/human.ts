// SPDX-License-Identifier: Apache-2.0

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']

const HOURS = {day: 24, week: 24 * 7, month: 24 * 30, year: 24 * 365} as const

/**
 * Bytes for people as crictl writes them (docker/go-units, HumanSizeWithPrecision): units of 1000, `45.06kB`.
 *
 * @param digits how many count; crictl takes 4 for usage and 3 for images
 */
export function humanSize(bytes: number, digits = 4): string {
  let size = bytes
  let unit = 0
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000
    unit++
  }
  return `${significant(size, digits)}${UNITS[unit]}`
}

/** C's `%.*g`: no zeros at the end, an exponent where the number needs more digits: `999.9` in 3 is `1e+03`. */
function significant(number: number, digits: number): string {
  const [mantissa = '', exponent] = number.toPrecision(digits).split('e')
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
  return exponent === undefined ? short : `${short}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}`
}

/** A time span for people as crictl writes it (docker/go-units, HumanDuration): `About an hour`, `3 weeks`. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.trunc(ms / 60_000)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.trunc(ms / 3_600_000 + 0.5)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < HOURS.week * 2) return `${Math.trunc(hours / HOURS.day)} days`
  if (hours < HOURS.month * 2) return `${Math.trunc(hours / HOURS.week)} weeks`
  if (hours < HOURS.year * 2) return `${Math.trunc(hours / HOURS.month)} months`
  return `${Math.trunc(Math.trunc(ms / 3_600_000) / HOURS.year)} years`
}
