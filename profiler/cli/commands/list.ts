// SPDX-License-Identifier: MIT
import { type Command, Option } from 'commander';
import { readTracepoints } from '../../builds/index.js';
import { MODELS } from '../../run/index.js';
import { type DeviceModel, deviceModels } from '../../setup/index.js';
import { endingChildren } from '../abort.js';
import { exporters } from '../../export/index.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { listOption } from '../options/list.js';
import { categoryList, workloadList } from '../options/lists.js';
import { FINDING_KINDS, REPORT_TABLES } from '../views/report-names.js';
import { buildTarget } from '../build.js';
import { jsonOption, DEFAULT_KERNEL, KERNELS } from '../options/shared.js';
import { printJson, startProgress } from '../output.js';
import { builder } from '../lazy.js';
import { listPci } from './bind.js';

const EXAMPLES = `
Examples:
  dde-profile list
  dde-profile list --devices
  dde-profile list --pci
  dde-profile list --tracepoints e1000e
  dde-profile list --list                 workloads, categories, formats, tables, findings`;

interface ListOptions {
  readonly json?: boolean;
  readonly devices?: boolean;
  readonly pci?: boolean;
  readonly qemu?: string;
  readonly tracepoints?: string;
  readonly kernel: string;
}

async function listTracepoints(driver: string, options: ListOptions): Promise<void> {
  const progress = startProgress(process.stderr);
  try {
    const { build } = await buildTarget(driver, options, progress);
    const all = readTracepoints(build.dir).sort((a, b) => (a.name < b.name ? -1 : 1));
    progress.end();
    if (options.json === true)
      printJson('list', { tracepoints: all.map(({ name, fields, format }) => ({ name, fields, format })) });
    else
      for (const { name, fields } of all)
        process.stdout.write(`${name.padEnd(40)} ${fields.map((field) => field.name).join(' ')}\n`);
  } finally {
    progress.end();
  }
}

type Drivers = ReturnType<Awaited<ReturnType<typeof builder>>['listSamples']>;

function driversText(samples: Drivers, models: readonly DeviceModel[], all: boolean): string {
  const out: string[] = [];
  if (!all) {
    out.push('Drivers with a sample:');
    for (const { name, title, device, kernels } of samples) {
      out.push(`  ${name.padEnd(16)} ${title} (device ${device.qemu}, Linux ${kernels.join(' and ')})`);
    }
    out.push(
      '',
      'Any other PCI driver of the tree: its symbol (CONFIG_E1000), its folder (drivers/net/ethernet/intel/e1000),',
      'or the folder of an out-of-tree module with a Kbuild file; with --device MODEL.',
      '',
    );
  }
  out.push(
    all ? 'Device models (QEMU):' : 'Device models (QEMU) that the tool sets up by itself; all others: --devices',
  );
  for (const { name, category, description } of models) {
    if (!all && !(name in MODELS)) continue;
    out.push(`  ${name.padEnd(34)} ${category.padEnd(12)} ${description}`);
  }
  return `${out.join('\n')}\n`;
}

async function listDrivers(options: ListOptions): Promise<void> {
  const { listSamples } = await builder();
  const samples = listSamples();
  const models = (await endingChildren(() => deviceModels(options.qemu))).filter((model) => model.bus === 'PCI');
  if (options.json === true) {
    printJson('list', {
      drivers: samples.map(({ name, title, kind, device, kernels, workload }) => ({
        name,
        title,
        kind,
        device,
        kernels,
        workload,
      })),
      devices: models.map((model) => ({ ...model, known: model.name in MODELS })),
    });
    return;
  }
  process.stdout.write(driversText(samples, models, options.devices === true));
}

export function registerList(program: Command, _context: Context): void {
  const command = program
    .command('list')
    .description('show the drivers and devices that can be run here')
    .addOption(new Option('--devices', "all of QEMU's PCI device models").conflicts('tracepoints'))
    .addOption(
      new Option('--pci', 'the real PCI devices of this machine: driver, IOMMU group, what uses them').conflicts([
        'devices',
        'tracepoints',
      ]),
    )
    .option('--qemu <path>', 'the QEMU to ask')
    .option(
      '--tracepoints <driver>',
      "the kernel's and the driver's own tracepoints, for --tracepoint; builds the driver",
    )
    .addOption(
      new Option('--kernel <series>', 'for --tracepoints: the kernel series')
        .choices([...KERNELS])
        .default(DEFAULT_KERNEL),
    );
  listOption(command, 'all that options of verbs take', () => ({
    workloads: workloadList(),
    categories: categoryList(),
    formats: exporters.map(({ name, description }) => ({ name, text: description })),
    tables: REPORT_TABLES,
    findings: FINDING_KINDS,
  }));
  jsonOption(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: ListOptions) => {
      if (options.pci === true) {
        listPci(options.json);
        return;
      }
      if (options.tracepoints === undefined && command.getOptionValueSource('kernel') === 'cli')
        throw new CliError(EXIT.usage, '--kernel is for --tracepoints');
      if (options.tracepoints !== undefined) {
        await listTracepoints(options.tracepoints, options);
        return;
      }
      await listDrivers(options);
    });
}
