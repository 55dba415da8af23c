// SPDX-License-Identifier: Apache-2.0

/** What went wrong, as far as what to do next depends on it. */
export type CriErrorKind =
  /** there is nothing at the path */
  | 'no-socket'
  /** a directory stands where the socket should be: a hostPath mount without a type makes one */
  | 'is-directory'
  | 'permission'
  /** the file is there, but no process has it open: its daemon is gone */
  | 'nobody-listens'
  /** something accepts connections, but does not speak gRPC */
  | 'not-grpc'
  /** gRPC, but not this service: the CRI plugin is disabled or failed to load, or it has only the other version */
  | 'unknown-service'
  /** the service is there, but older than this call */
  | 'unimplemented'
  | 'deadline'
  /** ended by whoever asked */
  | 'cancelled'
  /** an answer that is not the message it should be */
  | 'malformed'
  | 'other'

/** Status codes of gRPC that have a meaning here, see the list in grpc/grpc doc/statuscodes.md. */
const STATUS = {cancelled: 1, deadlineExceeded: 4, permissionDenied: 7, unimplemented: 12, internal: 13, unavailable: 14} as const

/** What was asked. */
export interface FailedCall {
  readonly service: 'RuntimeService' | 'ImageService'
  /** `RunPodSandbox` */
  readonly method: string
  /** the JSON form of the request; credentials may be in it */
  readonly request: unknown
}

/** A CRI call that failed. The message names no path: whoever asked knows which endpoint it was. */
export class CriError extends Error {
  /** status code of gRPC, also where the call did not get that far */
  readonly code: number
  readonly kind: CriErrorKind
  readonly call: FailedCall | undefined

  constructor(kind: CriErrorKind, code: number, message: string, call?: FailedCall) {
    super(message)
    this.name = 'CriError'
    this.kind = kind
    this.code = code
    this.call = call
  }

  /** The same error, of this call. */
  during(call: FailedCall): CriError {
    return new CriError(this.kind, this.code, this.message, call)
  }
}

/**
 * The error for a status that came over a connection.
 *
 * @param details the server's words. Go servers say `unknown service runtime.v1.RuntimeService` and
 *   `unknown method RuntimeConfig for service runtime.v1.RuntimeService` (grpc-go server.go).
 */
export function statusError(code: number, details: string): CriError {
  if (code === STATUS.deadlineExceeded) return new CriError('deadline', code, 'no answer in time')
  if (code === STATUS.cancelled) return new CriError('cancelled', code, details)
  if (code !== STATUS.unimplemented) return new CriError('other', code, details)
  return new CriError(details.includes('unknown service') ? 'unknown-service' : 'unimplemented', code, details)
}

/**
 * The error for a connection that could not be made.
 *
 * @param errno what connect(2) said; undefined when it said nothing against it
 */
export function connectError(errno: string | undefined): CriError {
  switch (errno) {
    case undefined:
      return new CriError('not-grpc', STATUS.unavailable, 'something listens on the socket, but it does not speak gRPC')
    case 'ENOENT':
    case 'ENOTDIR':
      return new CriError('no-socket', STATUS.unavailable, 'there is no socket')
    case 'EISDIR':
      return new CriError('is-directory', STATUS.unavailable, 'a directory stands where the socket should be')
    case 'EACCES':
    case 'EPERM':
      return new CriError('permission', STATUS.permissionDenied, 'not allowed to connect to the socket')
    case 'ECONNREFUSED':
      return new CriError('nobody-listens', STATUS.unavailable, 'nobody listens on the socket')
    case 'EAGAIN':
      // Linux net/unix/af_unix.c: the queue of connections that the daemon has not accepted yet is full.
      return new CriError('deadline', STATUS.unavailable, 'the daemon accepts no connections')
    default:
      return new CriError('other', STATUS.unavailable, `the connection failed: ${errno}`)
  }
}

/** The error for an answer that could not be decoded. */
export function malformedError(cause: unknown): CriError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new CriError('malformed', STATUS.internal, `the answer is not the expected message: ${reason}`)
}
