// SPDX-License-Identifier: MIT
// What a driver does, by the Chrome DevTools protocol: node slow-interrupts.mjs [--port 9229] [--function NAME]
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import CDP from 'chrome-remote-interface';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '9229' }, function: { type: 'string', default: 'net_rx_action' } },
});

const client = await CDP({ host: '127.0.0.1', port: Number(values.port) });
const { Debugger, Runtime, DDE } = client;
await Promise.all([Runtime.enable(), Debugger.enable()]);

const { devices } = await DDE.getDevices();
for (const { bdf, id, driver } of devices) console.log(`device ${bdf} ${id} ${driver ?? '(no driver)'}`);
const { napi } = await DDE.getNapi();
for (const { netdev, poll, weight } of napi) console.log(`napi ${netdev} ${poll}, weight ${weight}`);

const before = (await DDE.getInterrupts()).interrupts;
await delay(1000);
for (const { irq, name, count } of (await DDE.getInterrupts()).interrupts) {
  const old = before.find((one) => one.irq === irq)?.count ?? 0;
  console.log(`irq ${irq} ${name}: ${count - old} in a second`);
}

const paused = Debugger.paused();
const { breakpointId } = await DDE.setFunctionBreakpoint({ functionName: values.function });
const { callFrames } = await paused;
console.log(`paused in ${callFrames.map(({ functionName }) => functionName).join(' < ')}`);
const locals = callFrames[0].scopeChain[0].object.objectId;
for (const { name, value } of (await Runtime.getProperties({ objectId: locals })).result)
  console.log(`  ${name} = ${value.description ?? value.value}`);
const { threads } = await DDE.getThreads();
for (const { name, running, waitChannel } of threads)
  console.log(`thread ${name}: ${running ? 'has the virtual CPU' : `waits in ${waitChannel ?? '?'}`}`);
await Debugger.removeBreakpoint({ breakpointId });
await Debugger.resume();
await client.close();
