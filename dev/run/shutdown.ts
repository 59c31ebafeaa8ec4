/**
 * How a run ends: a signal, or a part that died. The first reason counts; a second Ctrl-C forces.
 *
 * npm passes a terminal's Ctrl-C on to us although we have had it from the terminal already, so a
 * repeat within a second is the same Ctrl-C.
 */
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
  return { signal: controller.signal, reason, fail: (failure) => end({ failure }) };
}
