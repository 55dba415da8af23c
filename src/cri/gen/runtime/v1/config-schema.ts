// SPDX-License-Identifier: Apache-2.0
import type {MessageSchema} from '../../../json-schema.ts'

/** Messages that people write files for, and those in them: name → schema. */
export const configSchema: Readonly<Record<string, MessageSchema>> = {
  "PodSandboxConfig": {
    "type": "object",
    "properties": {
      "metadata": {
        "$ref": "#/$defs/PodSandboxMetadata"
      },
      "hostname": {
        "type": "string"
      },
      "log_directory": {
        "type": "string"
      },
      "dns_config": {
        "$ref": "#/$defs/DNSConfig"
      },
      "port_mappings": {
        "type": "array",
        "items": {
          "$ref": "#/$defs/PortMapping"
        }
      },
      "labels": {
        "type": "object",
        "additionalProperties": {
          "type": "string"
        }
      },
      "annotations": {
        "type": "object",
        "additionalProperties": {
          "type": "string"
        }
      },
      "linux": {
        "$ref": "#/$defs/LinuxPodSandboxConfig"
      },
      "windows": {
        "$ref": "#/$defs/WindowsPodSandboxConfig"
      }
    },
    "additionalProperties": false
  },
  "PodSandboxMetadata": {
    "type": "object",
    "properties": {
      "name": {
        "type": "string"
      },
      "uid": {
        "type": "string"
      },
      "namespace": {
        "type": "string"
      },
      "attempt": {
        "type": "integer",
        "format": "uint32"
      }
    },
    "additionalProperties": false
  },
  "DNSConfig": {
    "type": "object",
    "properties": {
      "servers": {
        "type": "array",
        "items": {
          "type": "string"
        }
      },
      "searches": {
        "type": "array",
        "items": {
          "type": "string"
        }
      },
      "options": {
        "type": "array",
        "items": {
          "type": "string"
        }
      }
    },
    "additionalProperties": false
  },
  "PortMapping": {
    "type": "object",
    "properties": {
      "protocol": {
        "enum": [
          0,
          1,
          2,
          "TCP",
          "UDP",
          "SCTP"
        ]
      },
      "container_port": {
        "type": "integer",
        "format": "int32"
      },
      "host_port": {
        "type": "integer",
        "format": "int32"
      },
      "host_ip": {
        "type": "string"
      }
    },
    "additionalProperties": false
  },
  "LinuxPodSandboxConfig": {
    "type": "object",
    "properties": {
      "cgroup_parent": {
        "type": "string"
      },
      "security_context": {
        "$ref": "#/$defs/LinuxSandboxSecurityContext"
      },
      "sysctls": {
        "type": "object",
        "additionalProperties": {
          "type": "string"
        }
      },
      "overhead": {
        "$ref": "#/$defs/LinuxContainerResources"
      },
      "resources": {
        "$ref": "#/$defs/LinuxContainerResources"
      }
    },
    "additionalProperties": false
  },
  "LinuxSandboxSecurityContext": {
    "type": "object",
    "properties": {
      "namespace_options": {
        "$ref": "#/$defs/NamespaceOption"
      },
      "selinux_options": {
        "$ref": "#/$defs/SELinuxOption"
      },
      "run_as_user": {
        "$ref": "#/$defs/Int64Value"
      },
      "readonly_rootfs": {
        "type": "boolean"
      },
      "supplemental_groups": {
        "type": "array",
        "items": {
          "type": "integer",
          "format": "int64"
        }
      },
      "privileged": {
        "type": "boolean"
      },
      "seccomp_profile_path": {
        "type": "string"
      },
      "run_as_group": {
        "$ref": "#/$defs/Int64Value"
      },
      "seccomp": {
        "$ref": "#/$defs/SecurityProfile"
      },
      "apparmor": {
        "$ref": "#/$defs/SecurityProfile"
      },
      "supplemental_groups_policy": {
        "enum": [
          0,
          1,
          "Merge",
          "Strict"
        ]
      }
    },
    "additionalProperties": false
  },
  "NamespaceOption": {
    "type": "object",
    "properties": {
      "network": {
        "enum": [
          0,
          1,
          2,
          3,
          "POD",
          "CONTAINER",
          "NODE",
          "TARGET"
        ]
      },
      "pid": {
        "enum": [
          0,
          1,
          2,
          3,
          "POD",
          "CONTAINER",
          "NODE",
          "TARGET"
        ]
      },
      "ipc": {
        "enum": [
          0,
          1,
          2,
          3,
          "POD",
          "CONTAINER",
          "NODE",
          "TARGET"
        ]
      },
      "target_id": {
        "type": "string"
      },
      "userns_options": {
        "$ref": "#/$defs/UserNamespace"
      }
    },
    "additionalProperties": false
  },
  "UserNamespace": {
    "type": "object",
    "properties": {
      "mode": {
        "enum": [
          0,
          1,
          2,
          3,
          "POD",
          "CONTAINER",
          "NODE",
          "TARGET"
        ]
      },
      "uids": {
        "type": "array",
        "items": {
          "$ref": "#/$defs/IDMapping"
        }
      },
      "gids": {
        "type": "array",
        "items": {
          "$ref": "#/$defs/IDMapping"
        }
      }
    },
    "additionalProperties": false
  },
  "IDMapping": {
    "type": "object",
    "properties": {
      "host_id": {
        "type": "integer",
        "format": "uint32"
      },
      "container_id": {
        "type": "integer",
        "format": "uint32"
      },
      "length": {
        "type": "integer",
        "format": "uint32"
      }
    },
    "additionalProperties": false
  },
  "SELinuxOption": {
    "type": "object",
    "properties": {
      "user": {
        "type": "string"
      },
      "role": {
        "type": "string"
      },
      "type": {
        "type": "string"
      },
      "level": {
        "type": "string"
      }
    },
    "additionalProperties": false
  },
  "Int64Value": {
    "type": "object",
    "properties": {
      "value": {
        "type": "integer",
        "format": "int64"
      }
    },
    "additionalProperties": false
  },
  "SecurityProfile": {
    "type": "object",
    "properties": {
      "profile_type": {
        "enum": [
          0,
          1,
          2,
          "RuntimeDefault",
          "Unconfined",
          "Localhost"
        ]
      },
      "localhost_ref": {
        "type": "string"
      }
    },
    "additionalProperties": false
  },
  "LinuxContainerResources": {
    "type": "object",
    "properties": {
      "cpu_period": {
        "type": "integer",
        "format": "int64"
      },
      "cpu_quota": {
        "type": "integer",
        "format": "int64"
      },
      "cpu_shares": {
        "type": "integer",
        "format": "int64"
      },
      "memory_limit_in_bytes": {
        "type": "integer",
        "format": "int64"
      },
      "oom_score_adj": {
        "type": "integer",
        "format": "int64"
      },
      "cpuset_cpus": {
        "type": "string"
      },
      "cpuset_mems": {
        "type": "string"
      },
      "hugepage_limits": {
        "type": "array",
        "items": {
          "$ref": "#/$defs/HugepageLimit"
        }
      },
      "unified": {
        "type": "object",
        "additionalProperties": {
          "type": "string"
        }
      },
      "memory_swap_limit_in_bytes": {
        "type": "integer",
        "format": "int64"
      }
    },
    "additionalProperties": false
  },
  "HugepageLimit": {
    "type": "object",
    "properties": {
      "page_size": {
        "type": "string"
      },
      "limit": {
        "type": "integer",
        "format": "uint64"
      }
    },
    "additionalProperties": false
  },
  "WindowsPodSandboxConfig": {
    "type": "object",
    "properties": {
      "security_context": {
        "$ref": "#/$defs/WindowsSandboxSecurityContext"
      }
    },
    "additionalProperties": false
  },
  "WindowsSandboxSecurityContext": {
    "type": "object",
    "properties": {
      "run_as_username": {
        "type": "string"
      },
      "credential_spec": {
        "type": "string"
      },
      "host_process": {
        "type": "boolean"
      },
      "namespace_options": {
        "$ref": "#/$defs/WindowsNamespaceOption"
      }
    },
    "additionalProperties": false
  },
  "WindowsNamespaceOption": {
    "type": "object",
    "properties": {
      "network": {
        "enum": [
          0,
          1,
          2,
          3,
          "POD",
          "CONTAINER",
          "NODE",
          "TARGET"
        ]
      }
    },
    "additionalProperties": false
  },
  "ContainerConfig": {
    "type": "object",
    "properties": {
      "metadata": {
        "$ref": "#/$defs/ContainerMetadata"
      },
      "image": {
        "$ref": "#/$defs/ImageSpec"
      },
      "command": {
        "type": "array",
        "items": {
          "type": "string"
        }
      },
      "args": {
        "type": "array",
        "items": {
          "type": "string"
        }
      },
      "working_dir": {
        "type": "string"
      },
      "envs": {
        "type": "array",
        "items": {
          "$ref": "#/$defs/KeyValue"
        }
      },
      "mounts": {
        "type": "array",
        "items": {
          "$ref": "#/$defs/Mount"
        }
      },
      "devices": {
        "type": "array",
        "items": {
          "$ref": "#/$defs/Device"
        }
      },
      "labels": {
        "type": "object",
        "additionalProperties": {
          "type": "string"
        }
      },
      "annotations": {
        "type": "object",
        "additionalProperties": {
          "type": "string"
        }
      },
      "log_path": {
        "type": "string"
      },
      "stdin": {
        "type": "boolean"
      },
      "stdin_once": {
        "type": "boolean"
      },
      "tty": {
        "type": "boolean"
      },
      "linux": {
        "$ref": "#/$defs/LinuxContainerConfig"
      },
      "windows": {
        "$ref": "#/$defs/WindowsContainerConfig"
      },
      "CDI_devices": {
        "type": "array",
        "items": {
          "$ref": "#/$defs/CDIDevice"
        }
      },
      "stop_signal": {
        "enum": [
          0,
          1,
          2,
          3,
          4,
          5,
          6,
          7,
          8,
          9,
          10,
          11,
          12,
          13,
          14,
          15,
          16,
          17,
          18,
          19,
          20,
          21,
          22,
          23,
          24,
          25,
          26,
          27,
          28,
          29,
          30,
          31,
          32,
          33,
          34,
          35,
          36,
          37,
          38,
          39,
          40,
          41,
          42,
          43,
          44,
          45,
          46,
          47,
          48,
          49,
          50,
          51,
          52,
          53,
          54,
          55,
          56,
          57,
          58,
          59,
          60,
          61,
          62,
          63,
          64,
          65,
          "RUNTIME_DEFAULT",
          "SIGABRT",
          "SIGALRM",
          "SIGBUS",
          "SIGCHLD",
          "SIGCLD",
          "SIGCONT",
          "SIGFPE",
          "SIGHUP",
          "SIGILL",
          "SIGINT",
          "SIGIO",
          "SIGIOT",
          "SIGKILL",
          "SIGPIPE",
          "SIGPOLL",
          "SIGPROF",
          "SIGPWR",
          "SIGQUIT",
          "SIGSEGV",
          "SIGSTKFLT",
          "SIGSTOP",
          "SIGSYS",
          "SIGTERM",
          "SIGTRAP",
          "SIGTSTP",
          "SIGTTIN",
          "SIGTTOU",
          "SIGURG",
          "SIGUSR1",
          "SIGUSR2",
          "SIGVTALRM",
          "SIGWINCH",
          "SIGXCPU",
          "SIGXFSZ",
          "SIGRTMIN",
          "SIGRTMINPLUS1",
          "SIGRTMINPLUS2",
          "SIGRTMINPLUS3",
          "SIGRTMINPLUS4",
          "SIGRTMINPLUS5",
          "SIGRTMINPLUS6",
          "SIGRTMINPLUS7",
          "SIGRTMINPLUS8",
          "SIGRTMINPLUS9",
          "SIGRTMINPLUS10",
          "SIGRTMINPLUS11",
          "SIGRTMINPLUS12",
          "SIGRTMINPLUS13",
          "SIGRTMINPLUS14",
          "SIGRTMINPLUS15",
          "SIGRTMAXMINUS14",
          "SIGRTMAXMINUS13",
          "SIGRTMAXMINUS12",
          "SIGRTMAXMINUS11",
          "SIGRTMAXMINUS10",
          "SIGRTMAXMINUS9",
          "SIGRTMAXMINUS8",
          "SIGRTMAXMINUS7",
          "SIGRTMAXMINUS6",
          "SIGRTMAXMINUS5",
          "SIGRTMAXMINUS4",
          "SIGRTMAXMINUS3",
          "SIGRTMAXMINUS2",
          "SIGRTMAXMINUS1",
          "SIGRTMAX"
        ]
      }
    },
    "additionalProperties": false
  },
  "ContainerMetadata": {
    "type": "object",
    "properties": {
      "name": {
        "type": "string"
      },
      "attempt": {
        "type": "integer",
        "format": "uint32"
      }
    },
    "additionalProperties": false
  },
  "ImageSpec": {
    "type": "object",
    "properties": {
      "image": {
        "type": "string"
      },
      "annotations": {
        "type": "object",
        "additionalProperties": {
          "type": "string"
        }
      },
      "user_specified_image": {
        "type": "string"
      },
      "runtime_handler": {
        "type": "string"
      },
      "image_ref": {
        "type": "string"
      }
    },
    "additionalProperties": false
  },
  "KeyValue": {
    "type": "object",
    "properties": {
      "key": {
        "type": "string"
      },
      "value": {
        "type": "string"
      }
    },
    "additionalProperties": false
  },
  "Mount": {
    "type": "object",
    "properties": {
      "container_path": {
        "type": "string"
      },
      "host_path": {
        "type": "string"
      },
      "readonly": {
        "type": "boolean"
      },
      "selinux_relabel": {
        "type": "boolean"
      },
      "propagation": {
        "enum": [
          0,
          1,
          2,
          "PROPAGATION_PRIVATE",
          "PROPAGATION_HOST_TO_CONTAINER",
          "PROPAGATION_BIDIRECTIONAL"
        ]
      },
      "uidMappings": {
        "type": "array",
        "items": {
          "$ref": "#/$defs/IDMapping"
        }
      },
      "gidMappings": {
        "type": "array",
        "items": {
          "$ref": "#/$defs/IDMapping"
        }
      },
      "recursive_read_only": {
        "type": "boolean"
      },
      "image": {
        "$ref": "#/$defs/ImageSpec"
      },
      "image_sub_path": {
        "type": "string"
      },
      "mount_options": {
        "type": "array",
        "items": {
          "type": "string"
        }
      }
    },
    "additionalProperties": false
  },
  "Device": {
    "type": "object",
    "properties": {
      "container_path": {
        "type": "string"
      },
      "host_path": {
        "type": "string"
      },
      "permissions": {
        "type": "string"
      }
    },
    "additionalProperties": false
  },
  "LinuxContainerConfig": {
    "type": "object",
    "properties": {
      "resources": {
        "$ref": "#/$defs/LinuxContainerResources"
      },
      "security_context": {
        "$ref": "#/$defs/LinuxContainerSecurityContext"
      }
    },
    "additionalProperties": false
  },
  "LinuxContainerSecurityContext": {
    "type": "object",
    "properties": {
      "capabilities": {
        "$ref": "#/$defs/Capability"
      },
      "privileged": {
        "type": "boolean"
      },
      "namespace_options": {
        "$ref": "#/$defs/NamespaceOption"
      },
      "selinux_options": {
        "$ref": "#/$defs/SELinuxOption"
      },
      "run_as_user": {
        "$ref": "#/$defs/Int64Value"
      },
      "run_as_username": {
        "type": "string"
      },
      "readonly_rootfs": {
        "type": "boolean"
      },
      "supplemental_groups": {
        "type": "array",
        "items": {
          "type": "integer",
          "format": "int64"
        }
      },
      "apparmor_profile": {
        "type": "string"
      },
      "seccomp_profile_path": {
        "type": "string"
      },
      "no_new_privs": {
        "type": "boolean"
      },
      "run_as_group": {
        "$ref": "#/$defs/Int64Value"
      },
      "masked_paths": {
        "type": "array",
        "items": {
          "type": "string"
        }
      },
      "readonly_paths": {
        "type": "array",
        "items": {
          "type": "string"
        }
      },
      "seccomp": {
        "$ref": "#/$defs/SecurityProfile"
      },
      "apparmor": {
        "$ref": "#/$defs/SecurityProfile"
      },
      "supplemental_groups_policy": {
        "enum": [
          0,
          1,
          "Merge",
          "Strict"
        ]
      }
    },
    "additionalProperties": false
  },
  "Capability": {
    "type": "object",
    "properties": {
      "add_capabilities": {
        "type": "array",
        "items": {
          "type": "string"
        }
      },
      "drop_capabilities": {
        "type": "array",
        "items": {
          "type": "string"
        }
      },
      "add_ambient_capabilities": {
        "type": "array",
        "items": {
          "type": "string"
        }
      }
    },
    "additionalProperties": false
  },
  "WindowsContainerConfig": {
    "type": "object",
    "properties": {
      "resources": {
        "$ref": "#/$defs/WindowsContainerResources"
      },
      "security_context": {
        "$ref": "#/$defs/WindowsContainerSecurityContext"
      }
    },
    "additionalProperties": false
  },
  "WindowsContainerResources": {
    "type": "object",
    "properties": {
      "cpu_shares": {
        "type": "integer",
        "format": "int64"
      },
      "cpu_count": {
        "type": "integer",
        "format": "int64"
      },
      "cpu_maximum": {
        "type": "integer",
        "format": "int64"
      },
      "memory_limit_in_bytes": {
        "type": "integer",
        "format": "int64"
      },
      "rootfs_size_in_bytes": {
        "type": "integer",
        "format": "int64"
      },
      "affinity_cpus": {
        "type": "array",
        "items": {
          "$ref": "#/$defs/WindowsCpuGroupAffinity"
        }
      }
    },
    "additionalProperties": false
  },
  "WindowsCpuGroupAffinity": {
    "type": "object",
    "properties": {
      "cpu_mask": {
        "type": "integer",
        "format": "uint64"
      },
      "cpu_group": {
        "type": "integer",
        "format": "uint32"
      }
    },
    "additionalProperties": false
  },
  "WindowsContainerSecurityContext": {
    "type": "object",
    "properties": {
      "run_as_username": {
        "type": "string"
      },
      "credential_spec": {
        "type": "string"
      },
      "host_process": {
        "type": "boolean"
      }
    },
    "additionalProperties": false
  },
  "CDIDevice": {
    "type": "object",
    "properties": {
      "name": {
        "type": "string"
      }
    },
    "additionalProperties": false
  }
}
