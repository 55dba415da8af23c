// SPDX-License-Identifier: Apache-2.0
import {checks} from '../../checks/index.ts'
import type {Upgrade} from '../../model/check.ts'
import type {Remark} from '../../model/migration/needs.ts'
import type {Finding} from '../../model/preflight.ts'
import type {ReadNode} from '../preflight/nodes.ts'
import {Scan} from '../preflight/scan.ts'

/**
 * Checks whose blocker is what a migration mends: the kubelet leaves dockershim, flags that go with it are dropped, the runtime gets a
 * configuration of one version, CRI and cgroup driver of its own. All other blockers stay open.
 */
const MENDED: ReadonlySet<string> = new Set([
  'cgroup-driver-mismatch', 'containerd-config-too-new', 'containerd-cri-disabled', 'containerd-cri-not-served', 'containerd-handler-type-missing',
  'containerd-plugin-name', 'containerd-registry-conflict', 'crio-conmon-cgroup', 'crio-policy-missing', 'kubelet-endpoint-of-docker', 'kubelet-endpoint-without-listener',
  'kubelet-needs-docker', 'kubelet-on-dockershim', 'kubelet-removed-flag', 'kubelet-log-limit-invalid',
])

/** Checks that find who uses Docker: no migration can change them, and what they find stops working with it. */
const USERS: ReadonlySet<string> = new Set([
  'agent-docker-setting', 'docker-cli', 'docker-cli-in-script', 'docker-data-mount', 'docker-host-env', 'docker-in-host-script', 'docker-in-unit',
  'docker-monitoring', 'docker-problem-detector', 'docker-socket-client', 'docker-socket-in-container', 'docker-socket-mount', 'dockershim-socket-client',
  'dockershim-socket-mount', 'log-collector-docker-api', 'log-collector-docker-format', 'log-collector-docker-path', 'unit-needs-docker',
])

/** Findings of one check are told one by one up to this number. */
const MOST = 5

/**
 * What preflight finds on the way to the target and the migration does not mend itself: what stops a node from coming up, and who
 * uses Docker.
 *
 * @param leavesDocker Docker runs the pods now, and goes
 */
export function preflightRemarks(node: ReadNode, upgrade: Upgrade, leavesDocker: boolean): readonly Remark[] {
  const scan = new Scan(checks, upgrade)
  // Not its static pods and texts: what is wrong in them breaks a workload, not the node.
  scan.node({...node, staticPods: [], texts: [], gaps: []})
  return [...openBlockers(scan), ...(leavesDocker ? usersOfDocker(scan) : [])]
}

/** A check that could not tell counts as well, until somebody accepts it. */
function openBlockers(scan: Scan): readonly Remark[] {
  const open = scan.found.findings.filter(({severity, check}) => severity === 'blocker' && !MENDED.has(check))
  const serious = new Set(checks.filter(({severity, id}) => severity === 'blocker' && !MENDED.has(id)).map(({id}) => id))
  const undecided = scan.found.undecided.filter(({check}) => serious.has(check))
  return [
    ...[...Map.groupBy(open, ({check}) => check).values()].flatMap((those) => those.slice(0, MOST).map(remarkOf)),
    ...undecided.map(({check, source, reason}): Remark => ({
      level: 'blocker', text: `Whether this stands in the way could not be told: ${reason}`, next: `See \`rtctl explain ${check}\`, and run rtctl as root on the node itself.`, source, id: check,
    })),
  ]
}

function usersOfDocker({found}: Scan): readonly Remark[] {
  const users = found.findings.filter(({check}) => USERS.has(check))
  const more = users.length - MOST
  return [
    ...users.slice(0, MOST).map(({text, evidence: [proof], check}): Remark => ({
      level: 'loss', text: text.replace(/\.$/, ''), next: `See \`rtctl explain ${check}\`.`, ...(proof !== undefined && {source: proof.source}),
    })),
    ...(more > 0 ? [{level: 'loss', text: `${more} more that use Docker`, next: 'See `rtctl preflight`.'} satisfies Remark] : []),
  ]
}

function remarkOf({check, text, fix, evidence}: Finding): Remark {
  const source = evidence[0]?.source
  return {level: 'blocker', text, next: fix, ...(source !== undefined && {source}), id: check}
}
