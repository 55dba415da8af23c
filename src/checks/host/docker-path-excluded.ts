// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'
import {eachText, linesSaying} from '../lib/scripts.ts'

/** What reads the file, from its path. */
const READERS: readonly (readonly [RegExp, string])[] = [
  [/clam/, 'ClamAV'], [/updatedb/, 'updatedb (locate)'], [/aide/, 'AIDE'], [/tripwire/, 'Tripwire'], [/ossec/, 'OSSEC or Wazuh'], [/rkhunter/, 'rkhunter'],
  [/mdatp/, 'Microsoft Defender'], [/rsnapshot/, 'rsnapshot'], [/restic/, 'restic'], [/borg/, 'Borg'],
]

export const checks = [
  nodeCheck({
    id: 'docker-path-excluded',
    title: {
      pass: 'No scanner or backup leaves out the data of Docker alone',
      fail: "A scanner or backup leaves out Docker's data, and not that of the runtime to come",
    },
    why:
      'Virus scanners, integrity checks and backups are told to leave /var/lib/docker out, as it holds copies of whole systems that ' +
      'change all the time. The folder of the new runtime is not left out: every layer is scanned and stored, pulls become slow, and ' +
      'the report is full of files in images.',
    severity: 'low',
    fix: {
      containerd: 'Leave out /var/lib/containerd and /run/containerd as well, in the same way.',
      'cri-o': 'Leave out /var/lib/containers and /run/containers as well, in the same way.',
      'cri-dockerd': 'Nothing has to be done: the data stays where it is.',
    },
    learnMore: 'https://docs.docker.com/engine/security/antivirus/',
    unproven:
      'Only files where such programs of the host usually have their exceptions are looked at: not what a ' +
      'server tells an agent, nor options in scripts.',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['exclusionLists'],
    run({exclusionLists}, {upgrade}) {
      const own = upgrade.target === 'cri-o' ? /\/var\/lib\/containers\b/ : /\/var\/lib\/containerd\b/
      return eachText(exclusionLists, ({path, text}) => {
        const lines = linesSaying(text, /\/var\/lib\/docker\b/)
        if (lines.length === 0 || linesSaying(text, own).length > 0) return []
        const reader = READERS.find(([of]) => of.test(path))?.[1] ?? 'A program'
        return [problem(path, `${reader} treats /var/lib/docker specially by ${path}, and not the folder of the new runtime.`, {
          evidence: lines.slice(0, 5).map((one) => ({source: `${path}:${one.line}`, text: one.text})),
        })]
      })
    },
    examples: {
      fail: [
        {files: {'/etc/clamav/clamd.conf': 'LogSyslog true\nExcludePath ^/var/lib/docker/\n'}},
        {files: {'/etc/updatedb.conf': 'PRUNEPATHS="/tmp /var/spool /var/lib/docker"\n'}, upgrade: {target: 'cri-o'}},
      ],
      pass: [
        {files: {'/etc/clamav/clamd.conf': 'ExcludePath ^/var/lib/docker/\nExcludePath ^/var/lib/containerd/\n'}},
        {files: {'/etc/updatedb.conf': '# PRUNEPATHS="/var/lib/docker"\nPRUNEPATHS="/tmp"\n'}},
      ],
    },
  }),
]
