// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {readNetwork} from '../lib/cni.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'

const GOOD = {'/etc/cni/net.d/20-net.conflist': '{"cniVersion":"0.4.0","name":"net","plugins":[{"type":"calico"}]}'}

export const checks = [
  nodeCheck({
    id: 'cni-config-broken',
    title: {pass: 'The first CNI configuration can be loaded', fail: 'The first CNI configuration cannot be loaded'},
    why:
      'dockershim and CRI-O skip a CNI file that they cannot load, and take the next one. containerd stops at the first broken file: ' +
      'its network is never ready and the node stays NotReady, although a good file lies beside it.',
    severity: 'blocker',
    fix:
      'Repair the file, or move it out of the folder: a `.conflist` needs a name and a list `plugins`, a `.conf` needs a `type`. Files ' +
      'that end otherwise are not read.',
    learnMore: 'https://github.com/containerd/go-cni/blob/main/opts.go',
    unproven: 'That containerd stops at the first broken file, and that dockershim and CRI-O go on, was read in their source.',
    applies: ({target}) => target === 'containerd',
    needs: ['cniConfigs'],
    run({cniConfigs}, {facts}): readonly Outcome[] {
      const texts = new Map((cniConfigs?.texts ?? []).map((text) => [text.path, text]))
      for (const {file} of valueOf(facts.cni.networks) ?? []) {
        const text = texts.get(file)
        if (text === undefined) break
        const network = readNetwork(text)
        // libcni asks for the name of a list; that of a single plugin is asked for later.
        if (network !== undefined && (network.name !== '' || !file.endsWith('.conflist'))) break
        return [problem(file, `${file} is the first CNI configuration, and containerd cannot load it.`, {
          evidence: [{source: file, text: network === undefined ? 'no JSON object with plugins of a type' : 'no name'}],
        })]
      }
      return (cniConfigs?.unread ?? []).flatMap(unreadableOf)
    },
    examples: {
      fail: [
        {files: {...GOOD, '/etc/cni/net.d/10-old.conf': '{"name": "old", '}},
        {files: {...GOOD, '/etc/cni/net.d/10-old.conflist': '{"name":"lo","type":"loopback"}'}},
      ],
      pass: [
        {files: GOOD}, {files: {...GOOD, '/etc/cni/net.d/30-old.conf': '{"name": "old", '}},
        {upgrade: {target: 'cri-o'}, files: {...GOOD, '/etc/cni/net.d/10-old.conf': '{'}},
      ],
    },
  }),
]
