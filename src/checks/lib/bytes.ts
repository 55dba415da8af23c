// SPDX-License-Identifier: Apache-2.0

const DOCKER_UNITS: Readonly<Record<string, number>> = {'': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15}

/**
 * Bytes of a size as Docker's log options have it: `100m` is 100,000,000, and so is `100MiB` (go-units, FromHumanSize: always powers of
 * ten). Undefined for what Docker does not take either.
 */
export function dockerSize(text: string): number | undefined {
  const found = /^(\d{1,15}(?:\.\d{1,9})?) ?([kmgtp])?i?b?$/i.exec(text.trim())
  if (found === null) return undefined
  const bytes = Math.floor(Number(found[1]) * (DOCKER_UNITS[(found[2] ?? '').toLowerCase()] ?? 1))
  return bytes > 0 ? bytes : undefined
}

const DECIMAL: Readonly<Record<string, number>> = {'': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18}
const BINARY: Readonly<Record<string, number>> = {Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60}

/**
 * Bytes of a Kubernetes quantity where the kubelet takes it for a size of log files: a whole number that needs no arbitrary precision
 * (kubernetes, pkg/kubelet/logs parseMaxSize; apimachinery, Quantity.AsInt64). `1.5Gi`, `100m` and `100MB` are none: undefined.
 */
export function kubeletSize(text: string): number | undefined {
  const found = /^([+-]?)(\d{0,18})(?:\.(\d{0,18}))?(?:([kMGTPE]|[KMGTPE]i)|[eE](\d{1,2}))?$/.exec(text)
  if (found === null) return undefined
  const [, sign, whole = '', fraction = '', unit = '', exponent] = found
  if (whole === '' && fraction === '') return undefined
  const bytes = unit in BINARY ? binary(whole, fraction, BINARY[unit] ?? 0) : decimal(whole, fraction, exponent === undefined ? DECIMAL[unit] ?? 0 : Number(exponent))
  return bytes === undefined || sign !== '-' ? bytes : -bytes
}

/** apimachinery, ParseQuantity: fractions and large numbers leave its fast path, and then it has no 64-bit number to give. */
function binary(whole: string, fraction: string, exponent: number): number | undefined {
  const digits = whole.replace(/^0+/, '').length
  return fraction !== '' || 15 - digits - Math.trunc((exponent * 3) / 10) - 1 < 0 ? undefined : Number(whole) * 2 ** exponent
}

function decimal(whole: string, fraction: string, exponent: number): number | undefined {
  const bytes = Number(`${whole || '0'}${fraction}e${exponent - fraction.length}`)
  return fraction.length > exponent || bytes > 9.2e18 ? undefined : bytes
}

/** `3.6 GB`: powers of ten, as Docker counts. */
export function decimalBytes(bytes: number): string {
  return inUnits(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB'])
}

/** `50 MiB`: powers of two, as the kubelet counts. */
export function binaryBytes(bytes: number): string {
  return inUnits(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'])
}

function inUnits(bytes: number, step: number, units: readonly string[]): string {
  let [value, unit] = [bytes, 0]
  while (value >= step && unit < units.length - 1) {
    value /= step
    unit++
  }
  return `${Number(value.toFixed(value < 10 ? 1 : 0))} ${units[unit]}`
}

const QUANTITIES = [['Gi', 2 ** 30], ['Mi', 2 ** 20], ['Ki', 2 ** 10], ['G', 1e9], ['M', 1e6], ['k', 1e3]] as const

/** A number of bytes as the shortest quantity that the kubelet takes: `100M`, `10Mi`, `12345`. */
export function asQuantity(bytes: number): string {
  const exact = QUANTITIES.filter(([, unit]) => bytes > 0 && bytes % unit === 0).map(([name, unit]) => `${bytes / unit}${name}`)
  return [...exact, String(bytes)].reduce((shortest, one) => (one.length < shortest.length ? one : shortest))
}
