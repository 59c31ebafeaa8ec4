/**
 * Which Clerk instance this mirror belongs to: `CLERK_INSTANCE_ID`, else what the Backend API says of the secret key,
 * remembered in the database. Never learnt from a delivery: the first one is often a published example. Another instance's
 * events must not mix in, because a signing secret can be pasted into the wrong endpoint.
 */
import { z } from "zod";
import { clerk } from "../../clerk";
import { database } from "../../db";
import { withDeadline } from "../../deadline";
import { env } from "../../env";
import { log } from "../../log";

/** The instances of the messages in Clerk's webhook description and of its dashboard's "Send example". */
const EXAMPLES = new Set(["ins_123", "ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S"]);

/** A webhook waits for the answer, and must itself be answered within 5 s. */
const ANSWER_WITHIN_MS = 1_500;
/** A flood of foreign events asks Clerk no more often than this. */
const ASK_EVERY_MS = 60_000;

/** `foreign`: of another instance. `unknown`: Clerk did not say which is ours, so nothing speaks against it. */
export type Origin = "ours" | "example" | "foreign" | "unknown";

const factShape = z.object({ id: z.string() });

let known: string | undefined;
let askAgainAt = 0;

/** What the Backend API said before. A bare string is what earlier versions learnt from a delivery: it proves nothing. */
async function findRemembered(): Promise<string | undefined> {
  const fact = await database().prisma.syncFact.findUnique({ where: { name: "instance_id" } });
  return factShape.safeParse(fact?.value).data?.id;
}

async function remember(id: string): Promise<void> {
  await database().pool.query(
    `INSERT INTO sync_facts (name, value) VALUES ('instance_id', jsonb_build_object('id', $1::text))
     ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, updated_at = now()`,
    [id],
  );
}

async function askClerk(): Promise<string | undefined> {
  const now = Date.now();
  if (now < askAgainAt) return known;
  askAgainAt = now + ASK_EVERY_MS;
  try {
    const { id } = await withDeadline(clerk().instance.get(), ANSWER_WITHIN_MS, () => {
      throw new Error("no answer in time");
    });
    await remember(id);
    return id;
  } catch (error) {
    log.warn("Clerk did not say which instance CLERK_SECRET_KEY belongs to", {}, error);
    return known;
  }
}

export async function originOf(instanceId: string): Promise<Origin> {
  if (EXAMPLES.has(instanceId)) return "example";
  const configured = env().clerkInstanceId;
  if (configured !== undefined) return configured === instanceId ? "ours" : "foreign";
  known ??= await findRemembered();
  // Asked again when it differs: the key may have been exchanged for another instance's.
  if (known !== instanceId) known = await askClerk();
  if (known === undefined) return "unknown";
  return known === instanceId ? "ours" : "foreign";
}
