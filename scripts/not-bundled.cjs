// SPDX-License-Identifier: Apache-2.0
// Stands in for a module that a dependency loads but rtctl never uses.
module.exports = {}
