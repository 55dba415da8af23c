// SPDX-License-Identifier: Apache-2.0
import {ARCHITECTURES, type Packer} from './context.ts'
import {buildImage} from './image/build.ts'

/**
 * The container image, built without a daemon: an OCI image layout in one tar, for amd64 and arm64. It needs apt and dpkg, and
 * Debian's archive or a mirror of it.
 */
export const packImage: Packer = async (context) => [await buildImage(context, ARCHITECTURES)]
