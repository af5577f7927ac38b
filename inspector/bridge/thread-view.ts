// SPDX-License-Identifier: MIT
// One kernel thread as a target of its own: its stack at each stop. It stands and goes on with all others.
import type { Protocol } from 'devtools-protocol';
import {
  type ChildrenBackend,
  type ChildTarget,
  compatDomain,
  debuggerDomain,
  type DebuggerBackend,
  type Method,
  type RuntimeBackend,
  runtimeDomain,
  type Session,
} from '../cdp/index.js';
import type { Driver } from './driver.js';
import { type ListingView, overlay } from './listing-view.js';
import { isKernelThread } from './threads.js';

type PausedEvent = Protocol.Debugger.PausedEvent;

function threadDebugger(
  driver: Driver,
  thread: number,
  session: Session,
  view: ListingView | undefined,
): DebuggerBackend {
  const known = new Set<string>();
  // A thread's stack names a dozen of a thousand files.
  const tellScripts = ({ callFrames }: PausedEvent): void => {
    for (const { location } of callFrames) {
      if (known.has(location.scriptId)) continue;
      known.add(location.scriptId);
      const script = (view ?? driver).scripts().find(({ scriptId }) => scriptId === location.scriptId);
      if (script !== undefined) session.emit('Debugger.scriptParsed', script);
    }
  };
  let last: PausedEvent | undefined;
  const overrides: Partial<DebuggerBackend> = {
    scripts: () => [],
    paused: () => last,
    onPaused(listener) {
      const tell = (event: PausedEvent): void => {
        last = view?.paused(event) ?? event;
        tellScripts(last);
        listener(last);
      };
      void driver.threadStop(thread).then((event) => event !== undefined && tell(event));
      return driver.onThreadsPaused((stops) => {
        const event = stops.get(thread);
        if (event !== undefined) tell(event);
      });
    },
    onResumed: (listener) =>
      driver.onResumed(() => {
        if (last === undefined) return;
        last = undefined;
        listener();
      }),
    step: (kind) => driver.step(kind, thread),
  };
  return overlay<DebuggerBackend>(driver, overrides);
}

function threadRuntime(driver: Driver, { id, title }: ChildTarget): RuntimeBackend {
  const context = { ...driver.context, name: title, uniqueId: `${driver.context.uniqueId}.${id}` };
  return {
    context,
    evaluate: (request) => driver.evaluate(request),
    properties: (objectId) => driver.properties(objectId),
    releaseObject: (objectId) => driver.releaseObject(objectId),
    releaseGroup: (group) => driver.releaseGroup(group),
    globalNames: async () => [],
    // The root session tells the log, once.
    consoleHistory: () => [],
    onConsole: () => () => undefined,
    onEnd: (listener) => driver.onEnd(listener),
    memory: () => driver.memory(),
  };
}

/** @param view how places are shown; undefined: as C files */
export function threadTargets(driver: Driver, view: ListingView | undefined): ChildrenBackend {
  return {
    async children() {
      const threads = (await driver.gdb.threads()).filter(isKernelThread);
      return threads.map(({ id, name }) => ({ id: String(id), title: name }));
    },
    onChildren: (listener) => driver.onThreads(listener),
    methods: (child, session) =>
      new Map<string, Method>(
        Object.entries({
          ...compatDomain(`thread://${child.id}/`),
          ...debuggerDomain(session, threadDebugger(driver, Number(child.id), session, view)),
          ...runtimeDomain(session, threadRuntime(driver, child)),
        }),
      ),
  };
}
