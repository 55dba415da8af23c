// SPDX-License-Identifier: Apache-2.0

/**
 * Keeps the memory for short-lived objects small, to be called before a list is read that may be long: each of its items is
 * such an object for a moment, and V8 would let their space grow to 16 MiB and more. Of the memory for 10,000 containers it
 * takes 13 MiB, for a large cluster 60, and costs less than can be measured. This flag is one that V8 looks at each time it would grow the
 * space (semi_space_growth_factor). Chunks that load afterwards are compiled anew: V8 takes a code cache of the same flags only.
 */
export function expectLongList(): void {
  setFlag('--semi-space-growth-factor=1')
}

/**
 * The same for all the objects of a cluster. Between collections of everything the heap may also grow to three times what is alive only, where
 * V8 goes up to four for a program that makes much garbage: that is 20 MiB, for a twentieth of the time.
 */
export function expectCluster(): void {
  expectLongList()
  setFlag('--heap-growing-percent=200')
}

/**
 * The same for a list that is there at once and only has to be shown: its code is not compiled with TurboFan any more, which would be
 * ready when the list is over. Of 97 MiB for 10,000 containers it takes 5, and a tenth of the CPU time.
 */
export function expectLongAnswer(): void {
  expectLongList()
  setFlag('--no-turbofan')
}

function setFlag(flag: string): void {
  process.getBuiltinModule('node:v8').setFlagsFromString(flag)
}
