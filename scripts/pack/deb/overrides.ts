// SPDX-License-Identifier: Apache-2.0

/** What lintian says of the package that is as it should be, each with its reason. */
export const OVERRIDES = `# Node.js as its project builds and signs it, without the one library that nodes lack: not compiled here.
rtctl: unstripped-binary-or-object *usr/lib/rtctl/lib/node*
rtctl: hardening-no-pie *usr/lib/rtctl/lib/node*
rtctl: hardening-no-fortify-functions *usr/lib/rtctl/lib/node*
rtctl: spelling-error-in-binary *usr/lib/rtctl/lib/node*
# Node.js brings its own libraries, so that rtctl runs on every release of Debian.
rtctl: embedded-library *usr/lib/rtctl/lib/node*
# The notices of the packages in the bundle come along word for word, as their licences ask.
rtctl: copyright-file-contains-full-apache-2-license
rtctl: old-fsf-address-in-copyright-file
# What runs the program is in lib, as Node.js has it in its own archives.
rtctl: repeated-path-segment lib *usr/lib/rtctl/lib/*
`
