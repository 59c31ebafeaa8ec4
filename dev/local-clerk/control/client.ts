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
      /**
       * Resolves to the newest mail to an address. The local Clerk responds to a request only after it has put the request's mail
       * into the outbox.
       */
      latest: async (to: string): Promise<Mail | undefined> => (await mailsTo(to))[0],
      /** Waits for a message to `to` that is newer than `after`. Without `after`, an existing message counts. */
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
    /**
     * Presets: named combinations of API faults and webhook disturbances. `expected` says how a robust app reacts to each preset.
     */
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
      /**
       * Moves the session's last verification `ms` milliseconds into the past, so that the next sensitive action needs
       * reverification.
       */
      age: (sessionId: string, ms: number) => call(done, "/sessions/age", { sessionId, ms }),
      revoke: (sessionId: string) => call(done, "/sessions/end", { sessionId, how: "revoke" }),
    },
    webhooks: {
      messages: () => call(z.array(messageShape), "/webhooks.json"),
      message: (id: string) => call(messageWithBodyShape, `/webhooks/${id}.json`),
      pause: () => call(done, "/webhooks/pause", {}),
      /** Sends the webhooks that were paused, in the order of their creation by default. */
      resume: (order: ReleaseOrder = "made") => call(done, "/webhooks/resume", { order }),
      replay: (id: string, endpointId?: string) =>
        call(done, "/webhooks/replay", { id, ...(endpointId ? { endpointId } : {}) }),
      replayFailed: (given: { endpointId?: string; since?: number } = {}) =>
        call(count, "/webhooks/replay-failed", given),
      replayMissing: (given: { endpointId?: string; since?: number } = {}) =>
        call(count, "/webhooks/replay-missing", given),
      /** Replaces all disturbances. A disturbance that is left out is removed. */
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
      /**
       * Creates a new signing secret. Webhooks are also signed with the old secret until this old secret expires, after a day by
       * default.
       */
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
    /** Creates generated users and organizations: 100,000 and 10,000 by default. Sends no webhooks by default. */
    generate: (wanted: NewGeneration = {}) =>
      call(
        z.object({ users: z.number(), organizations: z.number(), memberships: z.number() }),
        "/generate",
        wanted,
      ),
    overview: () => call(overviewShape, "/overview.json"),
    /** Deletes all data, applies the seed again and sends its webhooks. Also resets settings, faults and disturbances. */
    reset: () => call(done, "/reset", {}),
  };
}
