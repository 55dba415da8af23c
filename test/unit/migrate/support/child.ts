// SPDX-License-Identifier: Apache-2.0
// A whole rtctl that works on the node in a folder, to be killed: `node child.ts FOLDER apply|resume|rollback`.
import {apply, resume, rollback} from './act.ts'
import {samplePlan} from './plan.ts'
import {simMachine} from './sim.ts'

const [, , folder = '', verb = ''] = process.argv
const machine = simMachine(folder)
const report = verb === 'apply' ? await apply(samplePlan(folder), machine) : verb === 'resume' ? await resume(machine) : await rollback(machine)
process.stdout.write(JSON.stringify(report))
