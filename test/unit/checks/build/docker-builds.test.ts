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

describe('the setup of a machine', () => {
  const of = (line: string, kubernetes = '1.24') => problemsInText('docker-cli-in-script', 'user-data.sh', `#!/bin/bash\n${line}\n`, {kubernetes}).map(({severity}) => severity)

  test('keeps machines of EKS out of the cluster when it asks for Docker, from 1.24 on', () => {
    expect(of('docker info\n/etc/eks/bootstrap.sh east --container-runtime dockerd')).toEqual(['blocker'])
    expect(of('/etc/eks/bootstrap.sh east --container-runtime=dockerd', '1.23')).toEqual(['info'])
    expect(of('kubelet --container-runtime=docker')).toEqual(['info'])
    expect(of('minikube start --container-runtime=docker')).toEqual([])
  })

  test('is told of where it writes the configuration of Docker, not where it reads it', () => {
    for (const write of ['cat > /etc/docker/daemon.json <<EOF\n{}\nEOF', 'cat <<EOF >/etc/docker/daemon.json\n{}\nEOF', 'echo {} | tee /etc/docker/daemon.json', 'sed -i s/a/b/ /etc/docker/daemon.json']) {
      expect(of(write)).toEqual(['info'])
    }
    for (const read of ['cat /etc/docker/daemon.json', 'cp /etc/docker/daemon.json /backup/', 'jq . < /etc/docker/daemon.json', 'echo "cat > /etc/docker/daemon.json"']) {
      expect(of(read)).toEqual([])
    }
  })
})

describe('an interface for credentials', () => {
  const of = (args: string) => problemsIn('docker-bridge-interface', pod(`image: 'jtblin/kube2iam:0.10.9', args: [${args}]`, '')).map(({severity}) => severity)
  const inValues = (text: string) => problemsInText('docker-bridge-interface-in-values', 'values.yaml', text)

  test('is high where the program sets a rule for docker0, also by default, low where it does not', () => {
    expect(of('--iptables, --host-interface=docker0')).toEqual(['high'])
    expect(of('--iptables=true')).toEqual(['high'])
    expect(of('--iptables=false, --host-interface=docker0')).toEqual(['low'])
    expect(of('--iptables=true, --host-interface, cni0')).toEqual([])
  })

  test('is found in values of a chart, with its line', () => {
    expect(inValues('host:\n  iptables: true\n  interface: docker0\n')).toMatchObject([{severity: 'high', line: 3}])
    expect(inValues('agent: {host: {interface: docker0}}\n')).toMatchObject([{severity: 'low', line: 1}])
    expect(inValues('host: {interface: eni+} # docker0\n')).toEqual([])
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
