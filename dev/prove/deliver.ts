/** Sends messages as Svix does: signed, at least once, in lanes that know nothing of each other, again after a failure. */
import { svixHeaders } from "../testing/sign";
import type { Lane } from "./delivery-schedule";
import type { Message } from "./simulate-clerk";
import type { Receive } from "./subject";
import type { Bench } from "./testbed";

/** Svix gives up after its eighth try. */
const TRIES = 8;
const URL = "https://rollcall.test/api/webhooks/clerk";

export type Counts = { deliveries: number; failed: number; crashes: number };

/** Whether it was acknowledged. A handler that throws is answered for with 500 by whatever mounts it. */
async function post(receive: Receive, { svixId, body }: Message, counts: Counts): Promise<boolean> {
  const headers = svixHeaders(body, process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "", { id: svixId });
  counts.deliveries += 1;
  const isTaken = await receive(new Request(URL, { method: "POST", body, headers })).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!isTaken) counts.failed += 1;
  return isTaken;
}

async function crash({ fate, svixId }: Message, bench: Bench, counts: Counts): Promise<void> {
  if (fate.crash === "none") return;
  counts.crashes += 1;
  if (fate.crash === "any backend") await bench.killBackend();
  else bench.faults.arm(svixId, fate.crash);
}

/** All lanes at once, each in its order; what failed comes again when all are through. */
export async function deliver(
  receive: Receive,
  lanes: Lane[],
  bench: Bench,
  counts: Counts,
): Promise<void> {
  const failed: Message[] = [];
  const send = async (message: Message) => {
    if (!(await post(receive, message, counts))) failed.push(message);
  };
  const run = async (lane: Lane) => {
    for (const { message, isFirst } of lane) {
      const broken = isFirst ? crash(message, bench, counts) : undefined;
      await send(message);
      await broken;
    }
  };
  await Promise.all(lanes.map(run));
  for (let tries = 1; tries < TRIES && failed.length > 0; tries += 1) {
    for (const message of failed.splice(0)) await send(message);
  }
}
