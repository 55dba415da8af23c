// SPDX-License-Identifier: Apache-2.0

/** `containerd-shim-runc-v2 -namespace moby -id …`: it runs a container of Docker, whether dockerd runs or not. */
export function isShimOfDocker(argv: readonly string[]): boolean {
  const program = argv[0]?.split('/').at(-1) ?? ''
  if (!/^(?:docker-)?containerd-shim/.test(program)) return false
  const at = argv.findIndex((argument) => /^--?namespace$/.test(argument))
  return at !== -1 && argv[at + 1] === 'moby'
}
