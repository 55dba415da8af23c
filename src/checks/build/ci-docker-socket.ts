// SPDX-License-Identifier: Apache-2.0
import {problem, textCheck} from '../lib/define.ts'
import {type CiTool, ciToolOf, isInPodSpec, socketVolumesIn} from '../lib/pod-ci-files.ts'
import {BUILD_FIX, GITLAB_FIX, JENKINS_FIX} from '../tables/builders.ts'

/** The pod is an object of its own: docker-socket-mount tells of it. */
const CASC =
  'jenkins:\n  clouds:\n  - kubernetes:\n      templates:\n      - name: builder\n        yaml: |\n          apiVersion: v1\n' +
  '          kind: Pod\n          spec:\n' +
  '            containers: [{name: a, image: docker:27, volumeMounts: [{name: d, mountPath: /var/run/docker.sock}]}]\n' +
  '            volumes:\n            - name: d\n              hostPath: {path: /var/run/docker.sock}\n'

export const checks = [
  textCheck({
    id: 'ci-docker-socket',
    title: {pass: 'No CI configuration gives builds the socket of Docker', fail: 'A CI configuration gives builds the socket of Docker'},
    why:
      'Runners and agents make the pods of a build from their own configuration: no manifest in the cluster shows the mount ' +
      'of docker.sock, and every build that uses it fails after the ' +
      'change with "Cannot connect to the Docker daemon at unix:///var/run/docker.sock".',
    severity: 'high',
    fix: BUILD_FIX,
    learnMore:
      'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    run(document) {
      const tool = document.text.includes('docker') ? ciToolOf(document) : undefined
      if (tool === undefined || document.text.length > 2_000_000) return []
      const lines = document.text.split('\n')
      // a pod within YAML is told of by docker-socket-mount
      const hits = socketVolumesIn(document.text).filter((index) => document.data === undefined || !isInPodSpec(lines, index))
      const [first] = hits
      if (first === undefined) return []
      const {kubernetes, text} = placeOf(document.text, tool)
      return [problem('socket', `${document.name} hands docker.sock of the node to builds (${tool}). ${text}`, {
        severity: kubernetes ? 'high' : 'medium', fix: fixOf(tool), line: first + 1,
        evidence: hits.slice(0, 5).map((index) => ({source: `${document.name}:${index + 1}`, text: (lines[index] as string).trim().slice(0, 200)})),
      })]
    },
    examples: {
      fail: [
        {
          name: 'config.toml',
          text:
            '[[runners]]\n  executor = "kubernetes"\n  [[runners.kubernetes.volumes.host_path]]\n    name = "docker"\n' +
            '    mount_path = "/var/run/docker.sock"\n',
        },
        {
          name: 'Jenkinsfile',
          text:
            "podTemplate(volumes: [hostPathVolume(hostPath: '/var/run/docker.sock', mountPath: '/var/run/docker.sock')]) {\n" +
            "  node(POD_LABEL) { sh 'docker build .' }\n}\n",
        },
        {name: '.drone.yml', text: 'kind: pipeline\ntype: kubernetes\nvolumes:\n- name: d\n  host: {path: /var/run/docker.sock}\n'},
      ],
      pass: [
        {name: 'jenkins.yaml', text: CASC},
        {
          name: 'values.yaml',
          text:
            'daemonSet:\n  podTemplate:\n    spec:\n      containers:\n      - name: m\n        volumeMounts: [{name: d, mountPath: /d.sock}]\n' +
            '      volumes:\n      - name: d\n        hostPath:\n          path: /var/run/docker.sock\n',
        },
        {
          name: 'config.toml',
          text: '[[runners]]\n  [[runners.kubernetes.volumes.empty_dir]]\n    name = "docker-certs"\n    mount_path = "/certs/client"\n',
        },
        {
          name: 'Jenkinsfile',
          text:
            "// used to mount /var/run/docker.sock\n" +
            "podTemplate(yaml: '...') { node(POD_LABEL) { container('kaniko') { sh '/kaniko/executor' } } }\n",
        },
      ],
    },
  }),
]

/** Whether the builds are pods, as far as the text tells. */
function placeOf(text: string, tool: CiTool): {readonly kubernetes: boolean; readonly text: string} {
  const pods = {
    Jenkins: /podTemplate|kubernetes\s*[{:]|plugins\.kubernetes|POD_LABEL|kind:\s*Pod/.test(text),
    GitLab: /runners\.kubernetes|executor\s*=\s*"kubernetes"/.test(text),
    Drone: /type:\s*kubernetes/.test(text), Woodpecker: /backend_options:\s*\n\s*kubernetes/.test(text), 'Azure Pipelines': false,
  }[tool]
  return pods ? {kubernetes: true, text: 'Builds run as pods, and find no Docker there after the change.'}
    : {kubernetes: false, text: 'That breaks where builds run on the nodes of this cluster.'}
}

function fixOf(tool: CiTool): string {
  return tool === 'Jenkins' ? JENKINS_FIX : tool === 'GitLab' ? GITLAB_FIX : BUILD_FIX
}
