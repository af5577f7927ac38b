// SPDX-License-Identifier: MIT
// The Debugger domain over any debugger: what a client sends is checked and brought into one form.
import type { Protocol } from 'devtools-protocol';
import type { Method, Session } from '../connection.js';
import { type Params, param, ProtocolError } from '../protocol.js';

type Location = Protocol.Debugger.Location;

/** Which scripts are meant: by id, by exact URL, or by a pattern. */
export type ScriptChoice = { readonly scriptId: string } | { readonly url: string } | { readonly urlRegex: string };

export interface BreakpointRequest {
  readonly script: ScriptChoice;
  readonly line: number;
  readonly column: number | undefined;
  readonly condition: string | undefined;
}

export interface DebuggerBackend {
  scripts(): readonly Protocol.Debugger.ScriptParsedEvent[];
  source(scriptId: string): Promise<string>;
  /** Lines are 0-based, `to` excluded. */
  breakable(scriptId: string, from: number, to: number): Promise<Location[]>;
  /** `owner` is who has it removed when it ends. Several owners of one breakpoint share it. */
  setBreakpoint(owner: object, request: BreakpointRequest): Promise<{ breakpointId: string; locations: Location[] }>;
  setFunctionBreakpoint(owner: object, name: string): Promise<{ breakpointId: string; locations: Location[] }>;
  removeBreakpoint(owner: object, breakpointId: string): Promise<void>;
  setBreakpointsActive(active: boolean): Promise<void>;
  releaseOwner(owner: object): Promise<void>;

  /** The stop that lasts, as a session that comes now is told. */
  paused(): Protocol.Debugger.PausedEvent | undefined;
  onPaused(listener: (event: Protocol.Debugger.PausedEvent) => void): () => void;
  onResumed(listener: () => void): () => void;

  pause(): Promise<void>;
  resume(): Promise<void>;
  step(kind: 'over' | 'into' | 'out'): Promise<void>;
  continueTo(location: Location): Promise<void>;
  setSkipAllPauses(skip: boolean): Promise<void>;
  /** `owner`: as of breakpoints. */
  setPauseOnExceptions(owner: object, state: 'none' | 'caught' | 'uncaught' | 'all'): Promise<void>;
  setBlackboxPatterns(patterns: readonly RegExp[]): Promise<void>;

  evaluateOnCallFrame(callFrameId: string, request: EvaluateRequest): Promise<Protocol.Runtime.EvaluateResponse>;
  setVariable(callFrameId: string, scope: number, name: string, value: Protocol.Runtime.CallArgument): Promise<void>;
}

export interface EvaluateRequest {
  readonly expression: string;
  readonly objectGroup: string | undefined;
  /** The client types or hovers: nothing may change. */
  readonly throwOnSideEffect: boolean;
}

export function evaluateRequest(params: Params): EvaluateRequest {
  return {
    expression: param.string(params, 'expression'),
    objectGroup: param.optionalString(params, 'objectGroup'),
    throwOnSideEffect: param.boolean(params, 'throwOnSideEffect'),
  };
}

function locationOf(params: Params): Location {
  const columnNumber = param.optionalInteger(params, 'columnNumber');
  return {
    scriptId: param.string(params, 'scriptId'),
    lineNumber: param.integer(params, 'lineNumber'),
    ...(columnNumber === undefined ? {} : { columnNumber }),
  };
}

function regExp(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw new ProtocolError(`Invalid pattern ${JSON.stringify(source)}: ${(error as Error).message}`);
  }
}

function byUrl(params: Params): BreakpointRequest {
  const url = param.optionalString(params, 'url');
  const urlRegex = param.optionalString(params, 'urlRegex');
  if (url === undefined && urlRegex === undefined) throw new ProtocolError('Either url or urlRegex must be specified.');
  if (urlRegex !== undefined) regExp(urlRegex);
  return {
    script: url === undefined ? { urlRegex: urlRegex as string } : { url },
    line: param.integer(params, 'lineNumber'),
    column: param.optionalInteger(params, 'columnNumber'),
    condition: param.optionalString(params, 'condition') || undefined,
  };
}

async function possible(backend: DebuggerBackend, params: Params): Promise<{ locations: Location[] }> {
  const start = locationOf(param.object(params, 'start'));
  const given = param.optionalObject(params, 'end');
  const end = given === undefined ? undefined : locationOf(given);
  // An end at column 0 excludes its line.
  const to = end === undefined ? Number.MAX_SAFE_INTEGER : end.lineNumber + ((end.columnNumber ?? 0) > 0 ? 1 : 0);
  return { locations: await backend.breakable(start.scriptId, start.lineNumber, to) };
}

