// SPDX-License-Identifier: MIT
// Makes a real trace file with the synthetic producer.
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { createTraceRegion, openRegion, siteBitmap } from '../../../tracer/recorder/addon.js';
import { startProducer } from './build.js';

export interface MakeOptions {
  readonly args?: readonly (string | number)[];
  readonly ringBytes?: number;
  readonly metadata?: object;
}

/** Records a run of the producer into `dir/trace.ddet` and returns that path. */
export async function makeTrace(dir: string, options: MakeOptions = {}): Promise<string> {
  const fd = createTraceRegion({ ringBytes: options.ringBytes ?? 4 << 20 });
  const region = openRegion(fd);
  region.setControl({ categories: 0xffffffff, sites: siteBitmap(Array.from({ length: 64 }, (_, i) => i)) });
  const file = join(dir, 'trace.ddet');
  const drain = region.startDrain({ file, metadata: options.metadata ?? { driver: 'synthetic' } });
  const producer = startProducer(
    fd,
    join(dir, 'counts'),
    options.args ?? ['--threads', 3, '--switches', 60, '--burst', 20],
  );
  closeSync(fd);
  await producer.ended;
  await drain.stop();
  region.close();
  return file;
}
