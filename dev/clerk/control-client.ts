// The control API, typed, for tests and scripts: `const clerk = controlClient(url)`.

import { z } from "zod";
import {
  idShape,
  type Mail,
  mailShape,
  messageShape,
  messageWithBodyShape,
  type NewUser,
  overviewShape,
} from "./control-shapes";

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

  return {
    outbox: {
      all: () => call(z.array(mailShape), "/outbox.json"),
      to: mailsTo,
      /** The newest mail to an address: mail is in the outbox before the page is answered. */
      latest: async (to: string): Promise<Mail | undefined> => (await mailsTo(to))[0],
    },
    users: { create: (user: NewUser) => call(idShape, "/users", user) },
    webhooks: {
      messages: () => call(z.array(messageShape), "/webhooks.json"),
      message: (id: string) => call(messageWithBodyShape, `/webhooks/${id}.json`),
      pause: () => call(done, "/webhooks/pause", {}),
      resume: () => call(done, "/webhooks/resume", {}),
      replay: (id: string) => call(done, "/webhooks/replay", { id }),
    },
    clock: {
      advance: (ms: number) => call(z.object({ now: z.number() }), "/clock/advance", { ms }),
    },
    overview: () => call(overviewShape, "/overview.json"),
    /** Back to the seed; its created events are sent again. */
    reset: () => call(done, "/reset", {}),
  };
}
