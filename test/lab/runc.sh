#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Before runc, on a machine whose kernel or capabilities lack what every node has: a negative oom_score_adj takes
# CAP_SYS_RESOURCE, and limits of huge pages take their cgroup controller. Both are taken out of the bundle.
bundle=. last=''
for word in "$@"; do
  case $last in --bundle | -b) bundle=$word ;; esac
  case $word in --bundle=*) bundle=${word#*=} ;; create | run) starts=yes ;; esac
  last=$word
done
if [ "$starts" = yes ] && [ -f "$bundle/config.json" ]; then
  sed -i -e 's/"oomScoreAdj": *-[0-9]*/"oomScoreAdj":0/' -e 's/"hugepageLimits": *\[[^]]*\]/"hugepageLimits":[]/' "$bundle/config.json"
fi
exec /usr/sbin/runc.real "$@"
