// SPDX-License-Identifier: Apache-2.0

export const MAINTAINER = 'rtctl maintainers <maintainers@rtctl.invalid>'

/**
 * What Node.js 26 is linked with. glibc 2.28 is what its versions ask for (and Node.js' BUILDING.md states), CXXABI_1.3.11 came with
 * GCC 7; libgcc-s1 was libgcc1 up to Debian 10. test/packages/deb.test.ts holds the numbers against the executable.
 */
const DEPENDS = 'libc6 (>= 2.28), libgcc-s1 | libgcc1, libstdc++6 (>= 7)'

const DESCRIPTION = `container runtime of a Kubernetes node: what runs, what breaks
 rtctl tells which container runtime really runs the containers of a
 Kubernetes node, and what breaks when that changes.
 .
  * inspect draws the chain from the kubelet down to the last process, with
    the evidence for each part, also of recorded hosts;
  * preflight finds what still depends on dockershim or Docker, on nodes, in
    manifests and in clusters, with proof and fix;
  * cri is a client of the Container Runtime Interface with the verbs, flags
    and tables of crictl.
 .
 It brings its own Node.js, and needs neither a network nor a daemon of its
 own.`

/** A version of npm as Debian orders them: `1.0.0-rc.1` comes before `1.0.0`, which a tilde says. */
export function debianVersion(version: string): string {
  return version.replace('-', '~')
}

/**
 * The control file of the package.
 *
 * @param architecture in Debian's words
 * @param installedSize KiB
 */
export function controlFile(version: string, architecture: string, installedSize: number): string {
  return `${[
    'Package: rtctl',
    `Version: ${debianVersion(version)}`,
    `Architecture: ${architecture}`,
    `Maintainer: ${MAINTAINER}`,
    `Installed-Size: ${installedSize}`,
    `Depends: ${DEPENDS}`,
    // ss, which says who is connected to the sockets
    'Recommends: iproute2',
    'Section: admin',
    'Priority: optional',
    `Description: ${DESCRIPTION}`,
  ].join('\n')}\n`
}
