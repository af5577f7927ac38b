// SPDX-License-Identifier: MIT
// What a run shows: steps while it goes on, a summary at its end, the same as JSON.

import type { DriverEvent, IrqMode, ResultEvent, SessionEnd } from '../../run/index.js';
import { duration, seconds } from '../../show/index.js';
import type { RunOptions } from '../options/shared.js';
import type { Progress } from '../output.js';
import { peerAdvice } from '../real-device.js';
import { nameAddresses } from './code-addresses.js';

const IRQ_NAMES: Readonly<Record<string, string>> = { msix: 'MSI-X', msi: 'MSI', intx: 'INTx' };

function plain(value: unknown): string {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(3) : String(value);
}

function fields(event: object, hidden: readonly string[]): string {
  return Object.entries(event)
    .filter(([key]) => !hidden.includes(key))
    .map(([key, value]) => `${key} ${plain(value)}`)
    .join(', ');
}

/** One line for an event worth showing; undefined for the others. */
function eventLine(event: DriverEvent): string | undefined {
  switch (event.type) {
    case 'device': {
      const irq = event.irqMode === undefined ? '' : `, ${IRQ_NAMES[event.irqMode] ?? event.irqMode}`;
      const vectors = event.vectors === undefined ? '' : `, ${event.vectors} vector${event.vectors === 1 ? '' : 's'}`;
      return `${event.driver} bound to ${event.bdf}${irq}${vectors}`;
    }
    case 'tap':
      return `${event.name} on this machine is ${event.netdev} of the driver`;
    case 'link': {
      const at = event.atMs === undefined ? '' : ` after ${seconds(event.atMs * 1e6, 2)}`;
      return `link ${event.up ? 'up' : 'down'}: ${event.netdev}${at}`;
    }
    case 'result':
      return [`${event.workload}: ${event.ok ? 'ok' : 'FAILED'}`, resultText(event)]
        .filter((one) => one !== '')
        .join(', ');
    case 'leak':
      return `left behind at removal: ${fields(event, ['type'])}`;
    case 'crash':
      return `the driver process crashed: ${event.reason}`;
    case 'unclaimed':
      return `no driver claimed the device: ${fields(event, ['type'])}`;
    case 'module':
      if (event.error !== 0) return `module ${event.name} could not be inserted: its init returned ${event.error}`;
      return event.pciDriver ? undefined : `module ${event.name} registered no pci_driver; its init and exit are run`;
    default:
      return undefined;
  }
}

function roundTrip(ns: unknown): string {
  return typeof ns === 'number' ? duration(ns) : '?';
}

interface Flow {
  readonly bytes: number;
  readonly peerBytes: number;
  readonly equal: boolean;
  readonly mbitPerSecond: number;
  readonly retransmits: number;
}

function flowText(name: string, { bytes, peerBytes, equal, mbitPerSecond, retransmits }: Flow): string {
  const same = equal
    ? `${bytes} bytes, equal at both ends`
    : `${bytes} bytes here, ${peerBytes} at the peer: NOT EQUAL`;
  return `${name} ${same}, ${(mbitPerSecond / 1000).toFixed(2)} Gbit/s, ${retransmits} retransmits`;
}

/** A line for each kind of result; one that is not known here is shown field by field. */
function resultText(event: ResultEvent): string {
  const field = (name: string): unknown => event[name];
  if (typeof event['error'] === 'string') return event['error'];
  switch (event.workload) {
    case 'ping':
      if (field('rttAvgNs') === undefined) break;
      return (
        `${field('received')} of ${field('sent')} answered, round trip ` +
        `${roundTrip(field('rttMinNs'))} / ${roundTrip(field('rttAvgNs'))} / ${roundTrip(field('rttMaxNs'))} (min / average / max)`
      );
    case 'tcp': {
      const flows = ['out', 'in'].filter((name) => typeof field(name) === 'object' && field(name) !== null);
      if (flows.length === 0) break;
      return flows.map((name) => flowText(name, field(name) as Flow)).join('\n     ');
    }
    case 'tap':
      if (field('toCard') === undefined) break;
      return `${field('name')}: ${field('toCard')} frames to the card, ${field('toHost')} to this machine, ${field('lost')} lost`;
    case 'ethtool-selftest': {
      const tests = field('tests');
      if (!Array.isArray(tests)) break;
      return tests
        .map(({ name, value, pass }) => `\n  ${String(name).padEnd(32)} ${pass === true ? 'pass' : `FAIL (${value})`}`)
        .join('');
    }
  }
  const { sent, received } = event as { sent?: unknown; received?: unknown };
  const counted = typeof sent === 'number' && typeof received === 'number';
  const rest = fields(event, ['type', 'workload', 'ok', ...(counted ? ['sent', 'received'] : [])]);
  return [...(counted ? [`${received} of ${sent}`] : []), ...(rest === '' ? [] : [rest])].join(', ');
}

