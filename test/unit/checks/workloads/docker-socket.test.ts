// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {pod, problemsIn} from './run-check.ts'

const UNKNOWN = 'image: example.com/tool:1'
const SOCK = '{name: s, hostPath: {path: /var/run/docker.sock}}'
const at = (path: string) => `volumeMounts: [{name: s, mountPath: ${path}}]`
const severities = (id: string, manifest: string) => problemsIn(id, manifest).map(({severity}) => severity)

describe('a mount of docker.sock', () => {
  test('is high for a program nobody knows', () => {
    const [problem] = problemsIn('docker-socket-mount', pod(`${UNKNOWN}, ${at('/var/run/docker.sock')}`, SOCK))
    expect(problem).toMatchObject({severity: 'high', path: ['spec', 'volumes', 0, 'hostPath', 'path']})
    expect(problem?.text).toContain('Container "main" mounts /var/run/docker.sock of the node')
  })

  test('is low for an agent that takes the socket of the new runtime beside it', () => {
    const both = `${SOCK}, {name: c, hostPath: {path: /run/containerd}}`
    const mounts = 'volumeMounts: [{name: s, mountPath: /host/var/run/docker.sock}, {name: c, mountPath: /host/run/containerd}]'
    expect(severities('docker-socket-mount', pod(`image: docker.io/falcosecurity/falco:0.38.1, ${mounts}`, both))).toEqual(['low'])
    expect(severities('docker-socket-mount', pod(`${UNKNOWN}, ${mounts}`, both))).toEqual(['medium'])
  })

  test('is low for such an agent on Windows too, where the runtimes have named pipes', () => {
    const both = "{name: s, hostPath: {path: '\\\\.\\pipe\\docker_engine'}}, {name: c, hostPath: {path: '\\\\.\\pipe\\containerd-containerd'}}"
    const mounts = "volumeMounts: [{name: s, mountPath: '\\\\.\\pipe\\docker_engine'}, {name: c, mountPath: '\\\\.\\pipe\\containerd-containerd'}]"
    const ofDatadog = pod(`image: registry.datadoghq.com/agent:7.70.0, ${mounts}`, both)
    expect(severities('docker-socket-mount', ofDatadog)).toEqual(['low'])
    expect(severities('docker-socket-mount', pod(`${UNKNOWN}, ${mounts}`, both))).toEqual(['medium'])
    expect(problemsIn('docker-socket-mount', ofDatadog, {target: 'cri-o'}).map(({severity}) => severity)).toEqual(['high'])
  })

  test('is high whatever the program, where the pod would not start', () => {
    const strict = '{name: s, hostPath: {path: /var/run/docker.sock, type: Socket}}, {name: c, hostPath: {path: /run/containerd}}'
    const mounts = 'volumeMounts: [{name: s, mountPath: /d.sock}, {name: c, mountPath: /host/run/containerd}]'
    expect(severities('docker-socket-mount', pod(`image: docker.io/falcosecurity/falco:0.38.1, ${mounts}`, strict))).toEqual(['high'])
  })

  test('names the builders that take its place, where the container builds', () => {
    const [problem] = problemsIn('docker-socket-mount', pod(`image: docker:28-cli, command: [sh, -c, 'docker build -t x .'], ${at('/var/run/docker.sock')}`, SOCK))
    expect(problem?.fix).toContain('gcr.io/kaniko-project/executor')
    expect(problem?.evidence).toContainEqual({source: 'container main', text: 'runs `docker build`'})
  })

  test('has the advice of the vendor for a known agent', () => {
    const [problem] = problemsIn('docker-socket-mount', pod(`image: quay.io/sysdig/agent:10, ${at('/host/var/run/docker.sock')}`, SOCK))
    expect(problem?.fix).toContain('dragent.yaml')
  })

  test('is one problem for all containers that share the volume', () => {
    const manifest = `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: a, ${UNKNOWN}, ${at('/a')}}\n  - {name: b, ${UNKNOWN}, ${at('/b')}}\n  volumes: [${SOCK}]\n`
    expect(problemsIn('docker-socket-mount', manifest).map(({text}) => text)).toEqual([expect.stringContaining('Containers "a" and "b" mount ')])
  })

  test('is told of in the socket of another folder, with less weight', () => {
    expect(severities('docker-socket-mount', pod(`${UNKNOWN}, ${at('/d')}`, '{name: s, hostPath: {path: /var/vcap/sys/run/docker/docker.sock}}'))).toEqual(['medium'])
  })
})

