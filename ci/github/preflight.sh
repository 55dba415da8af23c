#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What ci/github/action.yml runs: one look for the log and the exit status, and one more for each report that is wanted.
set -euo pipefail

if [[ -n ${INPUT_RTCTL:-} ]]; then
  rtctl=("$INPUT_RTCTL")
else
  rtctl=(npx --yes "rtctl@${INPUT_VERSION:-latest}")
fi

flags=()
add() { if [[ -n $2 ]]; then flags+=("$1" "$2"); fi; }
add --target "${INPUT_TARGET:-}"
add --kubernetes "${INPUT_KUBERNETES:-}"
add --baseline "${INPUT_BASELINE:-}"
add --waivers "${INPUT_WAIVERS:-}"
add --config "${INPUT_CONFIG:-}"

fail_on=()
if [[ -n ${INPUT_FAIL_ON:-} ]]; then fail_on=(--fail-on "$INPUT_FAIL_ON"); fi

paths=()
while IFS= read -r path; do
  if [[ -n ${path//[[:space:]]/} ]]; then paths+=("$path"); fi
done <<<"${INPUT_PATHS:-}"

# Without any path rtctl would look at the machine it runs on, which is the runner.
if [[ ${#paths[@]} == 0 ]] && ! grep -qs '^paths:' -- "${INPUT_CONFIG:-.rtctl.yaml}"; then paths=(.); fi

preflight() { "${rtctl[@]}" preflight "$@" -- ${paths[@]+"${paths[@]}"}; }

# Lines of the log that begin with two colons are commands to the runner. Manifests of strangers must not give any.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
status=0
preflight ${flags[@]+"${flags[@]}"} ${fail_on[@]+"${fail_on[@]}"} || status=$?
echo "::$token::"
echo "status=$status" >>"$GITHUB_OUTPUT"

# 0, 3 and 4 come with a report; anything else is a mistake in the call, and has been said.
case $status in 0 | 3 | 4) ;; *) exit "$status" ;; esac

# Reports have all findings in them, whatever makes the run fail. Incomplete ones (4) are reports, too.
report() {
  local code=0
  preflight ${flags[@]+"${flags[@]}"} --fail-on never -o "$1" || code=$?
  [[ $code == 0 || $code == 4 ]]
}

if [[ ${INPUT_SUMMARY:-true} == true ]]; then report markdown >>"$GITHUB_STEP_SUMMARY"; fi
if [[ -n ${INPUT_SARIF_FILE:-} ]]; then
  report sarif >"$INPUT_SARIF_FILE"
  # A line end in a name would begin an output of its own.
  printf 'sarif=%s\n' "${INPUT_SARIF_FILE//[$'\r\n']/}" >>"$GITHUB_OUTPUT"
fi
exit "$status"
