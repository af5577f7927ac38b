// SPDX-License-Identifier: MIT
// CPU profiles and live traces over one recorder: the Performance panel uses Profiler for programs and Tracing for pages.
import type { Protocol } from 'devtools-protocol';
import type { Method, Session } from '../connection.js';
import { ProtocolError } from '../protocol.js';

export interface RecorderBackend {
  /** Rejects when it records already, or cannot. */
  start(): Promise<void>;
  /** Ends the recording; call one of the two with what it returns. */
  stop(): Promise<Recording>;
}

export interface Recording {
  profile(): Promise<Protocol.Profiler.Profile>;
  /** Events of the Trace Event Format. */
  traceEvents(): Promise<object[]>;
  dispose(): void;
}

/** Events a message: a front end takes them as they come. */
const CHUNK = 2000;

export function profilerDomain(session: Session, recorder: RecorderBackend): Record<string, Method> {
  let running = false;
  const stop = async (): Promise<Recording> => {
    if (!running) throw new ProtocolError('No recording profiles found');
    running = false;
    return recorder.stop();
  };
  session.onEnd(() => {
    if (running)
      void stop().then(
        (recording) => recording.dispose(),
        () => undefined,
      );
  });
  const start = async (): Promise<void> => {
    await recorder.start();
    running = true;
  };
  const endTrace = async (): Promise<void> => {
    const recording = await stop();
    try {
      const events = await recording.traceEvents();
      for (let at = 0; at < events.length && !session.connection.ended; at += CHUNK) {
        session.emit('Tracing.dataCollected', { value: events.slice(at, at + CHUNK) });
        await session.connection.drained();
      }
    } finally {
      recording.dispose();
      session.emit('Tracing.tracingComplete', { dataLossOccurred: false });
    }
  };
  return {
    'Profiler.setSamplingInterval': () => ({}),
    'Profiler.start': start,
    'Profiler.stop': async () => {
      const recording = await stop();
      try {
        return { profile: await recording.profile() };
      } finally {
        recording.dispose();
      }
    },
    'Tracing.getCategories': () => ({ categories: ['driver', 'kernel', 'irq', 'napi', 'dma'] }),
    'Tracing.start': start,
    'Tracing.end': endTrace,
  };
}
