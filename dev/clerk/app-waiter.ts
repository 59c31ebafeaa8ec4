// Waits until the app listens, so that the first webhooks are not lost to a retry five minutes later
// because the app took ten seconds to start. After a minute it stops waiting.

import { connect } from "node:net";

const pauseMs = 300;

export async function untilListening(
  url: string,
  { forMs, isCancelled }: { forMs: number; isCancelled: () => boolean },
): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const target = { host: hostname, port: Number(port || (protocol === "https:" ? 443 : 80)) };
  const deadline = Date.now() + forMs;
  while (!isCancelled() && Date.now() < deadline) {
    if (await accepts(target)) return;
    await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
  }
}

function accepts(target: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...target, timeout: 1_000 });
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
