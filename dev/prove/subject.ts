/** A subject of the proof is a webhook handler under test, with its retries and its reconciliation if it has them. */
import { join } from "node:path";

export type Receive = (request: Request) => Promise<Response>;

export type Subject = {
  name: string;
  receive: Receive;
  /** SQL statements that run on the subject's database before the first simulated history. */
  schema?: string[];
  /** Retries a pending delivery, as the background worker does. */
  settle?: (svixId: string) => Promise<unknown>;
  /** Resolves to null on success, otherwise to the reason of the failure. */
  reconcile?: () => Promise<string | null>;
  close(): Promise<void>;
};

/** Options for calls to the fake Clerk API: a timeout for each response, and a rate limit that is never reached. */
const calls = { perTenSeconds: 1_000_000, answerWithinMs: 10_000 };

/** Loads Rollcall's sync from `root`: the project, or a copy of it with a planted fault. */
export async function loadSubject(name: string, root: string, receive?: Receive): Promise<Subject> {
  const lib = (file: string) => import(join(root, "lib", file));
  const receiving: typeof import("../../lib/sync/inbox/receive") =
    await lib("sync/inbox/receive.ts");
  const settling: typeof import("../../lib/sync/inbox/settle") = await lib("sync/inbox/settle.ts");
  const reconciling: typeof import("../../lib/sync/reconcile/reconcile") = await lib(
    "sync/reconcile/reconcile.ts",
  );
  const { database }: typeof import("../../lib/db") = await lib("db.ts");
  return {
    name,
    receive: receive ?? receiving.receiveDelivery,
    settle: settling.settleDelivery,
    reconcile: async () => {
      // Each batch of histories begins with an empty mirror, so its reconciliation is a backfill. A backfill causes effects only
      // with `effects: true`.
      const settings = { mode: "repair", trigger: "command" } as const;
      const options = { ...settings, force: true, effects: true, calls };
      return (await reconciling.reconcile(options)).reason;
    },
    close: async () => {
      await database().prisma.$disconnect();
      await database().pool.end();
    },
  };
}
