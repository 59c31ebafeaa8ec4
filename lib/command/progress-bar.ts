/**
 * Shows progress as a bar on a terminal. Elsewhere, such as in a log file, prints one line for each label once all its items are
 * done.
 */
const WIDTH = 24;

type Bar = { show(label: string, done: number, total: number): void; end(): void };

type Stream = { isTTY?: boolean; write(text: string): boolean };

export function progressBar(stream: Stream = process.stderr): Bar {
  let label = "";
  const line = (done: number, total: number) => {
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const filled = Math.round(share * WIDTH);
    const bar = `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)}`;
    return `${label.padEnd(14)} ${bar} ${String(Math.round(share * 100)).padStart(3)} %  ${done} of ${total}`;
  };
  return {
    show(next, done, total) {
      if (stream.isTTY) {
        if (label && label !== next) stream.write("\n");
        label = next;
        stream.write(`\r${line(done, total)}\u001b[K`);
      } else if (done >= total) {
        label = next;
        stream.write(`${line(done, total)}\n`);
      }
    },
    end() {
      if (stream.isTTY && label) stream.write("\n");
    },
  };
}
