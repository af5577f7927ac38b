// SPDX-License-Identifier: MIT
// What a build tells its caller while it works; how it looks is the caller's affair, `terminalProgress` is one way.

export type Progress =
  | { readonly type: 'step'; readonly text: string }
  /** `total` is an estimate: Kbuild does not say beforehand what it will do. */
  | { readonly type: 'count'; readonly text: string; readonly done: number; readonly total?: number };

export type OnProgress = (progress: Progress) => void;

function bar(done: number, total: number): string {
  const width = 30;
  const full = Math.min(width, Math.round((width * done) / total));
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`;
}

/** A bar on a terminal; elsewhere one plain line for each step and each 100 counts. */
export function terminalProgress(stream: NodeJS.WriteStream): OnProgress {
  let open = false;
  const close = (): void => {
    if (open) stream.write('\r\x1b[K');
    open = false;
  };
  return (progress) => {
    if (progress.type === 'step') {
      close();
      if (progress.text) stream.write(`${progress.text}\n`);
      return;
    }
    const { text, done, total } = progress;
    const count = total === undefined ? `${done}` : `${done}/${Math.max(done, total)}`;
    if (stream.isTTY) {
      const room = Math.max(10, (stream.columns || 80) - 50);
      stream.write(`\r\x1b[K${total === undefined ? '' : bar(done, total)} ${count} ${text.slice(-room)}`);
      open = true;
    } else if (done % 100 === 0) {
      stream.write(`  ${count} ${text}\n`);
    }
  };
}
