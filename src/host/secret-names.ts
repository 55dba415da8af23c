// SPDX-License-Identifier: Apache-2.0

/**
 * Environment variables whose values rtctl needs and that hold no secrets: where engines and clients are told to
 * connect, and what selects a runtime. Every other variable of a container is redacted.
 */
const ALLOWED_VARIABLES: ReadonlySet<string> = new Set([
  'CONTAINERD_ADDRESS',
  'CONTAINERD_NAMESPACE',
  'CONTAINERD_SNAPSHOTTER',
  'CONTAINER_CONNECTION',
  'CONTAINER_HOST',
  'CONTAINER_RUNTIME_ENDPOINT',
  'CRI_CONFIG_FILE',
  'CRI_RUNTIME_ENDPOINT',
  'DOCKER_API_VERSION',
  'DOCKER_CONTEXT',
  'DOCKER_HOST',
  'DOCKER_RAMDISK',
  'DOCKER_TLS_VERIFY',
  'HOME',
  'HOSTNAME',
  'IMAGE_SERVICE_ENDPOINT',
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  'LANG',
  'NODE_NAME',
  'NOTIFY_SOCKET',
  'NVIDIA_DRIVER_CAPABILITIES',
  'NVIDIA_VISIBLE_DEVICES',
  'PATH',
  'SHIM_SOCKET',
  'TERM',
  'TTRPC_ADDRESS',
  'XDG_RUNTIME_DIR',
  'container',
  'container_uuid',
])

/** Whether a container's environment variable may be shown. */
export function isAllowedVariable(name: string): boolean {
  return ALLOWED_VARIABLES.has(name)
}

// Compared with the end of a name in lower case without separators: `--db.password`, `clientSecret`, `AWS_SECRET_ACCESS_KEY`.
// The end decides: `tokenTTL`, `secretName`, `token-auth-file` and `access_key_id` are no secrets.
const SECRET_ENDING =
  /(?:password|passwd|passphrase|passcode|passwordhash|secret|token|credentials?|keydata|authtoken|secretkeybase|(?:api|access|account|auth|certificate|encryption|license|private|secret|shared|signing)key)$/
const PASS_ENDING = /(?:^|[-_.])(?:pass|Pass|PASS)$|[a-z]Pass$/
const SEPARATORS = /[^a-z0-9]+/g
// `auth` of Docker's and containerd's registry settings is `base64(user:password)`. Flags of this name are modes.
const REGISTRY_AUTH = /^_?auth$/i
// systemd.exec(5), systemd.unit(5): these name a credential or where it comes from; SetCredential= has its contents.
const NAMES_CREDENTIAL = /^(?:Load|Import|Condition|Assert)Credential$/

/** Whether a value of this name is a secret: a member of JSON or YAML, a setting, a variable, a flag with its dashes. */
export function isSecretName(name: string): boolean {
  if (PASS_ENDING.test(name) || REGISTRY_AUTH.test(name)) return true
  return SECRET_ENDING.test(name.toLowerCase().replace(SEPARATORS, '')) && !NAMES_CREDENTIAL.test(name)
}

// Switches, references to variables that are filled in elsewhere, and nothing at all.
const SAYS_NOTHING = /^(?:true|false|null|nil|none|~|\$\{[^}]*\}?|\$\([^)]*\)|)$/i

/** Whether a value under a secret's name gives nothing away. Only short values are looked at. */
export function saysNothing(value: string): boolean {
  return value.length < 256 && SAYS_NOTHING.test(value)
}

const VARIABLE_NAME = /^[A-Z_][A-Z0-9_]*$/

/** Whether `{name, value}` is a variable or setting whose value must not be shown (Kubernetes writes `env` like this). */
export function isHiddenPair(name: string): boolean {
  return isSecretName(name) || (VARIABLE_NAME.test(name) && !isAllowedVariable(name))
}
