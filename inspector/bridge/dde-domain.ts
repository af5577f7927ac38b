// SPDX-License-Identifier: MIT
// The DDE domain (dde.pdl): what a driver developer asks a kernel for.
import { type Method, param, ProtocolError, type Session } from '../cdp/index.js';
import type {
  GetDevicesResponse,
  GetInterruptsResponse,
  GetLogResponse,
  GetNapiResponse,
  GetRegistersResponse,
  GetThreadsResponse,
  GetWorldResponse,
  Register,
  SetFunctionBreakpointResponse,
} from './dde.gen.js';
import type { Driver } from './driver.js';
import { Kernel } from './kernel.js';
import { kernelThreads } from './threads.js';

export interface DdeContext {
  readonly driver: Driver;
  readonly registers: readonly Register[];
  /** "QMP stop", "SIGSTOP" or "none". */
  readonly device: () => string;
}

const LOG_LINES = 50;

export function ddeDomain(session: Session, { driver, registers, device }: DdeContext): Record<string, Method> {
  const kernel = new Kernel(driver.gdb);
  return {
    'DDE.getDevices': async (): Promise<GetDevicesResponse> => ({ devices: await kernel.devices() }),
    'DDE.getInterrupts': async (): Promise<GetInterruptsResponse> => ({ interrupts: await kernel.interrupts() }),
    'DDE.getNapi': async (): Promise<GetNapiResponse> => ({ napi: await kernel.napi() }),
    'DDE.getThreads': async (): Promise<GetThreadsResponse> => {
      if (driver.target.stop === undefined) throw new ProtocolError('Can only perform operation while paused.');
      return { threads: await kernelThreads(driver.gdb) };
    },
    'DDE.getRegisters': (): GetRegistersResponse => ({ registers }),
    'DDE.getWorld': (): GetWorldResponse => ({
      world: { paused: driver.target.stop !== undefined, device: device(), pausedMs: driver.pausedMs },
    }),
    'DDE.setFunctionBreakpoint': async (params): Promise<SetFunctionBreakpointResponse> => {
      const { breakpointId } = await driver.setFunctionBreakpoint(session, param.string(params, 'functionName'));
      return { breakpointId };
    },
    'DDE.getLog': (params): GetLogResponse => {
      const lines = param.optionalInteger(params, 'lines') ?? LOG_LINES;
      return {
        lines: driver
          .consoleHistory()
          .slice(-lines)
          .map((event) => String(event.args[0]?.value ?? '')),
      };
    },
  };
}
