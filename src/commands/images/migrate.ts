// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {DOCKER_SOCKET, ENDPOINTS, imagesOfPods, migrateImages} from '../../app/images/migrate-images.ts'
import {BaseCommand} from '../../cli/base-command.ts'
import {EXIT} from '../../cli/exit-codes.ts'
import {openLive} from '../../cli/host-flags.ts'
import {interruptible} from '../../cli/interrupt.ts'
import {print} from '../../cli/output.ts'
import {progressOn} from '../../cli/progress.ts'
import type {ImageMoveReport} from '../../model/migration/images.ts'
import {UserError} from '../../model/user-error.ts'
import {progressLine, renderMoved} from '../../render/images/moved.ts'
import {visible} from '../../render/visible.ts'

const PROGRESS_MS = 100

export default class ImagesMigrate extends BaseCommand {
  static override summary = 'Move images from Docker into containerd or CRI-O'
  static override description =
    'Without images named: those that pods of this node use. What the runtime has already is skipped, layers that images share are moved ' +
    'once, nothing is written in between. After Ctrl-C or a failure the same command goes on where it was. Each image counts as moved when ' +
    'the runtime answers for it under the name that pods have for it.'
  static override enableJsonFlag = true
  static override strict = false
  static override args = {image: Args.string({ignoreStdin: true, description: 'name as in the pod spec; several may be given'})}
  static override flags = {
    to: Flags.option({options: ['containerd', 'cri-o'] as const, default: 'containerd'})({summary: 'Runtime that gets the images; CRI-O through skopeo.'}),
    all: Flags.boolean({summary: 'Move all images of Docker that have a name.'}),
    'dry-run': Flags.boolean({summary: 'Only print what would be moved.'}),
    'docker-socket': Flags.string({helpValue: 'PATH', summary: 'Socket of dockerd; by default the one that this node uses.'}),
    'runtime-endpoint': Flags.string({helpValue: 'URL', summary: `Socket of the runtime, by default ${ENDPOINTS.containerd} or ${ENDPOINTS['cri-o']}.`}),
  }
  static override examples = [
    {description: 'what pods of this node use', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'some images', command: 'sudo <%= config.bin %> <%= command.id %> shop/web:1 shop/db:4'},
    {description: 'everything, into CRI-O', command: 'sudo <%= config.bin %> <%= command.id %> --all --to cri-o'},
  ]

  async run(): Promise<ImageMoveReport> {
    const {flags, argv} = await this.parse(ImagesMigrate)
    if (flags.all && argv.length > 0) throw new UserError('--all means every image, and there are names as well.', 'Give one of them.', EXIT.usage)
    const host = openLive({timeout: 2})
    const wanted = await this.wanted(flags, argv.map(String))
    const endpoint = flags['runtime-endpoint'] ?? ENDPOINTS[flags.to]
    const progress = progressOn(process.stderr)
    let last = 0
    const report = await interruptible((signal) => migrateImages(host, {
      dockerSocket: (flags['docker-socket'] ?? wanted.dockerSocket ?? DOCKER_SOCKET).replace(/^unix:\/\//, ''),
      to: {name: flags.to, endpoint}, signal, dryRun: flags['dry-run'],
      ...(wanted.images !== undefined && {images: wanted.images}),
      progress: (state) => {
        if (performance.now() - last < PROGRESS_MS) return
        last = performance.now()
        progress.say(progressLine(state))
      },
    })).finally(() => progress.end())
    if (!this.jsonEnabled()) await print(renderMoved(report, flags['dry-run']))
    if (!isComplete(report) || wanted.isPartial) process.exitCode = EXIT.incomplete
    return report
  }

  /** Which images, and the dockerd of this node where it had to be looked at. */
  private async wanted(
    {all, to}: {readonly all: boolean; readonly to: 'containerd' | 'cri-o'}, names: readonly string[],
  ): Promise<{readonly images?: readonly string[]; readonly dockerSocket?: string; readonly isPartial?: boolean}> {
    if (all) return {}
    if (names.length > 0) return {images: names}
    const {unread, ...found} = await imagesOfPods(openLive({timeout: 2}), to)
    for (const what of unread) process.stderr.write(`rtctl: could not be read, so images may be missing: ${visible(what)}\n`)
    return {...found, isPartial: unread.length > 0}
  }
}

function isComplete({images, unverified}: ImageMoveReport): boolean {
  return unverified === undefined && images.every(({state}) => state === 'moved' || state === 'present')
}
