#!/usr/bin/env node
// Old syntax only and no static import: a Node.js that is too old must get as far as the sentence below.
var needed = 24
if (Number(process.versions.node.split('.')[0]) < needed) {
  process.stderr.write(
    'rtctl needs Node.js ' + needed + ' or newer, and this is ' + process.versions.node + ': ' +
    'in a clone of the project run `npx rtctl`, elsewhere install Node.js ' + needed + '.\n'
  )
  process.exitCode = 2
} else {
  import('../dist/main.js').then(function (rtctl) {
    return rtctl.main(process.argv.slice(2))
  }, function (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    process.stderr.write('rtctl is not built: run `npm ci` (or `npm run build`) in its folder first.\n')
    process.exitCode = 1
  })
}
