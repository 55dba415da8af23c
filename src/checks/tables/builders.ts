// SPDX-License-Identifier: Apache-2.0
// Ways to build images in a cluster without the Docker of the node. Sources, as of 2026-11: the documentation of each project.
import type {PerTarget} from '../../model/check.ts'

const KANIKO = `Kaniko, as a container of the same pod or of a Job:
  containers:
  - name: kaniko
    image: gcr.io/kaniko-project/executor:v1.23.2
    args: [--context=dir:///workspace, --dockerfile=Dockerfile, --destination=REGISTRY/IMAGE:TAG]
    volumeMounts: [{name: registry-login, mountPath: /kaniko/.docker}]
  volumes:
  - name: registry-login
    secret: {secretName: REGISTRY-SECRET, items: [{key: .dockerconfigjson, path: config.json}]}`

const BUILDKIT = `BuildKit without root:
  containers:
  - name: buildkit
    image: moby/buildkit:rootless
    command: [buildctl-daemonless.sh]
    args: [build, --frontend=dockerfile.v0, --local=context=/workspace, --local=dockerfile=/workspace, '--output=type=image,name=REGISTRY/IMAGE:TAG,push=true']
    env: [{name: BUILDKITD_FLAGS, value: --oci-worker-no-process-sandbox}]
    securityContext: {runAsUser: 1000, runAsGroup: 1000, seccompProfile: {type: Unconfined}, appArmorProfile: {type: Unconfined}}`

const BUILDAH = `Buildah:
  containers:
  - name: buildah
    image: quay.io/buildah/stable
    command: [sh, -c, 'buildah build --isolation=chroot --storage-driver=vfs -t REGISTRY/IMAGE:TAG /workspace && buildah push REGISTRY/IMAGE:TAG']
    securityContext: {capabilities: {add: [SETUID, SETGID]}}`

const DIND = `A Docker daemon of its own beside the client, where docker commands have to stay:
  initContainers:
  - name: dockerd
    image: docker:28-dind
    restartPolicy: Always          # Kubernetes 1.29 and later; before, one more container
    args: [--host=unix:///var/run/docker.sock]
    securityContext: {privileged: true}
    volumeMounts: [{name: docker-run, mountPath: /var/run}, {name: docker-data, mountPath: /var/lib/docker}]
  containers:
  - name: build
    volumeMounts: [{name: docker-run, mountPath: /var/run}]
  volumes:
  - {name: docker-run, emptyDir: {}}
  - {name: docker-data, emptyDir: {}}`

/** For pods that build images. */
export const BUILD_FIX = `Build without the Docker of the node. Any of these works on every runtime:\n\n${KANIKO}\n\n${BUILDKIT}\n\n${BUILDAH}\n\n${DIND}\n\nThe last one needs a privileged container, the others do not.`

/** For pods that need a Docker API, and not only to build images. */
export const DIND_FIX = `Give the pod its own daemon instead of the one of the node. ${DIND}\n\nIts container must be privileged.`

/** For Jenkins pod templates and Jenkinsfiles. */
export const JENKINS_FIX = `Add a builder to the pod template, and build in its container:

  podTemplate(yaml: '''
    spec:
      containers:
      - name: kaniko
        image: gcr.io/kaniko-project/executor:v1.23.2-debug
        command: [sleep]
        args: [infinity]
        volumeMounts: [{name: registry-login, mountPath: /kaniko/.docker}]
      volumes:
      - name: registry-login
        secret: {secretName: REGISTRY-SECRET, items: [{key: .dockerconfigjson, path: config.json}]}
  ''') { node(POD_LABEL) { checkout scm; container('kaniko') {
    sh '/kaniko/executor --context=\`pwd\` --destination=REGISTRY/IMAGE:TAG'
  } } }

Steps that only ran in another image (\`agent { docker … }\`, \`docker.image(…).inside\`) become a container of the pod template and \`container('NAME') { … }\`.
Remove the volume of docker.sock from the template.`

/** For GitLab runners and pipelines. */
export const GITLAB_FIX = `Take the docker.sock volume out of config.toml, and build with one of these in .gitlab-ci.yml:

  build:                               # Kaniko: needs no privileges
    image: {name: 'gcr.io/kaniko-project/executor:v1.23.2-debug', entrypoint: ['']}
    script:
    - /kaniko/executor --context "$CI_PROJECT_DIR" --destination "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG"

  build:                               # docker-in-docker: needs \`privileged = true\` in [runners.kubernetes]
    image: docker:28
    services: ['docker:28-dind']
    variables: {DOCKER_HOST: 'tcp://docker:2376', DOCKER_TLS_CERTDIR: /certs, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: /certs/client}
    script:
    - docker build -t "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG" .

With TLS, give build and service the certificates: \`[[runners.kubernetes.volumes.empty_dir]] name = "docker-certs", mount_path = "/certs/client", medium = "Memory"\`.`

/** What takes the place of a mounted docker.sock. */
export const SOCKET_FIX: PerTarget = {
  containerd:
    'Decide by what the program wants. Lists, states or metrics of containers: mount /run/containerd/containerd.sock and use ' +
    'a version that speaks the CRI, ' +
    'or ask the kubelet. Images: build without the node (Kaniko, Buildah, rootless BuildKit). Anything else that needs a ' +
    'Docker API: a docker:dind sidecar ' +
    'that shares its socket through an emptyDir. Then remove the volume.',
  'cri-o':
    'Decide by what the program wants. Lists, states or metrics of containers: mount /run/crio/crio.sock and use a version ' +
    'that speaks the CRI, ' +
    'or ask the kubelet. Images: build without the node (Kaniko, Buildah, rootless BuildKit). Anything else that needs a ' +
    'Docker API: a docker:dind sidecar ' +
    'that shares its socket through an emptyDir. Then remove the volume.',
  'cri-dockerd': 'Nothing has to be done: dockerd stays, and so does its socket.',
}
