/** Tests reconciliation at scale: after 5 % of the deliveries were lost, and with 10,000 users within Clerk's rate limit. */
import { afterAll, beforeEach, expect, test } from "vitest";
import { startBackendApi } from "@/dev/testing/backend-api";
import { event, membershipJson, organizationJson, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { rebuildAndCompare } from "../inbox/rebuild";
import { reconcile } from "./reconcile";

const clerk = await startBackendApi();
/** The requests in 10 s that we may make: our share of the limit of a development instance, which is 100. */
const PER_TEN_SECONDS = 90;
Object.assign(process.env, {
  CLERK_API_URL: clerk.url,
  CLERK_SECRET_KEY: "sk_test_OnlyForTests",
  CLERK_RATE_SHARE: String(PER_TEN_SECONDS / 100),
});

const { prisma, pool } = database();
const at = 1_790_000_000_000;
const stamps = (place: number) => ({ created_at: at + place, updated_at: at + place });

const person = (place: number, fields: object = {}) => {
  const id = `user_${place}`;
  return { ...userJson({ id }), id, ...stamps(place), ...fields };
};
const organization = (place: number) => {
  const id = `org_${place}`;
  return { ...organizationJson({ id }), id, ...stamps(place) };
};
const membership = (place: number) => {
  const id = `orgmem_${place}`;
  const ids = { userId: `user_${place}`, organizationId: `org_${place % 20}` };
  return { ...membershipJson({ id, ...ids }), id, ...stamps(place) };
};
const many = <T>(count: number, make: (place: number) => T) =>
  Array.from({ length: count }, (_, place) => make(place));

afterAll(() => clerk.close());
beforeEach(() =>
  pool.query("TRUNCATE users, organizations, memberships, versions, deliveries, sync_runs CASCADE"),
);

const countUsers = () => prisma.user.count({ where: { deleted: false, version: { gt: 0 } } });

test("after 5 % of the deliveries are lost, a reconciliation leaves no drift, and a rebuild from the inbox equals the mirror", async () => {
  const gone = (place: number) => place % 50 === 7;
  const renamed = (place: number) => place % 3 === 0;
  const name = { first_name: "Renamed", updated_at: at + 9_000 };
  const events = [
    ...many(300, (place) => event("user.created", person(place))),
    ...many(20, (place) => event("organization.created", organization(place))),
    ...many(150, (place) => event("organizationMembership.created", membership(place))),
    ...many(300, (place) =>
      renamed(place) ? [event("user.updated", person(place, name), at + 9_000)] : [],
    ).flat(),
    ...many(300, (place) =>
      gone(place) ? [event("user.deleted", { id: `user_${place}`, deleted: true })] : [],
    ).flat(),
  ];
  const lost = events.filter((_, place) => place % 20 === 0);
  const sent = events.filter((_, place) => place % 20 !== 0);
  for (const payload of sent) expect(await sendWebhook(payload)).toBe(200);

  const isThere = ({ id }: { id: string }) => !gone(Number(id.split("_")[1]));
  clerk.users = many(300, (place) => person(place, renamed(place) ? name : {})).filter(isThere);
  clerk.organizations = many(20, organization);
  clerk.memberships = many(150, membership).filter(isThere);
  const calls = { perTenSeconds: 100_000 };
  const found: string[] = [];
  const run = (mode: "repair" | "dry-run") =>
    reconcile({
      mode,
      trigger: "command",
      calls,
      onFindings: (findings) => found.push(...findings.map(({ id }) => id)),
    });
  expect(await run("repair")).toMatchObject({ status: "done" });
  expect(found.length).toBeGreaterThan(lost.length / 2);
  found.length = 0;
  expect(await run("dry-run")).toMatchObject({ status: "done" });
  expect(found).toEqual([]);
  expect(await countUsers()).toBe(clerk.users.length);
  const { replayed, tables } = await rebuildAndCompare();
  expect(replayed).toBe(sent.length);
  expect(tables.filter(({ isEqual }) => !isEqual)).toEqual([]);
});

test("a reconciliation reads 10,000 users with few requests, within our share of Clerk's rate limit", async () => {
  clerk.users = many(10_000, person);
  const asked: number[] = [];
  clerk.intercept = () => {
    asked.push(performance.now());
    return false;
  };
  expect(await reconcile({ mode: "repair", trigger: "command" })).toMatchObject({ status: "done" });
  expect(await countUsers()).toBe(10_000);
  const [first = 0, last = 0] = [asked.at(0), asked.at(-1)];
  // A page of users needs two parallel requests.
  const slots = asked.length - 2;
  expect(last - first).toBeGreaterThan((slots * 10_000) / PER_TEN_SECONDS - 50);
  expect(asked.length).toBeLessThan(60);
}, 60_000);
