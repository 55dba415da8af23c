#!/usr/bin/env node
// Runs src/ as it is, with no build: Node.js strips the types itself.
import {main} from '../src/main.ts'

await main(process.argv.slice(2), {development: true})
