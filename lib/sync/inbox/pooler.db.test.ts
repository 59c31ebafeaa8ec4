/** Everything that uses the pool, through Debian's PgBouncer in transaction mode. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  clerkId,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { type PgBouncer, pgBouncerVersion, startPgBouncer } from "@/dev/testing/pgbouncer";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";

describe.skipIf(pgBouncerVersion() === null)("behind PgBouncer in transaction mode", () => {
  let pgBouncer: PgBouncer;

  beforeAll(async () => {
    const url = process.env.DATABASE_URL ?? "";
    pgBouncer = await startPgBouncer(url);
    Object.assign(process.env, { DATABASE_URL: pgBouncer.urlOf(url), DIRECT_DATABASE_URL: url });
  });

  afterAll(async () => {
    await database().pool.end();
    await pgBouncer.stop();
  });

  test("behind PgBouncer in transaction mode, 100 parallel deliveries are all stored and applied", async () => {
    const payloads = Array.from({ length: 34 }, () => {
      const [userId, organizationId] = [clerkId("user"), clerkId("org")];
      const membership = membershipJson({ id: clerkId("orgmem"), userId, organizationId });
      return [
        event("user.created", userJson({ id: userId })),
        event("organization.created", organizationJson({ id: organizationId })),
        event("organizationMembership.created", membership),
      ];
    })
      .flat()
      .slice(0, 100);
    const statuses = await Promise.all(payloads.map((payload) => sendWebhook(payload)));
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    const outcomes = await database().prisma.delivery.groupBy({ by: ["outcome"], _count: true });
    expect(outcomes).toEqual([{ outcome: "applied", _count: 100 }]);
    expect(database().mode).toBe("pooled");
  });
});
