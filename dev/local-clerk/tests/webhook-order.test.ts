// Webhooks in random order: shuffled after a pause, or each with a random delay. The same seed gives the same order.

import { expect } from "vitest";
import type { Site } from "../testing/site";
import { test } from "../testing/test";
import { waitUntil } from "../testing/wait-until";

test.beforeEach(({ site }) => site.skipSeededWebhooks());

const names = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** Resolves to the users' names in the order in which their webhooks arrived. */
async function arrivals(site: Site): Promise<string[]> {
  const { received } = site.receiver;
  await waitUntil(() => received.length === names.length);
  return received.map(({ body }) => {
    const address: string = JSON.parse(body).data.email_addresses[0].email_address;
    return address.replace("@example.com", "");
  });
}

async function createAll(control: Site["control"]): Promise<void> {
  for (const name of names) {
    await control.users.create({ emailAddress: `${name}@example.com` });
  }
}

test("webhooks that are paused and then resumed in shuffled order are each sent once, in another order", async ({
  site,
  control,
}) => {
  const { webhooks } = control;
  await webhooks.pause();
  await createAll(control);
  await webhooks.resume("shuffled");
  const arrived = await arrivals(site);

  expect([...arrived].sort()).toEqual(names);
  // Only a shuffle moves names between the halves: concurrent deliveries can swap only neighbours.
  expect(arrived.slice(0, 4).sort()).not.toEqual(names.slice(0, 4));
});

test("with shuffleWithinMs each webhook is sent after its own random delay, which the seed determines", async ({
  site,
  control,
}) => {
  const { webhooks, clock } = control;
  await webhooks.shuffle(60_000, 7);
  await createAll(control);
  expect(site.receiver.received).toHaveLength(0);
  const dueAt = new Map<string, number>();
  for (const { id, nextAt } of await webhooks.messages()) {
    const { body } = await webhooks.message(id);
    const address = JSON.parse(body).data.email_addresses?.[0]?.email_address ?? "";
    if (nextAt !== null) dueAt.set(address.replace("@example.com", ""), nextAt);
  }
  const inTime = [...names].sort((a, b) => (dueAt.get(a) ?? 0) - (dueAt.get(b) ?? 0));
  expect(inTime).not.toEqual(names);
  for (const [place, name] of inTime.entries()) {
    const { now } = await control.overview();
    const left = (dueAt.get(name) ?? 0) - now;
    if (left > 0) await clock.advance(left);
    await waitUntil(() => site.receiver.received.length >= place + 1);
  }
  expect(await arrivals(site)).toEqual(inTime);
});