const STATES = ['none', 'caught', 'uncaught', 'all'] as const;

export function debuggerDomain(session: Session, backend: DebuggerBackend): Record<string, Method> {
  const owner = session;
  let ends: (() => void)[] = [];
  const disable = async (): Promise<void> => {
    for (const end of ends.splice(0)) end();
    await backend.releaseOwner(owner);
  };
  session.onEnd(() => void disable());
  const enable = (): { debuggerId: string } => {
    if (ends.length === 0) {
      ends = [
        backend.onPaused((event) => session.emit('Debugger.paused', event)),
        backend.onResumed(() => session.emit('Debugger.resumed')),
      ];
      for (const script of backend.scripts()) session.emit('Debugger.scriptParsed', script);
      const paused = backend.paused();
      if (paused !== undefined) session.emit('Debugger.paused', paused);
    }
    return { debuggerId: 'dde' };
  };
  const needPause = (): void => {
    if (backend.paused() === undefined) throw new ProtocolError('Can only perform operation while paused.');
  };
  const setBreakpoint = async (params: Params): Promise<object> => {
    const location = locationOf(param.object(params, 'location'));
    const { breakpointId, locations } = await backend.setBreakpoint(owner, {
      script: { scriptId: location.scriptId },
      line: location.lineNumber,
      column: location.columnNumber,
      condition: param.optionalString(params, 'condition') || undefined,
    });
    return { breakpointId, actualLocation: locations[0] ?? location };
  };
  const step = (kind: 'over' | 'into' | 'out') => async (): Promise<void> => {
    needPause();
    await backend.step(kind);
  };
  return {
    'Debugger.enable': enable,
    'Debugger.disable': disable,
    'Debugger.getScriptSource': async (params) => ({
      scriptSource: await backend.source(param.string(params, 'scriptId')),
    }),
    'Debugger.getPossibleBreakpoints': (params) => possible(backend, params),
    'Debugger.setBreakpointByUrl': (params) => backend.setBreakpoint(owner, byUrl(params)),
    'Debugger.setBreakpoint': setBreakpoint,
    'Debugger.setBreakpointOnFunctionCall': () => {
      throw new ProtocolError('Set it on a line, or use DDE.setFunctionBreakpoint.');
    },
    'Debugger.removeBreakpoint': (params) => backend.removeBreakpoint(owner, param.string(params, 'breakpointId')),
    'Debugger.setBreakpointsActive': (params) => backend.setBreakpointsActive(param.boolean(params, 'active')),
    'Debugger.setSkipAllPauses': (params) => backend.setSkipAllPauses(param.boolean(params, 'skip')),
    'Debugger.setPauseOnExceptions': (params) => {
      const state = STATES.find((one) => one === param.string(params, 'state'));
      if (state === undefined) throw new ProtocolError('Unknown pause on exceptions mode.');
      return backend.setPauseOnExceptions(owner, state);
    },
    'Debugger.setBlackboxPatterns': (params) =>
      backend.setBlackboxPatterns(param.strings(params, 'patterns').map(regExp)),
    'Debugger.setBlackboxedRanges': () => ({}),
    'Debugger.setBlackboxExecutionContexts': () => ({}),
    'Debugger.setAsyncCallStackDepth': () => ({}),
    'Debugger.pause': () => backend.pause(),
    'Debugger.resume': async () => {
      needPause();
      await backend.resume();
    },
    'Debugger.stepOver': step('over'),
    'Debugger.stepInto': step('into'),
    'Debugger.stepOut': step('out'),
    'Debugger.continueToLocation': async (params) => {
      needPause();
      await backend.continueTo(locationOf(param.object(params, 'location')));
    },
    'Debugger.evaluateOnCallFrame': (params) =>
      backend.evaluateOnCallFrame(param.string(params, 'callFrameId'), evaluateRequest(params)),
    'Debugger.setVariableValue': (params) =>
      backend.setVariable(
        param.string(params, 'callFrameId'),
        param.integer(params, 'scopeNumber'),
        param.string(params, 'variableName'),
        param.object(params, 'newValue') as Protocol.Runtime.CallArgument,
      ),
  };
}
