// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'
import type {Json, JsonObject} from '../../model/json.ts'
import type {TextDocument} from '../../model/kubernetes.ts'
import {problem, textCheck} from '../lib/define.ts'
import {ciToolOf, isComment, socketVolumesIn} from '../lib/pod-ci-files.ts'
import {dockerCommandOf, startsDockerd} from '../lib/pod-docker-cli.ts'
import {objectOf, stringsOf} from '../lib/pod-docker-use.ts'
import {commandsIn} from '../lib/pod-shell.ts'
import {BUILD_FIX, GITLAB_FIX, JENKINS_FIX} from '../tables/builders.ts'

interface Found {
  readonly what: string
  readonly line: number
  readonly severity: Severity
  readonly why: string
  readonly fix: string
}

export const checks = [
  textCheck({
    id: 'ci-docker-build',
    title: {pass: 'No pipeline needs the Docker of the machine it runs on', fail: 'A pipeline needs the Docker of the machine it runs on'},
    why:
      'A pipeline that says `docker build` and brings no daemon along uses that of the agent: on a node of the cluster, the ' +
      'one that goes. Builds then fail with ' +
      '"Cannot connect to the Docker daemon".',
    severity: 'medium',
    fix: BUILD_FIX,
    learnMore:
      'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    run(document) {
      if (!document.text.includes('ocker') || document.text.length > 1_000_000) return []
      // the socket is told of by another check
      if (socketVolumesIn(document.text).length > 0) return []
      const found = foundIn(document)
      if (found === undefined) return []
      const {what, line, severity, why, fix} = found
      return [problem('docker', `${document.name} uses ${what}${why}`, {severity, fix, line, evidence: [{source: `${document.name}:${line}`, text: what}]})]
    },
    examples: {
      fail: [
        {
          name: 'Jenkinsfile',
          text: "pipeline {\n  agent { kubernetes { yaml '...' } }\n  stages { stage('b') { steps { sh 'docker build -t x .' } } }\n}\n",
        },
        {name: 'Jenkinsfile', text: "pipeline {\n  agent { docker { image 'maven:3' } }\n}\n"},
        {name: '.gitlab-ci.yml', text: 'build:\n  image: docker:28\n  script:\n  - docker build -t x .\n'},
      ],
      pass: [
        {name: '.gitlab-ci.yml', text: 'build:\n  image: docker:28\n  services: [docker:28-dind]\n  script:\n  - docker build -t x .\n'},
        {
          name: '.gitlab-ci.yml',
          text: 'build:\n  image: {name: "gcr.io/kaniko-project/executor:debug", entrypoint: [""]}\n  script:\n  - /kaniko/executor\n',
        },
        {name: 'azure-pipelines.yml', text: 'pool: {vmImage: ubuntu-latest}\nsteps:\n- task: Docker@2\n'},
      ],
    },
  }),
]

function foundIn(document: TextDocument): Found | undefined {
  switch (ciToolOf(document)) {
    case 'Jenkins':
      return inJenkins(document)
    case 'GitLab':
      return /gitlab-ci/.test(document.name) ? inGitLab(document) : undefined
    case 'Azure Pipelines':
      return inAzure(document)
    default:
      return undefined
  }
}