describe('a mount of a folder around docker.sock', () => {
  const ID = 'docker-socket-in-parent-mount'
  const volume = (path: string) => `{name: s, hostPath: {path: '${path}'}}`

  test('is high once the program is seen to use the socket there', () => {
    for (const use of ["env: [{name: DOCKER_HOST, value: 'unix:///host/run/docker.sock'}]", 'args: [--docker=unix:///host/run/docker.sock]', "command: [sh, -c, 'DOCKER_HOST=unix:///host/run/docker.sock docker ps']"]) {
      expect(severities(ID, pod(`${UNKNOWN}, ${use}, ${at('/host/run')}`, volume('/run')))).toEqual(['high'])
      expect(severities(ID, pod(`${UNKNOWN}, ${use}, ${at('/host')}`, volume('/')))).toEqual(['high'])
    }
  })

  test('is high for docker commands where it is the usual place', () => {
    const build = `${UNKNOWN}, command: [sh, -c, 'docker build .'], ${at('/var/run')}`
    expect(severities(ID, pod(build, volume('/var/run')))).toEqual(['high'])
    expect(problemsIn(ID, pod(build, volume('/run')))[0]?.fix).toContain('kaniko')
  })

  test('is no proof by a socket of the same name that is not of the node', () => {
    const manifest = `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    ${UNKNOWN}\n    env: [{name: DOCKER_HOST, value: 'unix:///dind/docker.sock'}]\n` +
      '    volumeMounts: [{name: d, mountPath: /dind}, {name: r, mountPath: /host}]\n  volumes: [{name: d, emptyDir: {}}, {name: r, hostPath: {path: /}}]\n'
    expect(problemsIn(ID, manifest)).toEqual([])
  })

  test('is medium at the usual place, low elsewhere, when nothing tells more', () => {
    expect(severities(ID, pod(`${UNKNOWN}, ${at('/var/run')}`, volume('/var/run')))).toEqual(['medium'])
    expect(severities(ID, pod(`${UNKNOWN}, ${at('/host/run')}`, volume('/run')))).toEqual(['low'])
  })

  test('is nothing for the whole root, or /var, when nothing names the socket', () => {
    expect(problemsIn(ID, pod(`${UNKNOWN}, ${at('/host')}`, volume('/')))).toEqual([])
    expect(problemsIn(ID, pod(`${UNKNOWN}, ${at('/var')}`, volume('/var')))).toEqual([])
  })

  test('is nothing for a user that cannot open the socket', () => {
    expect(problemsIn(ID, pod(`${UNKNOWN}, securityContext: {runAsUser: 65534}, ${at('/var/run')}`, volume('/var/run')))).toEqual([])
    expect(problemsIn(ID, pod(`${UNKNOWN}, securityContext: {runAsUser: 65534}, ${at('/var/run')}`, volume('/var/run'), 'securityContext: {supplementalGroups: [998]}, '))).toHaveLength(1)
  })

  test('is nothing for plain images whose command is known, and for programs that never ask Docker', () => {
    expect(problemsIn(ID, pod(`image: busybox, command: [sleep, infinity], ${at('/var/run')}`, volume('/var/run')))).toEqual([])
    expect(problemsIn(ID, pod(`image: quay.io/calico/node:v3, ${at('/var/run')}`, volume('/var/run')))).toEqual([])
  })

  test('is nothing where the path goes on below', () => {
    expect(problemsIn(ID, pod(`${UNKNOWN}, ${at('/x')}`, volume('/var/run/secrets')))).toEqual([])
    expect(problemsIn(ID, pod(`${UNKNOWN}, volumeMounts: [{name: s, mountPath: /x, subPath: systemd}]`, volume('/run')))).toEqual([])
  })
})

describe('files of Docker', () => {
  test('weigh by what is lost without them', () => {
    const log = '{name: l, hostPath: {path: /var/log}}'
    const containers = '{name: s, hostPath: {path: /var/lib/docker/containers}}'
    expect(severities('docker-data-mount', pod(`${UNKNOWN}, ${at('/c')}`, containers))).toEqual(['high'])
    expect(severities('docker-data-mount', pod(`${UNKNOWN}, volumeMounts: [{name: s, mountPath: /c}, {name: l, mountPath: /var/log}]`, `${containers}, ${log}`))).toEqual(['low'])
    expect(severities('docker-data-mount', pod(`${UNKNOWN}, ${at('/c')}`, '{name: s, hostPath: {path: /etc/docker/}}'))).toEqual(['medium'])
    expect(severities('docker-data-mount', pod(`image: registry.datadoghq.com/agent:7.70.0, ${at('/host/var/lib/docker')}`, '{name: s, hostPath: {path: /var/lib/docker}}'))).toEqual(['low'])
    expect(severities('docker-data-mount', pod(`image: docker:28-dind, ${at('/var/lib/docker')}`, '{name: s, hostPath: {path: /var/lib/docker}}'))).toEqual(['low'])
  })
})
