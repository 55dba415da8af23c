// SPDX-License-Identifier: Apache-2.0
import {
  ListMetricDescriptorsRequest,
  ListMetricDescriptorsResponse,
  ListPodSandboxMetricsRequest,
  ListPodSandboxMetricsResponse,
  StreamPodSandboxMetricsRequest,
  StreamPodSandboxMetricsResponse,
} from '../gen/runtime/v1/metrics.ts'
import type {Rpc, StreamRpc} from '../rpc.ts'

/** Since 1.26. */
export const listMetricDescriptors: Rpc<ListMetricDescriptorsRequest, ListMetricDescriptorsResponse> = {
  service: 'RuntimeService', method: 'ListMetricDescriptors', request: ListMetricDescriptorsRequest, response: ListMetricDescriptorsResponse,
}

/** Since 1.26. */
export const listPodSandboxMetrics: Rpc<ListPodSandboxMetricsRequest, ListPodSandboxMetricsResponse> = {
  service: 'RuntimeService', method: 'ListPodSandboxMetrics', request: ListPodSandboxMetricsRequest, response: ListPodSandboxMetricsResponse,
}

/** Since 1.36. */
export const streamPodSandboxMetrics: StreamRpc<StreamPodSandboxMetricsRequest, StreamPodSandboxMetricsResponse> = {
  service: 'RuntimeService', method: 'StreamPodSandboxMetrics', request: StreamPodSandboxMetricsRequest, response: StreamPodSandboxMetricsResponse, stream: true,
}
