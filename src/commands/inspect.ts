// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {filterReport} from '../app/filter-report.ts'
import {inspectHost, inspectProcess} from '../app/inspect-host.ts'
import {watchHost} from '../app/watch-host.ts'
import {BaseCommand} from '../cli/base-command.ts'
import {EXIT} from '../cli/exit-codes.ts'
import {hostFlags, openHost} from '../cli/host-flags.ts'
import {print} from '../cli/output.ts'
import {styleFor} from '../cli/style.ts'
import type {InspectReport} from '../model/chain.ts'
import type {Location} from '../model/location.ts'
import {UserError} from '../model/user-error.ts'
import {renderLocation} from '../render/location.ts'
import {renderTree} from '../render/tree.ts'

const FORMATS = ['tree', 'json', 'yaml', 'mermaid', 'dot', 'html'] as const
type Format = (typeof FORMATS)[number]

const CLEAR_SCREEN = '\u001b[H\u001b[2J\u001b[3J'

export default class Inspect extends BaseCommand {
  static override summary = 'Draw the real container runtime chain of a host, with how it is known'
  static override description =
    'Reads the process tree, sockets, cgroups, what engines keep on disk and what they answer, and draws who really runs ' +
    'the containers: kubelet, dockershim, dockerd, containerd, shims, runc. Changes nothing. Run it as root to see everything.'
  static override enableJsonFlag = true
  static override flags = {
    ...hostFlags,
    output: Flags.option({
      char: 'o', options: FORMATS, default: 'tree' as Format, helpValue: 'FORMAT', summary: `How to draw it: ${FORMATS.join(', ')}.`,
    })(),
    containers: Flags.boolean({summary: 'List every container with its pod, pids, runtime, log and cgroup.'}),
    explain: Flags.boolean({summary: 'Say at each hop what it does and why it exists.'}),
    watch: Flags.boolean({summary: 'Look again every two seconds and draw anew when something changed.', exclusive: ['from', 'pid', 'json']}),
    pid: Flags.integer({helpValue: 'PID', summary: 'Say which container, pod, shim and daemon a process belongs to.', min: 1}),
    pod: Flags.string({helpValue: 'NAME', summary: 'Only the containers of this pod.'}),
    container: Flags.string({helpValue: 'NAME', summary: 'Only containers of this name, or whose id begins like this.'}),
    namespace: Flags.string({char: 'n', helpValue: 'NAME', summary: 'Only the containers of this Kubernetes namespace.'}),
    'no-color': Flags.boolean({summary: 'Draw without colour, as with NO_COLOR set.'}),
  }
  static override examples = [
    {description: 'this host', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'a node that was recorded', command: '<%= config.bin %> <%= command.id %> --from node-1.jsonl --containers'},
    {description: 'whose process is 4711?', command: 'sudo <%= config.bin %> <%= command.id %> --pid 4711'},
    {description: 'learn what each part is for', command: '<%= config.bin %> <%= command.id %> --explain'},
    {description: 'a page to pass on', command: 'sudo <%= config.bin %> <%= command.id %> -o html > node.html'},
    {description: 'the CRI endpoint, in a script', command: `sudo <%= config.bin %> <%= command.id %> -o json | jq -r .chain.summary.criEndpoint.configured`},
  ]

  async run(): Promise<InspectReport | Location> {
    const {flags} = await this.parse(Inspect)
    const host = await openHost(flags)
    const options = {rtctlVersion: this.config.version}
    const style = styleFor(process.stdout, flags)
    if (flags.pid !== undefined) {
      const location = await inspectProcess(host, options, flags.pid)
      if (!location) throw new UserError(`There is no process ${flags.pid} on this host`, 'Look for it with `ps`; kernel threads belong to no container.')
      if (!this.jsonEnabled()) await print(flags.output === 'tree' ? renderLocation(location, style) : await document(location, flags.output))
      return location
    }
    const draw = async (report: InspectReport): Promise<string> => {
      if (flags.output !== 'tree') return render(report, flags.output)
      const width = process.stdout.isTTY ? process.stdout.columns : 80
      return renderTree(report, {style, width, containers: flags.containers, explain: flags.explain})
    }
    if (flags.watch) {
      await watchHost(() => openHost(flags), options, async (report) => {
        await print((process.stdout.isTTY ? CLEAR_SCREEN : '') + (await draw(filterReport(report, flags))))
      })
    }
    const report = filterReport(await inspectHost(host, options), flags)
    if (report.chain.gaps.length > 0) process.exitCode = EXIT.incomplete
    if (!this.jsonEnabled()) await print(await draw(report))
    return report
  }
}

async function render(report: InspectReport, format: Exclude<Format, 'tree'>): Promise<string> {
  switch (format) {
    case 'json':
      return (await import('../render/json.ts')).renderJson(report)
    case 'yaml':
      return (await import('../render/yaml.ts')).renderYaml(report)
    case 'mermaid':
      return (await import('../render/mermaid.ts')).renderMermaid(report)
    case 'dot':
      return (await import('../render/dot.ts')).renderDot(report)
    case 'html':
      return (await import('../render/html.ts')).renderHtml(report)
  }
}

async function document(location: Location, format: Exclude<Format, 'tree'>): Promise<string> {
  if (format === 'json') return `${JSON.stringify(location, null, 2)}\n`
  throw new UserError(`--pid cannot be drawn as ${format}`, 'Give -o json, or leave -o out.')
}
