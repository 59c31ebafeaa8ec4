/**
 * Waits for the end of a run: a signal, the end of npm, or a part that has exited. The first reason counts. A second
 * Ctrl-C exits at once.
 *
 * npm forwards a terminal's Ctrl-C although the terminal has sent it to this process already, so a repeat within a second
 * counts as the same Ctrl-C.
 */
export type Reason = { signal: NodeJS.Signals } | { failure: string };

export type Ending = {
  /** Aborted as soon as there is a reason to end. */
  signal: AbortSignal;
  reason: Promise<Reason>;
  fail(failure: string): void;
};

const SAME_KEYPRESS_MS = 1_000;
const PARENT_CHECK_MS = 250;

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
  if (process.env.npm_lifecycle_event === "dev") onParentExit(() => end({ signal: "SIGTERM" }));
  return { signal: controller.signal, reason, fail: (failure) => end({ failure }) };
}

/** npm runs a script through a shell, which ends on SIGTERM without forwarding it: this process would outlive `npm run dev`. */
function onParentExit(callback: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, PARENT_CHECK_MS);
  timer.unref();
}