/** What every boot says at warning level, and nobody needs to read. */
const NOISE = [
  / \*\*.*\*\*$/,
  /BogoMIPS \(lpj/,
  /Warning: unable to open an initial console/,
  /This architecture does not have kernel memory protection/,
];

/** A driver may fall back to another kind of interrupt (e1000e does when its MSI test fails); nobody should miss it. */
function unmetIrq(event: DriverEvent, asked: IrqMode | undefined): string | undefined {
  if (event.type !== 'device' || asked === undefined || event.irqMode === undefined || event.irqMode === asked) return;
  const [got, want] = [event.irqMode, asked].map((mode) => IRQ_NAMES[mode] ?? mode);
  return `dde-profile: warning: --irq ${asked}: ${event.driver} uses ${got}; the device has no ${want}, or the driver did not take it`;
}

/** Shows events and console lines as they come: on a terminal they make way for the summary. */
export function liveView(
  progress: Progress,
  options: Pick<RunOptions, 'verbose' | 'loglevel' | 'irq' | 'device' | 'address'>,
  executable: string,
) {
  const named = nameAddresses(executable);
  const all = options.verbose === true || options.loglevel !== undefined;
  return {
    onEvent(event: DriverEvent): void {
      if (event.type === 'progress') progress.detail(fields(event, ['type']));
      else {
        const line = eventLine(event);
        if (line !== undefined) progress.event(line);
        const unmet = unmetIrq(event, options.irq);
        if (unmet !== undefined) progress.line(unmet);
        const peer = event.type === 'listening' ? peerAdvice(event.protocol, options) : undefined;
        if (peer !== undefined) progress.line(peer);
      }
    },
    onConsole(line: string): void {
      if (all || !NOISE.some((noise) => noise.test(line))) progress.line(named(line));
    },
  };
}

/** A device is reported again when its kind of interrupts changed: the last report holds. */
function lastReports(events: readonly DriverEvent[]): DriverEvent[] {
  return events.filter(
    (event, index) =>
      event.type !== 'device' ||
      !events.slice(index + 1).some((later) => later.type === 'device' && later.bdf === event.bdf),
  );
}

/** The tables at the end of a run. */
export function summary(end: SessionEnd): string {
  const out: string[] = [];
  for (const event of lastReports(end.events)) {
    const line = eventLine(event);
    // Each workload says again that the link is up.
    const again = event.type === 'link' && out.some((one) => one.startsWith(`link up: ${event.netdev}`));
    if (line !== undefined && !again) out.push(line);
  }
  for (const { direction, sentBytes, receivedBytes, equal } of end.tcp) {
    if (equal) continue;
    out.push(`TCP data differs at the peer (${direction}): ${sentBytes} bytes sent, ${receivedBytes} received`);
  }
  const irqs = end.events.findLast((event) => event.type === 'irqs');
  if (irqs !== undefined && irqs.irqs.length > 0) {
    out.push('interrupts:');
    for (const { irq, name, count } of irqs.irqs) out.push(`  ${String(irq).padStart(3)} ${name.padEnd(20)} ${count}`);
  }
  const counters = end.events.findLast((event) => event.type === 'counters');
  if (counters !== undefined) out.push(`counters: ${fields(counters, ['type'])}`);
  return `${out.join('\n')}\n`;
}

export function runJson(end: SessionEnd): Record<string, unknown> {
  const of = (type: DriverEvent['type']): DriverEvent[] =>
    lastReports(end.events).filter((event) => event.type === type);
  return {
    exitCode: end.exitCode,
    ...(end.signal === undefined ? {} : { signal: end.signal }),
    devices: of('device'),
    links: of('link'),
    results: end.results,
    tcp: end.tcp,
    irqs: of('irqs').at(-1) ?? null,
    counters: of('counters').at(-1) ?? null,
    countersAfter: of('counters'),
    leaks: of('leak'),
    crashes: of('crash'),
    unclaimed: of('unclaimed'),
  };
}
