// SPDX-License-Identifier: MIT
// Bytes mapped for DMA, by the place in the driver: dde-profile script run.ddet samples/query/dma-by-caller.mjs
const bytes = new Map();
let symbol = String;

export const begin = ({ recording }) => {
  symbol = (address) => recording.symbol(address);
};

export const on = {
  'dma:dma_map': (rows) => {
    for (let k = 0; k < rows.count; k++) {
      const caller = rows.arg('caller', k);
      bytes.set(caller, (bytes.get(caller) ?? 0) + rows.arg('size', k));
    }
  },
};

export const end = () => ({
  tables: [
    {
      title: 'Bytes mapped for DMA',
      columns: ['mapped in', 'bytes'],
      rows: [...bytes].sort((a, b) => b[1] - a[1]).map(([caller, sum]) => [symbol(caller), sum]),
    },
  ],
});
