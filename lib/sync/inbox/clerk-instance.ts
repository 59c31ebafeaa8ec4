/**
 * The Clerk instance that this mirror belongs to: `CLERK_INSTANCE_ID`, or else the instance of the secret key. The latter is read
 * from the Backend API and stored in the database. The instance is never taken from a delivery, because the first delivery is
 * often one of Clerk's published examples. Events of another instance are quarantined: an endpoint of that instance may have our
 * signing secret by mistake.
 */
import { z } from "zod";
import { clerk } from "../../clerk";
import { database } from "../../db";
import { withDeadline } from "../../deadline";
import { env } from "../../env";
import { log } from "../../log";

/** The instance ids in Clerk's webhook description and in its dashboard's "Send example" messages. */
const EXAMPLES = new Set(["ins_123", "ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S"]);

/**
 * The ids, without their prefix, of the objects in examples without an instance id. All but the last are from Clerk's older
 * examples (May 2022), which have no instance id. The last is from the newer examples, which some tools send without their
 * instance id.
 */
const EXAMPLE_OBJECTS = new Set([
  "29w83sxmDNGwOuEthce5gg56FcC",
  "29wBMCtzATuFJut8jO2VNTVekS4",
  "29w9IfBrPmcpi0IeBVaKtA7R94W",
  "29w9IptNja3mP8GDXpquBwN2qR9",
  "29wBIniWYy0slasTNQlmHD9HeN1",
  "29wBrB4vFM8wqWv9mHSpw3P7QW0",
  "29wBYxnMCQU2KIs6V3ZPOJCPUXx",
  "2g7np7Hrk0SN6kj5EDMLDaKNL0S",
]);

function isExampleObject(id: string | null | undefined): boolean {
  return id != null && EXAMPLE_OBJECTS.has(id.slice(id.lastIndexOf("_") + 1));
}

/** The timeout in ms of the request to Clerk. A webhook waits for this request, and must itself get a response within 5 s. */
const CLERK_TIMEOUT_MS = 1_500;
/** The minimum time in ms between two requests to Clerk, so that a flood of events of another instance causes few requests. */
const REQUEST_EVERY_MS = 60_000;

/**
 * `foreign`: the event belongs to another instance. `unknown`: the event has no instance id, or Clerk did not respond. An
 * `unknown` event is accepted.
 */
export type Origin = "ours" | "example" | "foreign" | "unknown";

const factShape = z.object({ id: z.string() });

let known: string | undefined;
let nextRequestAt = 0;

/**
 * Resolves to the instance id that was stored from the Backend API. Ignores a stored value that is a plain string: earlier
 * releases took that string from a delivery.
 */
async function findStored(): Promise<string | undefined> {
  const fact = await database().prisma.syncFact.findUnique({ where: { name: "instance_id" } });
  return factShape.safeParse(fact?.value).data?.id;
}

async function store(id: string): Promise<void> {
  await database().pool.query(
    `INSERT INTO sync_facts (name, value) VALUES ('instance_id', jsonb_build_object('id', $1::text))
     ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, updated_at = now()`,
    [id],
  );
}

async function readFromClerk(): Promise<string | undefined> {
  const now = Date.now();
  if (now < nextRequestAt) return known;
  nextRequestAt = now + REQUEST_EVERY_MS;
  try {
    const { id } = await withDeadline(clerk().instance.get(), CLERK_TIMEOUT_MS, () => {
      throw new Error("no answer in time");
    });
    await store(id);
    return id;
  } catch (error) {
    log.warn("the Clerk instance of CLERK_SECRET_KEY could not be read", {}, error);
    return known;
  }
}

/** The ids in an event: of its instance, of its object, and of the user and the organization that it is about. */
type About = {
  instanceId: string | null;
  objectId?: string | null;
  userId?: string | null;
  organizationId?: string | null;
};

export async function originOf({ instanceId, ...ids }: About): Promise<Origin> {
  if (instanceId === null) {
    const isExample = [ids.objectId, ids.userId, ids.organizationId].some(isExampleObject);
    return isExample ? "example" : "unknown";
  }
  if (EXAMPLES.has(instanceId)) return "example";
  const configured = env().clerkInstanceId;
  if (configured !== undefined) return configured === instanceId ? "ours" : "foreign";
  known ??= await findStored();
  // If the event's instance id is not the known id, the known id is read again. The secret key may have been replaced by the key
  // of another instance.
  if (known !== instanceId) known = await readFromClerk();
  if (known === undefined) return "unknown";
  return known === instanceId ? "ours" : "foreign";
}
