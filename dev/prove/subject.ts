/** What is put to the proof: a webhook handler and, where it has them, its retries and its reconciliation. */
import { join } from "node:path";

export type Receive = (request: Request) => Promise<Response>;

export type Subject = {
  name: string;
  receive: Receive;
  /** Statements for its database before the first history. */
  schema?: string[];
  /** What its background worker would do with a delivery whose apply has failed. */
  settle?: (svixId: string) => Promise<unknown>;
  /** Resolves to what stood in the way, null when it is done. */
  reconcile?: () => Promise<string | null>;
  close(): Promise<void>;
};

/** Only this long may one answer of the stand-in for Clerk take; nothing here waits for a rate limit. */
const calls = { perTenSeconds: 1_000_000, answerWithinMs: 10_000 };

/** Rollcall's sync out of `root`: the project, or a copy of it with a fault planted. */
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
      const options = { mode: "repair", trigger: "command", force: true, calls } as const;
      return (await reconciling.reconcile(options)).reason;
    },
    close: async () => {
      await database().prisma.$disconnect();
      await database().pool.end();
    },
  };
}
