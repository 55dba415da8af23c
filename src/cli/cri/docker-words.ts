// SPDX-License-Identifier: Apache-2.0

/** Words of docker, podman, ctr and nerdctl, and what does it here: `docker WORD` → a command of rtctl. */
const TRANSLATIONS: Readonly<Record<string, string>> = {
  attach: 'rtctl cri attach', container: 'rtctl cri ps', cp: 'rtctl cri cp', create: 'rtctl cri create', diff: 'rtctl cri changes', events: 'rtctl cri events', exec: 'rtctl cri exec',
  images: 'rtctl cri images', image: 'rtctl cri images', info: 'rtctl cri info', inspect: 'rtctl cri inspect', import: 'rtctl cri images load', export: 'rtctl cri images save', kill: 'rtctl cri stop --timeout 0',
  load: 'rtctl cri images load', logs: 'rtctl cri logs', port: 'rtctl cri port-forward', ps: 'rtctl cri ps', list: 'rtctl cri ps', ls: 'rtctl cri ps', pull: 'rtctl cri pull', restart: 'rtctl cri stop, and the kubelet starts the container anew',
  rm: 'rtctl cri rm', rmi: 'rtctl cri rmi', prune: 'rtctl cri rmi --prune', run: 'rtctl cri run', save: 'rtctl cri images save', start: 'rtctl cri start', stats: 'rtctl cri stats', stop: 'rtctl cri stop',
  system: 'rtctl cri imagefsinfo', tag: 'rtctl cri images tag', task: 'rtctl cri ps', top: 'rtctl cri top', update: 'rtctl cri update', version: 'rtctl cri version', wait: 'rtctl cri wait',
}

/** Words of docker for what no CRI runtime does. */
const NOTHING: Readonly<Record<string, string>> = {
  build: 'A CRI runtime builds no images: use BuildKit, buildah or kaniko.',
  commit: 'A CRI runtime makes no images of containers: build one.',
  compose: 'A CRI runtime knows no compose files.',
  login: 'A CRI runtime keeps no passwords: give them to `rtctl cri pull` with --creds or --docker-config, to pods as imagePullSecrets.',
  network: 'Networks are the business of CNI: see /etc/cni/net.d and `rtctl cri info`.',
  pause: 'The CRI cannot pause containers.',
  push: 'A CRI runtime does not push: save the image with `rtctl cri images save` and push it with skopeo.',
  rename: 'The CRI cannot rename containers.',
  search: 'A CRI runtime does not search registries.',
  unpause: 'The CRI cannot pause containers.',
  volume: 'Volumes are the business of the kubelet and CSI.',
}

/** Programs whose words users type from habit. */
const PROGRAMS = ['docker', 'podman', 'nerdctl', 'ctr', 'crictl']

/**
 * What does here what some words do in docker: one line for the user, or undefined where they are no such words.
 *
 * @param words as typed after `rtctl` or `rtctl cri`: `['docker', 'ps']`, `['images']`
 */
export function translated(words: readonly string[]): string | undefined {
  const [first = '', ...rest] = words
  const isProgram = PROGRAMS.includes(first)
  const [word = ''] = isProgram ? rest : words
  const program = isProgram ? first : 'docker'
  if (Object.hasOwn(TRANSLATIONS, word)) return `${program} ${word} → ${TRANSLATIONS[word]}`
  if (Object.hasOwn(NOTHING, word)) return NOTHING[word]
  return isProgram ? `${first} → rtctl cri, see \`rtctl cri --help\`` : undefined
}
