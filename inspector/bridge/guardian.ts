// SPDX-License-Identifier: MIT
// A process of its own that outlives the inspector: when that is killed, it puts the driver right. Started by watchOver().
import { createInterface } from 'node:readline';
import { recover, type Wards } from './recover.js';

let wards = JSON.parse(process.argv[2] ?? '{}') as Wards;
let since: bigint | undefined;
let dismissed = false;

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  if (line === 'stopped') since ??= process.hrtime.bigint();
  else if (line === 'running') since = undefined;
  else if (line === 'dismissed') dismissed = true;
  else if (line.startsWith('device '))
    wards = { ...wards, ...(JSON.parse(line.slice('device '.length)) as Pick<Wards, 'qemu' | 'qmp'>) };
});
lines.on('close', () => {
  if (dismissed) process.exit(0);
  void recover(wards, since === undefined ? undefined : process.hrtime.bigint() - since).finally(() => process.exit(0));
});
