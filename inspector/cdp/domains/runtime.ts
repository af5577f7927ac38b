// SPDX-License-Identifier: MIT
// The Runtime domain: console, evaluation, objects.
import type { Protocol } from 'devtools-protocol';
import type { Method, Session } from '../connection.js';
import { param, ProtocolError } from '../protocol.js';
import { type EvaluateRequest, evaluateRequest } from './debugger.js';

export interface RuntimeBackend {
  readonly context: Protocol.Runtime.ExecutionContextDescription;
  evaluate(request: EvaluateRequest): Promise<Protocol.Runtime.EvaluateResponse>;
  properties(objectId: string): Promise<Protocol.Runtime.GetPropertiesResponse>;
  releaseObject(objectId: string): Promise<void>;
  releaseGroup(group: string): Promise<void>;
  /** Names that the console completes. */
  globalNames(): Promise<string[]>;
  /** What was said before the client came, the oldest first. */
  consoleHistory(): readonly Protocol.Runtime.ConsoleAPICalledEvent[];
  onConsole(listener: (event: Protocol.Runtime.ConsoleAPICalledEvent) => void): () => void;
  onEnd(listener: () => void): () => void;
  memory(): { used: number; total: number };
}

export function runtimeDomain(session: Session, backend: RuntimeBackend): Record<string, Method> {
  let ends: (() => void)[] = [];
  const disable = (): void => {
    for (const end of ends.splice(0)) end();
  };
  session.onEnd(disable);
  const enable = (): void => {
    if (ends.length > 0) return;
    ends = [
      backend.onConsole((event) => session.emit('Runtime.consoleAPICalled', event)),
      backend.onEnd(() =>
        session.emit('Runtime.executionContextDestroyed', {
          executionContextId: backend.context.id,
          executionContextUniqueId: backend.context.uniqueId,
        }),
      ),
    ];
    session.emit('Runtime.executionContextCreated', { context: backend.context });
    for (const event of backend.consoleHistory()) session.emit('Runtime.consoleAPICalled', event);
  };
  return {
    'Runtime.enable': enable,
    'Runtime.disable': disable,
    'Runtime.runIfWaitingForDebugger': () => ({}),
    'Runtime.getIsolateId': () => ({ id: 'dde' }),
    'Runtime.getHeapUsage': () => {
      const { used, total } = backend.memory();
      return { usedSize: used, totalSize: total, embedderHeapUsedSize: 0, backingStorageSize: 0 };
    },
    'Runtime.evaluate': (params) => backend.evaluate(evaluateRequest(params)),
    'Runtime.compileScript': () => ({}),
    'Runtime.globalLexicalScopeNames': async () => ({ names: await backend.globalNames() }),
    'Runtime.getProperties': (params) => {
      // Accessors are a thing of JavaScript.
      if (param.boolean(params, 'accessorPropertiesOnly')) return { result: [] };
      return backend.properties(param.string(params, 'objectId'));
    },
    'Runtime.releaseObject': (params) => backend.releaseObject(param.string(params, 'objectId')),
    'Runtime.releaseObjectGroup': (params) => backend.releaseGroup(param.string(params, 'objectGroup')),
    'Runtime.discardConsoleEntries': () => ({}),
    'Runtime.callFunctionOn': () => {
      throw new ProtocolError("'Runtime.callFunctionOn' takes JavaScript, and this is a C program", -32601);
    },
  };
}
