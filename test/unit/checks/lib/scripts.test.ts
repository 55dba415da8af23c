// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {dockerHitsIn, dockerHitsInCode, linesSaying} from '../../../../src/checks/lib/scripts.ts'

const kinds = (script: string) => dockerHitsIn(script).map(({kind, line}) => `${line} ${kind}`)

describe('what a shell script needs of Docker', () => {
  test.each([
    ['docker ps -aq', ['1 command']],
    ['/usr/bin/docker --host tcp://x run -d nginx', ['1 command']],
    ['docker-compose -f /srv/a.yml up -d', ['1 command']],
    ['docker load < /srv/app.tar', ['1 image']],
    ['docker save app | gzip > app.tgz', ['1 image']],
    ['docker tag a b && docker push b', ['1 image', '1 command']],
    ['if ! systemctl is-active --quiet docker; then systemctl restart docker.service; fi', ['1 service']],
    ['service docker restart', ['1 service']],
    ['journalctl -u docker --since today', ['1 service']],
    ['pgrep dockerd || exit 1', ['1 service']],
    ['apt-get install -y docker-ce=5:20.10 curl', ['1 package']],
    ['curl -fsSL https://get.docker.com | sh', ['1 package']],
    ['curl --unix-socket /var/run/docker.sock http://x/info', ['1 socket']],
    ['crictl -r unix:///var/run/dockershim.sock ps', ['1 socket']],
    ['echo \'{"a":1}\' > /etc/docker/daemon.json', ['1 config']],
    ['cat > /etc/docker/daemon.json <<EOF\ndocker ps\nEOF', ['1 config']],
    ['du -sh /var/lib/docker', ['1 data']],
    ['ROOT=/var/lib/docker\ndu -sh $ROOT', ['1 data']],
    ['export DOCKER_HOST=unix:///var/run/docker.sock', ['1 socket']],
    ['flock -n /run/lock docker system prune -f', ['1 command']],
    ['ionice -c 3 nice docker image prune -f', ['1 command']],
    ['su - deploy -c "docker ps"', ['1 command']],
    ['alias dps="docker ps"', ['1 command']],
    ['clean() { docker rm x; }\nclean', ['1 command']],
    ['for i in $(docker ps -q); do\n  docker stop $i\ndone', ['1 command', '2 command']],
    ['a=1\nsh -c "true\ndocker ps"', ['3 command']],
  ])('%j', (script, expected) => expect(kinds(script)).toEqual(expected))

  test.each([
    '# docker ps', 'true # docker ps', 'echo "docker ps"', "printf 'run docker ps\\n'", 'logger docker stop', 'echo see /var/lib/docker',
    'mydocker ps', 'docker-gc', 'docker.sh ps', 'ssh node2 docker ps', 'ls /srv/docker', 'rm -rf /var/lib/dockerized', 'systemctl restart docker-registry',
    'command -v docker', 'which docker', 'docker --version', 'docker login registry', 'apt-get remove docker-ce', 'cat <<EOF\ndocker ps\nEOF', 'nerdctl ps', '',
    'curl https://docker.com/x', 'systemctl restart containerd',
  ])('nothing in %j', (script) => expect(dockerHitsIn(script)).toEqual([]))

  test('shows the words, but not endless ones', () => {
    expect(dockerHitsIn(`docker   run ${'x '.repeat(500)}`)[0]!.text).toMatch(/^docker run (?:x ){10}.{1,120} …$/)
  })

  test('never throws, and gives lines that there are', () => {
    const words = fc.constantFrom('docker', ' ', '\n', '"', "'", '$(', ')', '`', '<<EOF', 'EOF', '#', ';', '|', 'alias x=', 'su -c ', 'flock', '\\', '/var/lib/docker', 'ps', '>', '=')
    fc.assert(fc.property(fc.oneof(fc.string(), fc.array(words, {maxLength: 60}).map((all) => all.join(''))), (script) => {
      const lines = script.split('\n').length
      for (const {line} of dockerHitsIn(script)) expect(line).toBeGreaterThanOrEqual(1)
      for (const {line} of dockerHitsIn(script)) expect(line).toBeLessThanOrEqual(lines)
    }))
  })

  test('is quick with a script made to stall it', () => {
    const started = performance.now()
    dockerHitsIn('alias a='.repeat(20_000))
    dockerHitsIn('su -c "'.repeat(20_000))
    dockerHitsIn('A='.repeat(100_000))
    dockerHitsIn(`docker ${'"$('.repeat(30_000)}`)
    expect(performance.now() - started).toBeLessThan(3000)
  })
})

describe('what a program in another language needs of Docker', () => {
  test.each([
    ['import docker', 1], ['from docker import APIClient', 1], ['subprocess.run(["docker", "ps"])', 1], ['os.system("docker ps -q")', 1],
    ['s.connect("/var/run/docker.sock")', 1], ['# import docker', 0], ['x = "dockerfile"', 0], ['// "docker"', 0], ['import dockerfile', 0],
  ])('%j', (code, count) => expect(dockerHitsInCode(code)).toHaveLength(count))
})

describe('lines that say a word', () => {
  test('come with their number, without comments', () => {
    expect(linesSaying('a\n# docker\n  ; docker\nx docker', /docker/)).toEqual([{line: 4, text: 'x docker'}])
  })
})
