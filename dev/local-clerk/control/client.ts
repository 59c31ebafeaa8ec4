// Typed client of the control API, for tests and scripts: `const clerk = controlClient(url)`.

import { z } from "zod";
import { type Settings, settingsShape } from "../instance/settings";
import type { NewPayment } from "../simulation/billing";
import { faultShape, type NewFault } from "../simulation/faults";
import type { NewGeneration } from "../simulation/generate";
import { type PresetName, presetNames } from "../simulation/presets";
import {
  type DisturbanceSettings,
  disturbanceShape,
  type ReleaseOrder,
} from "../webhooks/disturbances";
import {
  endpointShape,
  idShape,
  type Mail,
  mailShape,
  messageShape,
  messageWithBodyShape,
  type NewUser,
  overviewShape,
} from "./shapes";

export function controlClient(url: string) {
  async function call<T>(schema: z.ZodType<T>, path: string, body?: object): Promise<T> {
    const init = body && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    const response = await fetch(`${url}/__clerk/dev${path}`, init);
    if (!response.ok) throw new Error(`Local Clerk: ${path}: ${await response.text()}`);
    return schema.parse(await response.json());
  }
  const mailsTo = (to: string) =>
    call(z.array(mailShape), `/outbox.json?to=${encodeURIComponent(to)}`);
  const done = z.object({ ok: z.literal(true) });
  const count = z.object({ count: z.number() });
  const setDisturbances = (disturbances: Partial<DisturbanceSettings>) =>
    call(disturbanceShape, "/webhooks/disturbances", disturbances);

  return {
    outbox: {
      all: () => call(z.array(mailShape), "/outbox.json"),
      to: mailsTo,
      /** The newest mail to an address. Mail is in the outbox before the request that sends it is answered. */
      latest: async (to: string): Promise<Mail | undefined> => (await mailsTo(to))[0],
      /** Waits for a mail or text message that is newer than `after`; without `after`, for any. */
      waitFor: async (
        to: string,
        { after, timeoutMs = 10_000 }: { after?: Mail; timeoutMs?: number } = {},
      ): Promise<Mail> => {
        const deadline = Date.now() + timeoutMs;
        for (;;) {
          const [newest] = await mailsTo(to);
          if (newest && newest.id !== after?.id) return newest;
          if (Date.now() >= deadline) {
            throw new Error(`Local Clerk: no new message to ${to} within ${timeoutMs} ms.`);
          }
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
    },
    /** Named combinations of faults and disturbances; `expected` says what a robust app does about each. */
    presets: {
      all: () =>
        call(
          z.array(z.object({ name: z.enum(presetNames), expected: z.string() })),
          "/presets.json",
        ),
      apply: (name: PresetName) => call(done, "/presets", { name }),
      clear: () => call(done, "/presets", { name: null }),
    },
    users: { create: (user: NewUser) => call(idShape, "/users", user) },
    sessions: {
      expire: (sessionId: string) => call(done, "/sessions/end", { sessionId, how: "expire" }),
      /** Makes the session's last verification older by `ms`, to trigger reverification. */
      age: (sessionId: string, ms: number) => call(done, "/sessions/age", { sessionId, ms }),
      revoke: (sessionId: string) => call(done, "/sessions/end", { sessionId, how: "revoke" }),
    },
    webhooks: {
      messages: () => call(z.array(messageShape), "/webhooks.json"),
      message: (id: string) => call(messageWithBodyShape, `/webhooks/${id}.json`),
      pause: () => call(done, "/webhooks/pause", {}),
      /** Releases the webhooks that were held back; by default in the order of their creation. */
      resume: (order: ReleaseOrder = "made") => call(done, "/webhooks/resume", { order }),
      replay: (id: string, endpointId?: string) =>
        call(done, "/webhooks/replay", { id, ...(endpointId ? { endpointId } : {}) }),
      replayFailed: (given: { endpointId?: string; since?: number } = {}) =>
        call(count, "/webhooks/replay-failed", given),
      replayMissing: (given: { endpointId?: string; since?: number } = {}) =>
        call(count, "/webhooks/replay-missing", given),
      /** Sets all disturbances at once: those that are not named are removed. */
      setDisturbances,
      shuffle: (withinMs: number, seed = 1) => setDisturbances({ shuffleWithinMs: withinMs, seed }),
      duplicate: (share = 1) => setDisturbances({ duplicate: share }),
      drop: (share = 1) => setDisturbances({ drop: share }),
      delay: (ms: number) => setDisturbances({ delayMs: ms }),
      resetDisturbances: () => setDisturbances({}),
    },
    endpoints: {
      all: () => call(z.array(endpointShape), "/endpoints.json"),
      add: (endpointUrl: string, events: string[] = []) =>
        call(endpointShape, "/endpoints", { url: endpointUrl, events }),
      update: (
        endpointId: string,
        patch: { url?: string; events?: string[]; isEnabled?: boolean },
      ) => call(endpointShape, "/endpoints/update", { endpointId, ...patch }),
      remove: (endpointId: string) => call(done, "/endpoints/remove", { endpointId }),
      /** Creates a new secret. The old one signs as well until it expires (after a day by default). */
      rotate: (given: { endpointId?: string; secret?: string; keepOldMs?: number } = {}) =>
        call(endpointShape, "/endpoints/rotate", given),
    },
    faults: {
      all: () => call(z.array(faultShape), "/faults.json"),
      set: (...faults: NewFault[]) => call(done, "/faults", faults),
      clear: () => call(done, "/faults", []),
    },
    settings: {
      get: () => call(settingsShape, "/settings.json"),
      set: (patch: Partial<Settings>) => call(settingsShape, "/settings", patch),
    },
    clock: {
      advance: (ms: number) => call(z.object({ now: z.number() }), "/clock/advance", { ms }),
    },
    /** Sends the events of Clerk Billing for a payment. */
    payments: {
      simulate: (payment: NewPayment) =>
        call(z.object({ paymentId: z.string() }), "/payments", payment),
    },
    /** Creates invented users and organizations: 100,000 and 10,000 by default, without webhooks. */
    generate: (wanted: NewGeneration = {}) =>
      call(
        z.object({ users: z.number(), organizations: z.number(), memberships: z.number() }),
        "/generate",
        wanted,
      ),
    overview: () => call(overviewShape, "/overview.json"),
    /** Restores the seed, and sends its webhooks again. Settings, faults and disturbances are reset. */
    reset: () => call(done, "/reset", {}),
  };
}
