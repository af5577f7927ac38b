// SPDX-License-Identifier: MIT
// The other end of the workloads tcp and udp for a card of a machine: on the machine at the other end of its cable.

import { isIPv4 } from 'node:net';
import { type Command, Option } from 'commander';
import { startPeer, type TcpReport } from '../../run/peer/index.js';
import { bytes } from '../../show/index.js';
import { abort, untilAborted } from '../abort.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { jsonOption } from '../options/shared.js';
import { port } from '../options/values.js';
import { printJson } from '../output.js';

interface PeerOptions {
  readonly tcpPort: number;
  readonly udpPort: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile peer 192.168.1.20
The driver's side:
  dde-profile run e1000e --device vfio:0000:03:00.0 --address 192.168.1.20/24 -- tcp --bytes 64M`;

function line({ direction, sentBytes, seconds, equal }: TcpReport): string {
  const rate = ((sentBytes * 8) / seconds / 1e6).toFixed(0);
  return `tcp ${direction}: ${bytes(sentBytes)}, ${rate} Mbit/s, ${equal ? 'equal at both ends' : 'NOT equal at both ends'}`;
}

export function registerPeer(program: Command, _context: Context): void {
  const command = program
    .command('peer')
    .description("the other end of the workloads tcp and udp of a driver on a real card, at the card's address")
    .argument('<address>', 'IPv4 address of the card (--address of run and record)');
  jsonOption(command)
    .addOption(new Option('--tcp-port <port>', 'where the driver listens').argParser(port).default(5001))
    .addOption(new Option('--udp-port <port>', 'where the driver waits for datagrams').argParser(port).default(5002))
    .addHelpText('after', EXAMPLES)
    .action(async (host: string, options: PeerOptions) => {
      if (!isIPv4(host)) throw new CliError(EXIT.usage, `${JSON.stringify(host)} is not an IPv4 address`);
      const failed = new AbortController();
      const peer = startPeer(
        { host, tcpPort: options.tcpPort, udpPort: options.udpPort },
        (error) => failed.abort(error),
        (report) => {
          if (options.json !== true) process.stdout.write(`${line(report)}\n`);
        },
      );
      process.stderr.write(`peer of the driver at ${host}. Press Ctrl-C to stop.\n`);
      await untilAborted(AbortSignal.any([abort.signal, failed.signal]));
      await peer.stop();
      failed.signal.throwIfAborted();
      if (options.json === true) printJson('peer', { host, reports: peer.reports });
    });
}
