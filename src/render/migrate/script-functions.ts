// SPDX-License-Identifier: Apache-2.0

/** The functions of the runbook, by name. Each is written only where a step needs it. */
export const FUNCTIONS = {
  unit: `# unit VERB UNIT: where another init system runs the node, put its commands here.
unit() {
  systemctl "$1" "$2"
}`,
  mask_unit: `# A unit whose own file lies in /etc/systemd/system cannot be masked; it is stopped and disabled all the same.
mask_unit() {
  systemctl mask "$1" || printf '%s cannot be masked: see that nothing starts it\\n' "$1" >&2
}`,
  write_file: `# write_file MODE BEFORE AFTER PATH: the text on standard input becomes the file. BEFORE and AFTER are sha256 sums, or absent, or any.
write_file() {
  local mode=$1 before=$2 after=$3 path=$4 now=absent new
  if [ -L "$path" ]; then path=$(readlink -f "$path"); fi
  if [ -e "$path" ]; then now=$(sha256sum < "$path" | cut -d ' ' -f 1); fi
  if [ "$now" = "$after" ]; then
    cat > /dev/null
    printf '%s is as planned already\\n' "$path"
    return
  fi
  [ "$before" = any ] || [ "$now" = "$before" ] || die "$path is not as it was when the plan was made: make a new plan"
  mkdir -p "$(dirname "$path")"
  save_file "$path"
  new=$(mktemp "$path.XXXXXX")
  cat > "$new"
  [ "$after" = any ] || [ "$(sha256sum < "$new" | cut -d ' ' -f 1)" = "$after" ] || die "$new is not what was planned for $path"
  if [ "$now" = absent ]; then chmod "$mode" "$new"; else chmod --reference="$path" "$new" && chown --reference="$path" "$new"; fi
  mv "$new" "$path"
}`,
  remove_file: `# remove_file BEFORE PATH
remove_file() {
  if [ ! -e "$2" ]; then return; fi
  [ "$1" = any ] || [ "$(sha256sum < "$2" | cut -d ' ' -f 1)" = "$1" ] || die "$2 is not as it was when the plan was made: make a new plan"
  save_file "$2"
  rm "$2"
}`,
  save_file: `# save_file PATH: keeps it as it was before this run.
save_file() {
  if [ ! -e "$1" ] || [ -e "$BACKUP$1" ]; then return; fi
  mkdir -p "$BACKUP$(dirname "$1")"
  cp -a "$1" "$BACKUP$1"
}`,
  cri: `# cri ENDPOINT ARGUMENT...: crictl, or rtctl in its place.
cri() {
  local endpoint=$1
  shift
  if command -v crictl > /dev/null; then
    crictl --runtime-endpoint "$endpoint" --image-endpoint "$endpoint" "$@"
  else
    rtctl cri --runtime-endpoint "$endpoint" --image-endpoint "$endpoint" "$@"
  fi
}`,
  bring_to_containerd: `# bring_to_containerd DOCKER-SOCKET ENDPOINT IMAGE: an image that is there already is left alone.
bring_to_containerd() {
  if cri "$2" inspecti "$3" > /dev/null 2>&1; then return; fi
  docker --host "unix://$1" save "$3" | ctr --address "\${2#unix://}" --namespace k8s.io images import -
}`,
  bring_to_crio: `# bring_to_crio DOCKER-SOCKET ENDPOINT IMAGE: an image that is there already is left alone.
bring_to_crio() {
  if cri "$2" inspecti "$3" > /dev/null 2>&1; then return; fi
  # Not through docker-daemon: the API that an older skopeo speaks is refused by Docker 25 and newer.
  local archive status=0
  archive=$(mktemp)
  docker --host "unix://$1" save --output "$archive" "$3" && skopeo copy "docker-archive:$archive" "containers-storage:$3" || status=$?
  rm -f "$archive"
  return "$status"
}`,
  drop_chains: `# drop_chains CHAIN...: first the rules that lead there, then their own, then the chains.
drop_chains() {
  local table chain
  for table in filter nat; do
    for chain in "$@"; do
      iptables -t "$table" -S | awk -v chain="$chain" '/^-A/ {for (i = 1; i < NF; i++) if ($i == "-j" && $(i + 1) == chain) print}' |
        while read -r _ rule; do
          # shellcheck disable=SC2086 # the words of a rule, as iptables printed them
          iptables -t "$table" -D $rule
        done
      iptables -t "$table" -F "$chain" 2> /dev/null || true
    done
    for chain in "$@"; do iptables -t "$table" -X "$chain" 2> /dev/null || true; done
  done
}`,
  wait_cri: `# wait_cri ENDPOINT SECONDS
wait_cri() {
  local end=$((SECONDS + $2))
  until cri "$1" version > /dev/null 2>&1; do
    ((SECONDS < end)) || die "nobody answers at $1 over CRI: look into the log of the runtime"
    sleep 1
  done
}`,
  need_image: `# need_image ENDPOINT IMAGE
need_image() {
  cri "$1" inspecti "$2" > /dev/null 2>&1 || die "the new runtime has no image $2"
}`,
  wait_node: `# wait_node NODE PREFIX SECONDS
wait_node() {
  local end=$((SECONDS + $3)) seen=''
  until [[ $seen == "True $2://"* ]]; do
    ((SECONDS < end)) || die "node $1 is not Ready with $2:// (it says: $seen)"
    sleep 2
    seen=$(kubectl get node "$1" --output 'jsonpath={.status.conditions[?(@.type=="Ready")].status} {.status.nodeInfo.containerRuntimeVersion}' || true)
  done
}`,
  list_pods: `# list_pods NODE
list_pods() {
  kubectl get pods --all-namespaces --field-selector "spec.nodeName=$1" --no-headers --output 'custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,PHASE:.status.phase'
}`,
  compare_pods: `# compare_pods NODE SECONDS
compare_pods() {
  local end=$((SECONDS + $2))
  while list_pods "$1" | grep -v -E ' (Running|Succeeded)$'; do
    ((SECONDS < end)) || die 'these pods do not run'
    sleep 3
  done
  list_pods "$1" > "$BACKUP/pods-after"
  diff "$BACKUP/pods-before" "$BACKUP/pods-after" || printf 'pods with a name of their own come back, others get a new name\\n'
}`,
} as const

export type FunctionName = keyof typeof FUNCTIONS

/** What each function calls. */
export const CALLS: Readonly<Partial<Record<FunctionName, readonly FunctionName[]>>> = {
  write_file: ['save_file'], remove_file: ['save_file'], bring_to_containerd: ['cri'], bring_to_crio: ['cri'], wait_cri: ['cri'], need_image: ['cri'],
  compare_pods: ['list_pods'],
}
