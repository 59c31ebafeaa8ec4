/** Sends messages as Svix does: signed, at least once, in independent parallel lanes, with retries after a failure. */
import { svixHeaders } from "../testing/sign";
import type { Lane } from "./delivery-schedule";
import type { Message } from "./simulate-clerk";
import type { Receive } from "./subject";
import type { SubjectDatabase } from "./testbed";

/** Svix gives up after its eighth attempt. */
const ATTEMPTS = 8;
const URL = "https://rollcall.test/api/webhooks/clerk";

export type Counts = { deliveries: number; failed: number; crashes: number };

/** Resolves to whether the handler acknowledged the message. A handler that throws counts as a 500, as in Next.js. */
async function post(receive: Receive, { svixId, body }: Message, counts: Counts): Promise<boolean> {
  const headers = svixHeaders(body, process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "", { id: svixId });
  counts.deliveries += 1;
  const isAcknowledged = await receive(new Request(URL, { method: "POST", body, headers })).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!isAcknowledged) counts.failed += 1;
  return isAcknowledged;
}

async function injectCrash(
  { plan, svixId }: Message,
  database: SubjectDatabase,
  counts: Counts,
): Promise<void> {
  if (plan.crash === "none") return;
  counts.crashes += 1;
  if (plan.crash === "any backend") await database.killBackend();
  else database.faults.arm(svixId, plan.crash);
}

/** Sends all lanes in parallel, and the messages of one lane in order. Retries failed messages after all lanes have ended. */
export async function deliver(
  receive: Receive,
  lanes: Lane[],
  database: SubjectDatabase,
  counts: Counts,
): Promise<void> {
  const failed: Message[] = [];
  const send = async (message: Message) => {
    if (!(await post(receive, message, counts))) failed.push(message);
  };
  const run = async (lane: Lane) => {
    for (const { message, isFirst } of lane) {
      const crash = isFirst ? injectCrash(message, database, counts) : undefined;
      await send(message);
      await crash;
    }
  };
  await Promise.all(lanes.map(run));
  for (let attempt = 1; attempt < ATTEMPTS && failed.length > 0; attempt += 1) {
    for (const message of failed.splice(0)) await send(message);
  }
}