function inJenkins({text, name}: TextDocument): Found | undefined {
  if (/\bdind\b|DOCKER_HOST|dockerd\b/.test(text)) return undefined
  const lines = text.split('\n')
  const step = /\bdocker\.(?:build|withRegistry|withServer|image)\s*\(|\bagent\s*\{\s*docker(?:file)?\b|^\s*docker\s*\{\s*$|\bdockerfile\s+true\b/
  const index = lines.findIndex((line) => !isComment(line) && (step.test(line) || shellOf(line) !== undefined))
  if (index === -1) return undefined
  const line = lines[index] as string
  const what = shellOf(line) ?? step.exec(line)?.[0].trim() ?? 'docker'
  const pods = /podTemplate|kubernetes\s*\{|POD_LABEL|kind:\s*Pod/.test(text)
  const inObject = !/Jenkinsfile/.test(name)
  const why = pods
    ? ', and its agents are pods: they have only the Docker of the node, if any.' : '. That breaks where its agents are pods or nodes of this cluster.'
  return {what: `\`${what}\``, line: index + 1, severity: pods ? 'high' : inObject ? 'low' : 'medium', why, fix: JENKINS_FIX}
}

/** The docker command in `sh 'docker build …'` of a Jenkinsfile. */
function shellOf(line: string): string | undefined {
  const step = /(?:^|[\s({])(?:sh|bat)[\s(]+(?:script:\s*)?(?:"""|'''|["'])(.*)$/.exec(line)?.[1]
  const script = step ?? (/^\s*docker\s+\w/.test(line) ? line : undefined)
  if (script === undefined) return undefined
  return commandsIn(script.replace(/["'\s)}]+$/, '')).map(dockerCommandOf).find((found) => found !== undefined)?.what
}

function inGitLab({text, data}: TextDocument): Found | undefined {
  const file = objectOf(data)
  const shared = objectOf(file['default'])
  const globals = {
    services: file['services'] ?? shared['services'], variables: objectOf(file['variables']), before: file['before_script'] ?? shared['before_script'],
  }
  for (const [name, value] of Object.entries(file)) {
    const job = objectOf(value)
    const scripts = [...scriptsOf(job['before_script'] ?? globals.before), ...scriptsOf(job['script'])]
    if (scripts.length === 0 || name === 'default') continue
    const commands = commandsIn(scripts.join('\n'))
    const docker = commands.map(dockerCommandOf).find((found) => found !== undefined && found.host === undefined)
    if (docker === undefined || commands.some(startsDockerd) || bringsDaemon(job, globals, file)) continue
    const line = text.split('\n').findIndex((one) => !isComment(one) && one.includes(docker.what.split(' ').slice(0, 2).join(' ')))
    return {
      what: `\`${docker.what}\` in job ${name}`, line: Math.max(line, 0) + 1, severity: 'medium', fix: GITLAB_FIX,
      why:
        ' and starts no docker:dind service. It needs a runner that hands in docker.sock, and breaks where that is on a node ' +
        'of this cluster.',
    }
  }
  return undefined
}

function bringsDaemon(job: JsonObject, globals: {readonly services: Json | undefined; readonly variables: JsonObject}, file: JsonObject): boolean {
  const parents = [...stringsOf(job['extends']), ...(typeof job['extends'] === 'string' ? [job['extends']] : [])].map((name) => objectOf(file[name]))
  const services = JSON.stringify([job['services'] ?? globals.services ?? null, ...parents.map((parent) => parent['services'] ?? null)])
  const variables = [globals.variables, objectOf(job['variables']), ...parents.map((parent) => objectOf(parent['variables']))]
  const remote = variables.some(({DOCKER_HOST: host}) => typeof host === 'string' && /^(?:tcp|ssh):/.test(host))
  return remote || /dind|kubedock/.test(services) || /dind/.test(JSON.stringify(job['image'] ?? null))
}

/** `script` may be a string, a list, or lists in a list. */
function scriptsOf(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? (value as readonly Json[]).flatMap(scriptsOf) : []
}

function inAzure({text}: TextDocument): Found | undefined {
  const lines = text.split('\n')
  if (/vmImage:/.test(text)) return undefined
  const step = /\btask:\s*Docker(?:Compose)?@\d|^\s*(?:-\s*)?(?:script|bash):\s*docker\s+(?:build|push|run|compose)\b/
  const index = lines.findIndex((line) => !isComment(line) && step.test(line))
  if (index === -1 || !/\bpool:/.test(text)) return undefined
  return {
    what: `\`${(lines[index] as string).trim().replace(/^-\s*/, '')}\` on agents of its own pool`, line: index + 1, severity: 'low', fix: BUILD_FIX,
    why: '. It breaks where those agents are pods or nodes of this cluster.',
  }
}
