// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {dockerContainer, dockerNode, needsOf, podLabels, remarksOn, withContainers} from './support.ts'

const ID = `sha256:${'a1'.repeat(32)}`
const OTHER = `sha256:${'b2'.repeat(32)}`
const REPOSITORIES = '/var/lib/docker/image/overlay2/repositories.json'
const pause = (pod: string, labels = {}) => dockerContainer(9, {name: `k8s_POD_${pod}`, image: 'pause:3', labels: podLabels(pod, 'POD', labels)})
const container = (index: number, pod: string, image: string, more: {id?: string; exited?: boolean; name?: string} = {}) =>
  dockerContainer(index, {name: `k8s_c_${pod}`, image, labels: podLabels(pod, more.name ?? 'c'), ...more})
const imagesOf = async (...all: readonly ReturnType<typeof dockerContainer>[]) => (await needsOf(dockerNode(withContainers(...all)))).images

describe('images of pods', () => {
  test('are named once, with their pods', async () => {
    expect(await imagesOf(container(1, 'a', 'nginx'), container(2, 'b', 'docker.io/library/nginx:latest'), container(3, 'b', 'reg.example/x:1', {name: 'd'}))).toEqual([
      {name: 'nginx', localOnly: false, pods: ['default/a', 'default/b']}, {name: 'reg.example/x:1', localOnly: false, pods: ['default/b']},
    ])
  })

  test('are not those of sandboxes, and not those of containers outside Kubernetes', async () => {
    expect(await imagesOf(pause('a'), container(1, 'a', 'app:1'), dockerContainer(2, {name: 'own', image: 'own:1'}))).toEqual([{name: 'app:1', localOnly: false, pods: ['default/a']}])
  })

  test('have init containers that are done, as long as their pod runs', async () => {
    expect((await imagesOf(container(1, 'a', 'app:1'), container(2, 'a', 'init:1', {exited: true, name: 'i'}), container(3, 'gone', 'old:1', {exited: true}))).map(({name}) => name)).toEqual(['app:1', 'init:1'])
  })

  test('keep a digest, without the scheme that the kubelet shows', async () => {
    expect((await imagesOf(container(1, 'a', `docker-pullable://reg.example/x@${ID}`))).map(({name}) => name)).toEqual([`reg.example/x@${ID}`])
  })

  test('that are known by id have the name of another container with that id', async () => {
    expect((await imagesOf(container(1, 'a', ID, {id: ID}), container(2, 'b', 'app:2', {id: ID}))).map(({name, pods}) => [name, pods])).toEqual([['app:2', ['default/a', 'default/b']]])
  })

  test('that are known by id only are named so, and said to be', async () => {
    const needs = await needsOf(dockerNode(withContainers(container(1, 'a', ID, {id: ID}))))
    expect(needs.images).toEqual([{name: ID, localOnly: false, pods: ['default/a']}])
    expect(remarksOn(needs, /of default\/a is known here by its id only/)).toMatchObject([{level: 'note', next: expect.stringContaining('--all') as string}])
  })

  test('have the name that kubectl noted at their pod', async () => {
    const applied = JSON.stringify({metadata: {name: 'a', namespace: 'default'}, spec: {initContainers: [{name: 'i', image: 'init:2'}], containers: [{name: 'c', image: 'web:2'}, {name: 'broken', image: 7}, null]}})
    const labels = {'annotation.kubectl.kubernetes.io/last-applied-configuration': applied}
    expect((await imagesOf(pause('a', labels), container(1, 'a', ID, {id: ID}))).map(({name}) => name)).toEqual(['init:2', 'web:2'])
  })

  test.each(['{broken', '[]', '7', 'null', '{"metadata": 1}', '{"metadata": {"name": "a"}, "spec": {"containers": "x"}}'])('bear a note of kubectl that is none: %s', async (applied) => {
    const labels = {'annotation.kubectl.kubernetes.io/last-applied-configuration': applied}
    expect((await imagesOf(pause('a', labels), container(1, 'a', 'web:2'))).map(({name}) => name)).toEqual(['web:2'])
  })

  test('are those of static pods, too, under the name of the node', async () => {
    const manifest = 'apiVersion: v1\nkind: Pod\nmetadata: {name: etcd, namespace: kube-system}\nspec:\n  containers:\n    - {name: etcd, image: reg.example/etcd:3, imagePullPolicy: Never}\n'
    const {images} = await needsOf(dockerNode({files: {'/etc/kubernetes/manifests/etcd.yaml': manifest, '/etc/kubernetes/manifests/broken.yaml': '{{{'}}))
    expect(images).toEqual([{name: 'reg.example/etcd:3', localOnly: true, pods: ['kube-system/etcd-node-1']}])
  })
})

describe('an image that no registry is known to have', () => {
  const repositories = (table: object) => ({[REPOSITORIES]: JSON.stringify({Repositories: table})})

  test('is one that Docker neither pulled nor pushed, by its id or its name', async () => {
    const containers = withContainers(container(1, 'a', 'built:1', {id: ID}), container(2, 'b', 'pulled:1', {id: OTHER}), container(3, 'c', 'docker.io/library/named:latest'))
    const {images} = await needsOf(dockerNode({...containers, files: {
      ...containers.files, ...repositories({built: {'built:1': ID}, pulled: {'pulled:1': OTHER, [`pulled@${OTHER}`]: OTHER}, named: {'named:latest': `sha256:${'c3'.repeat(32)}`}}),
    }}))
    expect(images.map(({name, localOnly}) => [name, localOnly])).toEqual([['built:1', true], ['docker.io/library/named:latest', true], ['pulled:1', false]])
  })

  test('gives its name to a container that has the id only', async () => {
    const containers = withContainers(container(1, 'a', ID, {id: ID}))
    const {images} = await needsOf(dockerNode({...containers, files: {...containers.files, ...repositories({built: {'built:1': ID}})}}))
    expect(images).toEqual([{name: 'built:1', localOnly: true, pods: ['default/a']}])
  })

  test('is one of localhost', async () => {
    expect(await imagesOf(container(1, 'a', 'localhost/app:1'), container(2, 'b', 'localhost:5000/app:1'))).toEqual([
      {name: 'localhost/app:1', localOnly: true, pods: ['default/a']}, {name: 'localhost:5000/app:1', localOnly: false, pods: ['default/b']},
    ])
  })
})
