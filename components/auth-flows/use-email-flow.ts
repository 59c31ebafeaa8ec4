"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { type EmailFlow, type EmailFlowOptions, emailFlow } from "./email-flow";
import { useClerkPort } from "./use-clerk-port";

export type UseEmailFlow = Omit<EmailFlow, "get" | "subscribe" | "start" | "verifyCode"> & {
  state: ReturnType<EmailFlow["get"]>;
  /** Seconds until another code or link can be sent; 0 when it can be sent now. */
  resendInSeconds: number;
};

export function useEmailFlow(options: EmailFlowOptions & { afterPath: string }) {
  const port = useClerkPort(options.afterPath);
  const [flow] = useState(() => emailFlow(port, options));
  const state = useSyncExternalStore(flow.subscribe, flow.get, flow.get);
  const resendAt = state.step === "needsVerification" ? state.resendAt : 0;
  return { flow, state, resendInSeconds: useSecondsUntil(resendAt) };
}

/** Returns the seconds until `time` (ms since the epoch), and counts down to 0. */
function useSecondsUntil(time: number): number {
  const [now, setNow] = useState(0);
  useEffect(() => {
    const tick = () => setNow(Date.now());
    tick();
    if (time <= Date.now()) return;
    const timer = setInterval(() => {
      tick();
      if (time <= Date.now()) clearInterval(timer);
    }, 1_000);
    return () => clearInterval(timer);
  }, [time]);
  return now === 0 ? 0 : Math.max(0, Math.ceil((time - now) / 1_000));
}
