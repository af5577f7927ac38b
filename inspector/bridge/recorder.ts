// SPDX-License-Identifier: MIT
// Recordings of the driver that is being debugged, made by this tool's own verbs: what DevTools shows is what `report` counts.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Protocol } from 'devtools-protocol';
import { ProtocolError, type RecorderBackend, type Recording } from '../cdp/index.js';
import type { Sources } from './sources.js';

export interface RecorderRequest {
  readonly pid: number;
  /** cli/main.js */
  readonly cli: string;
  readonly sources: Sources;
  readonly sourceRoot: string;
}

interface End {
  readonly code: number | null;
  readonly stderr: string;
}

function run(command: string, args: readonly string[]): { child: ChildProcess; ended: Promise<End> } {
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + String(chunk)).slice(-4000);
  });
  const ended = new Promise<End>((resolve) => {
    child.once('error', (error) => resolve({ code: 1, stderr: error.message }));
    child.once('close', (code) => resolve({ code, stderr }));
  });
  return { child, ended };
}

class FileRecording implements Recording {
  readonly #dir: string;
  readonly #request: RecorderRequest;

  constructor(dir: string, request: RecorderRequest) {
    this.#dir = dir;
    this.#request = request;
  }

  async #export(format: string): Promise<unknown> {
    const output = join(this.#dir, `${format}.json`);
    const file = join(this.#dir, 'run.ddet');
    const end = await run(this.#request.cli, ['export', file, '--format', format, '-o', output]).ended;
    if (end.code !== 0) throw new ProtocolError(`the recording cannot be shown: ${end.stderr.trim()}`);
    return JSON.parse(readFileSync(output, 'utf8'));
  }

  async profile(): Promise<Protocol.Profiler.Profile> {
    const profile = (await this.#export('cpuprofile')) as Protocol.Profiler.Profile;
    const { sources, sourceRoot } = this.#request;
    for (const { callFrame } of profile.nodes) {
      const file = sources.byPath(callFrame.url) ?? sources.byPath(join(sourceRoot, callFrame.url));
      if (file === undefined) continue;
      callFrame.url = file.url;
      callFrame.scriptId = file.scriptId;
    }
    return profile;
  }

  async traceEvents(): Promise<object[]> {
    const trace = (await this.#export('chrome')) as object[] | { traceEvents: object[] };
    return Array.isArray(trace) ? trace : trace.traceEvents;
  }

  dispose(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

export class Recorder implements RecorderBackend {
  readonly #request: RecorderRequest;
  #running: { dir: string; child: ChildProcess; ended: Promise<End> } | undefined;

  constructor(request: RecorderRequest) {
    this.#request = request;
  }

  async start(): Promise<void> {
    if (this.#running !== undefined) throw new ProtocolError('a recording runs already');
    const dir = mkdtempSync(join(tmpdir(), 'dde-inspect-'));
    const { pid, cli } = this.#request;
    const args = ['attach', String(pid), '--functions', '*', '--no-findings', '-o', join(dir, 'run.ddet')];
    const { child, ended } = run(cli, args);
    this.#running = { dir, child, ended };
    // It says so when the driver emits.
    const ready = new Promise<void>((resolve) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        if (/Ctrl-C/.test(String(chunk))) resolve();
      });
    });
    const failed = await Promise.race([ready.then(() => undefined), ended]);
    if (failed === undefined) return;
    this.#running = undefined;
    rmSync(dir, { recursive: true, force: true });
    throw new ProtocolError(`the driver cannot be recorded: ${failed.stderr.trim()}`);
  }

  async stop(): Promise<Recording> {
    const running = this.#running;
    if (running === undefined) throw new ProtocolError('no recording runs');
    this.#running = undefined;
    running.child.kill('SIGINT');
    await running.ended;
    return new FileRecording(running.dir, this.#request);
  }

  /** The inspector ends: nothing stays behind. */
  async close(): Promise<void> {
    if (this.#running !== undefined) (await this.stop()).dispose();
  }
}
