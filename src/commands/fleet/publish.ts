// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import type {Published} from '../../app/fleet/publish.ts'
import {BaseCommand} from '../../cli/base-command.ts'
import {fleetFlags, longDuration} from '../../cli/fleet/flags.ts'
import {liveHostFlags} from '../../cli/host-flags.ts'
import {acceptFlags} from '../../cli/preflight/accept-flags.ts'
import {planFlags} from '../../cli/preflight/plan-flags.ts'

const {waivers, ignore, config} = acceptFlags

export default class FleetPublish extends BaseCommand {
  static override summary = 'Write what this node is into the cluster, for `rtctl fleet report`'
  static override description =
    'Looks at this host as inspect and preflight do, and writes the report into a ConfigMap of its own: the only thing that it writes. ' +
    'Meant for a pod on each node; deploy/ has a DaemonSet, a Job and the rights. The exit status says whether the report was written, not what is in it.'
  static override enableJsonFlag = true
  static override flags = {
    ...liveHostFlags,
    ...fleetFlags,
    node: Flags.string({helpValue: 'NAME', env: 'NODE_NAME', required: true, summary: "The node's name in Kubernetes."}),
    every: longDuration({
      least: 1000, exclusive: ['json'],
      summary: 'Do so again and again, with so long in between, give or take a tenth; the first within 5 minutes. Ctrl-C or SIGTERM ends it.',
    }),
    ...planFlags,
    waivers, ignore, config,
  }
  static override examples = [
    {description: 'in a pod on the node that has it mounted at /host', command: '<%= config.bin %> <%= command.id %> --root /host --every 6h'},
    {description: 'this host, once, by hand', command: 'sudo <%= config.bin %> <%= command.id %> --node node-1 --kubeconfig publisher.conf'},
    {description: 'for a certain goal', command: '<%= config.bin %> <%= command.id %> --root /host --target cri-o --kubernetes 1.30'},
  ]

  async run(): Promise<Published> {
    const {flags} = await this.parse(FleetPublish)
    const {publish} = await import('../../cli/fleet/publish.ts')
    return publish(flags, this.config.version, this.jsonEnabled())
  }
}
