// SPDX-License-Identifier: MIT
// Messages of the Chrome DevTools protocol, and the errors that answer them.

/** JSON-RPC's numbers; SERVER is what Chrome uses for all that a method refuses. */
export const ERROR = { parse: -32700, request: -32600, method: -32601, params: -32602, server: -32000 } as const;

/** A request is answered with this. */
export class ProtocolError extends Error {
  readonly code: number;
  constructor(message: string, code: number = ERROR.server) {
    super(message);
    this.code = code;
  }
}

export interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: Params;
  readonly sessionId: string | undefined;
}

export type Params = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws ProtocolError; `id` is that of the request as far as it could be read. */
export function parseRequest(message: string): Request {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    throw new ProtocolError('message must be JSON', ERROR.parse);
  }
  if (!isObject(value)) throw new ProtocolError('message must be an object', ERROR.request);
  const { id, method, params, sessionId } = value;
  if (typeof id !== 'number' || !Number.isSafeInteger(id))
    throw new ProtocolError('message must have an integer id', ERROR.request);
  if (typeof method !== 'string') throw new RequestError(id, 'message must have a string method');
  if (params !== undefined && !isObject(params)) throw new RequestError(id, 'params must be an object');
  if (sessionId !== undefined && typeof sessionId !== 'string')
    throw new RequestError(id, 'sessionId must be a string');
  return { id, method, params: params ?? {}, sessionId };
}

export class RequestError extends ProtocolError {
  readonly id: number;
  constructor(id: number, message: string) {
    super(message, ERROR.request);
    this.id = id;
  }
}

function wrong(name: string, what: string): never {
  throw new ProtocolError(`Invalid parameters: ${name}: ${what} expected`, ERROR.params);
}

/** Reads the parameters of a request; each throws ProtocolError when the parameter is of another type. */
export const param = {
  string(params: Params, name: string): string {
    const value = params[name];
    return typeof value === 'string' ? value : wrong(name, 'string');
  },
  optionalString(params: Params, name: string): string | undefined {
    return params[name] === undefined || params[name] === null ? undefined : param.string(params, name);
  },
  integer(params: Params, name: string): number {
    const value = params[name];
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : wrong(name, 'integer');
  },
  optionalInteger(params: Params, name: string): number | undefined {
    return params[name] === undefined || params[name] === null ? undefined : param.integer(params, name);
  },
  boolean(params: Params, name: string): boolean {
    const value = params[name];
    if (value === undefined || value === null) return false;
    return typeof value === 'boolean' ? value : wrong(name, 'boolean');
  },
  object(params: Params, name: string): Params {
    const value = params[name];
    return isObject(value) ? value : wrong(name, 'object');
  },
  optionalObject(params: Params, name: string): Params | undefined {
    return params[name] === undefined || params[name] === null ? undefined : param.object(params, name);
  },
  strings(params: Params, name: string): string[] {
    const value = params[name];
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : wrong(name, 'strings');
  },
} as const;
