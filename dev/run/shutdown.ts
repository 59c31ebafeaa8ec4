/**
 * Waits for the end of a run: a signal, the end of npm, or a part that has exited. The first reason counts. A second
 * Ctrl-C exits at once.
 *
 * npm forwards a terminal's Ctrl-C although the terminal has sent it to this process already, so a repeat within a second
 * counts as the same Ctrl-C.
 */
import { onNpmExit } from "../../lib/command/on-npm-exit.mjs";

export type Reason = { signal: NodeJS.Signals } | { failure: string };

export type Ending = {
  /** Aborted as soon as there is a reason to end. */
  signal: AbortSignal;
  reason: Promise<Reason>;
  fail(failure: string): void;
};

const SAME_KEYPRESS_MS = 1_000;

export function awaitEnding(force: () => void): Ending {
  const controller = new AbortController();
  let resolveReason: (reason: Reason) => void = () => {};
  const reason = new Promise<Reason>((resolve) => {
    resolveReason = resolve;
  });
  let endingSince: number | undefined;

  const end = (why: Reason) => {
    endingSince ??= performance.now();
    resolveReason(why);
    controller.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (endingSince !== undefined && performance.now() - endingSince > SAME_KEYPRESS_MS) force();
      else end({ signal });
    });
  }
  onNpmExit(() => end({ signal: "SIGTERM" }));
  return { signal: controller.signal, reason, fail: (failure) => end({ failure }) };
}
