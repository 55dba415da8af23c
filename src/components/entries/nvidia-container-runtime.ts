// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const nvidiaContainerRuntime: Component = {
  name: 'nvidia-container-runtime',
  aliases: [
    'nvidia runtime',
    'nvidia-container-toolkit',
    'nvidia-docker',
    'nvidia-container-runtime-hook',
    'nvidia-ctk',
  ],
  layer: 'oci',
  role: 'oci-runtime',
  brief: 'runc with GPUs added',
  what:
    'A wrapper around runc that adds GPU devices and libraries to a container; with it comes a prestart hook ' +
    'and the configuration tool nvidia-ctk.',
  why:
    'It changes the bundle\'s config.json and then becomes runc. It is set per engine, so changing the engine ' +
    'loses GPUs unless it is set again.',
  standards: ['OCI runtime-spec'],
  calledBy: ['containerd-shim-runc-v2', 'containerd-shim', 'conmon'],
  calls: ['runc', 'nvidia-container-cli'],
  history:
    'nvidia-docker 2016; nvidia-docker2 with this runtime 2017-11; all in nvidia-container-toolkit since ' +
    '2021-2023, CDI beside the hook.',
  see: 'nvidia-ctk --version; grep -r nvidia /etc/containerd /etc/docker/daemon.json',
  sources: [
    'https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/arch-overview.html',
    'https://github.com/NVIDIA/nvidia-container-toolkit',
  ],
  fingerprints: [
    {program: /^nvidia-container-runtime(-hook|\.(cdi|legacy|experimental|real))?$/},
    {program: 'nvidia-container-toolkit'},
    {program: 'nvidia-container-cli'},
    {program: 'nvidia-ctk'},
    {program: 'nvidia-docker'},
    {program: 'nvidia-toolkit'},
  ],
}
