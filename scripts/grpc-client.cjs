// SPDX-License-Identifier: Apache-2.0
// What of @grpc/grpc-js a client of a unix socket or a port needs: neither servers, nor channelz, nor the load balancers of
// meshes. The package's own index loads them all, which takes 10 ms of every call.
// First, as in the package's index: its files need each other.
const {ChannelImplementation} = require('../node_modules/@grpc/grpc-js/build/src/channel')
const {ChannelCredentials} = require('../node_modules/@grpc/grpc-js/build/src/channel-credentials')
const {Metadata} = require('../node_modules/@grpc/grpc-js/build/src/metadata')

require('../node_modules/@grpc/grpc-js/build/src/resolver-uds').setup()
require('../node_modules/@grpc/grpc-js/build/src/resolver-ip').setup()
require('../node_modules/@grpc/grpc-js/build/src/resolver-dns').setup()
require('../node_modules/@grpc/grpc-js/build/src/load-balancer-pick-first').setup()

module.exports = {Channel: ChannelImplementation, credentials: {createInsecure: ChannelCredentials.createInsecure}, Metadata}
