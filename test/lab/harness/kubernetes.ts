// SPDX-License-Identifier: Apache-2.0
import {copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {outputOf} from '../../engines/harness/run.ts'
import {openApt} from './apt.ts'
import {writeLabImages} from './images.ts'
import {imageDirectory, labDirectory, programDirectory, SOURCES} from './places.ts'

/** The version that Debian's package really has, and its commit upstream. */
const VERSION = {gitVersion: 'v1.20.2', gitMajor: '1', gitMinor: '20', gitTreeState: 'clean', buildDate: '2021-01-13T13:20:00Z'} as const

const PROGRAMS = ['kubelet', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kubeadm'] as const

const MINUTES = 60_000

/** Whether Kubernetes and the images are there. */
export function isBuilt(): boolean {
  return existsSync(programDirectory()) && existsSync(imageDirectory())
}

/**
 * Builds Kubernetes 1.20, the last minor in Debian with dockershim, and the images of the lab, in some minutes of both processors. Whatever
 * is interrupted begins anew but for what Go's cache has.
 *
 * @param say told what is done now
 */
export async function build(say: (text: string) => void): Promise<void> {
  if (isBuilt()) return
  const work = join(labDirectory(), 'build')
  for (const name of ['apt', 'go', 'packages', 'bin', 'images']) rmSync(join(work, name), {recursive: true, force: true})
  say('packages and sources of Debian')
  const apt = await openApt(join(work, 'apt'))
  const packages = join(work, 'packages')
  await apt.unpack(['golang-1.19-go', 'golang-1.19-src', 'golang-github-modern-go-reflect2-dev', 'etcd-server', 'busybox-static'], packages)
  const tree = join(work, 'go/src/k8s.io/kubernetes')
  mkdirSync(dirname(tree), {recursive: true})
  await apt.source('kubernetes', tree)
  const compiler = compilerOf(work, packages)
  const {go} = compiler
  say('images')
  mkdirSync(join(work, 'bin'))
  await go(SOURCES, 'build', '-ldflags', '-s -w', '-o', join(work, 'dial'), 'dial.go')
  writeLabImages(join(packages, 'bin/busybox'), join(work, 'dial'), join(work, 'images'))
  say('Kubernetes: what its build generates')
  repair(tree, packages)
  await generateOpenApi(compiler, work, tree)
  say(`Kubernetes: ${PROGRAMS.join(', ')}`)
  await go(tree, 'build', '-ldflags', linkerFlags(), '-o', `${join(work, 'bin')}/`, ...PROGRAMS.map((name) => `./cmd/${name}`))
  copyFileSync(join(packages, 'usr/bin/etcd'), join(work, 'bin/etcd'))
  renameSync(join(work, 'images'), imageDirectory())
  renameSync(join(work, 'bin'), programDirectory())
  rmSync(work, {recursive: true})
}

interface Compiler {
  readonly go: (cwd: string, ...args: readonly string[]) => Promise<string>
  readonly env: NodeJS.ProcessEnv
}

/** Debian's Go 1.19, with a cache that an interrupted build finds again. */
function compilerOf(work: string, packages: string): Compiler {
  const root = join(packages, 'usr/lib/go-1.19')
  const env = {
    ...process.env, PATH: `${join(root, 'bin')}:${process.env['PATH']}`, GOROOT: root, GOPATH: join(work, 'go'), GOCACHE: join(work, 'cache'),
    GO111MODULE: 'off', GOFLAGS: '', CGO_ENABLED: '0',
  }
  return {env, go: (cwd, ...args) => outputOf('go', args, {cwd, env, timeout: 60 * MINUTES})}
}

/** The reflect2 1.0.1 that Kubernetes 1.20 brings along crashes when Go is 1.18 or later, as soon as YAML is written; Debian's does not. */
function repair(tree: string, packages: string): void {
  const vendored = join(tree, 'vendor/github.com/modern-go/reflect2')
  rmSync(vendored, {recursive: true})
  cpSync(join(packages, 'usr/share/gocode/src/github.com/modern-go/reflect2'), vendored, {recursive: true, dereference: true})
}

/** Debian's source lacks `zz_generated.openapi.go`, without which kube-apiserver does not compile. */
async function generateOpenApi({go, env}: Compiler, work: string, tree: string): Promise<void> {
  const generator = join(work, 'openapi-gen')
  await go(tree, 'build', '-o', generator, './vendor/k8s.io/kube-openapi/cmd/openapi-gen')
  const others = ['code-generator', 'gengo', 'kube-openapi', 'sample-apiserver']
  const modules = readdirSync(join(tree, 'vendor/k8s.io')).filter((name) => !others.includes(name)).map((name) => `vendor/k8s.io/${name}/`)
  const marked = await outputOf('grep', ['-rlF', '--include=*.go', '+k8s:openapi-gen=', 'pkg', ...modules], {cwd: tree})
  const folders = [...new Set(marked.trim().split('\n').map((file) => `k8s.io/kubernetes/${dirname(file)}`))].sort()
  await outputOf(generator, [
    '--input-dirs', folders.join(','), '--output-package', 'k8s.io/kubernetes/pkg/generated/openapi', '--output-file-base', 'zz_generated.openapi',
    '--output-base', join(work, 'go/src'), '--go-header-file', 'vendor/k8s.io/code-generator/hack/boilerplate.go.txt',
    '--report-filename', join(work, 'openapi-violations'),
  ], {cwd: tree, env, timeout: 10 * MINUTES})
}

function linkerFlags(): string {
  const packages = ['component-base/version', 'client-go/pkg/version'].map((name) => `k8s.io/kubernetes/vendor/k8s.io/${name}`)
  return ['-s', '-w', ...packages.flatMap((name) => Object.entries(VERSION).map(([key, value]) => `-X ${name}.${key}=${value}`))].join(' ')
}
