// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {pod, problemsIn, problemsInText} from '../workloads/run-check.ts'

describe('a Docker daemon of a pod', () => {
  const of = (image: string, more = '') => problemsIn('docker-in-docker', pod(`image: '${image}'${more}`, '')).map(({severity}) => severity)

  test('is told of by its age: before 20.10 it does not start on cgroup v2', () => {
    expect(of('docker:19.03.15-dind')).toEqual(['medium'])
    expect(of('docker:20.10-dind')).toEqual(['low'])
    expect(of('docker:dind')).toEqual(['low'])
    expect(of('docker:28-dind-rootless')).toEqual(['info'])
  })

  test('is one by command as well, and none where another command is run', () => {
    expect(of('example.com/ci:1', ", command: [sh, -c, 'dockerd & make']")).toEqual(['low'])
    expect(of('docker:28-dind', ', command: [cat]')).toEqual([])
    expect(of('example.com/docs/dindex:1')).toEqual([])
  })
})

describe('docker commands of a pod', () => {
  const of = (command: string, more = '') => problemsIn('docker-cli', pod(`image: example.com/a:1, command: [sh, -c, '${command}']${more}`, '')).map(({severity}) => severity)

  test('are high in the namespaces of the node, low where nothing tells which daemon they ask', () => {
    expect(of('nsenter -t 1 -m -- docker ps')).toEqual(['high'])
    expect(of('docker build .')).toEqual(['low'])
  })

  test('are nothing where a daemon is named, shared or started', () => {
    expect(of('docker -H tcp://dind.ci.svc:2375 ps')).toEqual([])
    expect(of('DOCKER_HOST=tcp://dind:2375 docker ps')).toEqual([])
    expect(of('dockerd & docker ps')).toEqual([])
    expect(of('docker ps', ', volumeMounts: [{name: x, mountPath: /var/run}]')).toEqual([])
    expect(of('docker buildx create --driver kubernetes --use; docker buildx build .')).toEqual([])
    expect(of('docker login registry; docker --version')).toEqual([])
  })
})

describe('an address of Docker', () => {
  const of = (host: string, spec = '', env = '') =>
    problemsIn('docker-host-env', pod(`image: example.com/a:1, env: [${env}{name: DOCKER_HOST, value: '${host}'}]`, '', spec)).map(({severity}) => severity)

  test('is of the node by field, by docker0 and by the network of the host', () => {
    expect(of('tcp://$(IP):2375', '', '{name: IP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}, ')).toEqual(['high'])
    expect(of('tcp://172.17.0.1:2375')).toEqual(['high'])
    expect(of('tcp://localhost:2375', 'hostNetwork: true, ')).toEqual(['high'])
    expect(of('tcp://10.1.2.3:2376')).toEqual(['low'])
  })

  test('is of nobody knows whom, of the pod, or of a service', () => {
    expect(of('tcp://$(IP):2375', '', '{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}, ')).toEqual([])
    expect(of('tcp://localhost:2375')).toEqual([])
    expect(of('tcp://docker:2376')).toEqual([])
    expect(of('ssh://builder@build-1')).toEqual([])
  })
})

describe('a pipeline', () => {
  const gitlab = (text: string) => problemsInText('ci-docker-build', '.gitlab-ci.yml', text).length

  test('of GitLab has its daemon from a service, a parent, the defaults or an address', () => {
    const job = 'build:\n  script: [docker build .]\n'
    expect(gitlab(job)).toBe(1)
    expect(gitlab(`${job}  services: [{name: "docker:dind"}]\n`)).toBe(0)
    expect(gitlab(`.dind:\n  services: [docker:dind]\n${job}  extends: .dind\n`)).toBe(0)
    expect(gitlab(`default:\n  services: [docker:dind]\n${job}`)).toBe(0)
    expect(gitlab(`${job}  variables: {DOCKER_HOST: "tcp://build:2376"}\n`)).toBe(0)
  })

  test('of Jenkins weighs more where its agents are pods', () => {
    const of = (text: string) => problemsInText('ci-docker-build', 'Jenkinsfile', text).map(({severity, line}) => [severity, line])
    expect(of("pipeline {\n agent any\n stages { stage('b') { steps {\n sh 'docker build .'\n } } }\n}\n")).toEqual([['medium', 4]])
    expect(of("podTemplate(yaml: '') {\n node(POD_LABEL) {\n  sh \"docker push x\"\n }\n}\n")).toEqual([['high', 3]])
    expect(of("podTemplate(yaml: 'image: docker:dind') {\n node(POD_LABEL) {\n  sh 'docker push x'\n }\n}\n")).toEqual([])
    expect(of("pipeline {\n agent any\n // sh 'docker build .'\n}\n")).toEqual([])
  })

  test('that hands out docker.sock is told of once, with its line', () => {
    const text = "podTemplate(volumes: [\n hostPathVolume(hostPath: '/var/run/docker.sock', mountPath: '/var/run/docker.sock')\n]) { node(POD_LABEL) { sh 'docker build .' } }\n"
    expect(problemsInText('ci-docker-socket', 'Jenkinsfile', text).map(({severity, line}) => [severity, line])).toEqual([['high', 2]])
    expect(problemsInText('ci-docker-build', 'Jenkinsfile', text)).toEqual([])
  })
})
