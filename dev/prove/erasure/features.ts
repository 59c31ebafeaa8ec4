/**
 * One canary goes through every feature, is erased, archived and purged. After the erasure a scan of the whole database, of its
 * notifications, of the head file and of the log finds nothing of the canary; after the purge, not even the encrypted entry.
 */
import { existsSync, readFileSync } from "node:fs";
import pg from "pg";
import { GET as downloadData } from "../../../app/api/account/archive/route";
import { POST as askGraphQL } from "../../../app/api/graphql/route";
import { database, transaction } from "../../../lib/db";
import { env } from "../../../lib/env";
import { addArchiveNote, lookUpArchive } from "../../../lib/erasure/archive-admin";
import { lookupHash } from "../../../lib/erasure/archive-crypto";
import { purgeDueEntries } from "../../../lib/erasure/archive-retention";
import { lookupKey, withArchive } from "../../../lib/erasure/archive-store";
import { findBlastRadius } from "../../../lib/erasure/blast-radius";
import { registry } from "../../../lib/erasure/registry";
import { deleteReleasedHandles } from "../../../lib/social/profiles"; // part of the sample product
import { archiveRequest } from "../../testing/archive";
import type { BackendApi } from "../../testing/backend-api";
import { leaveAdminTraces } from "../../testing/canary-acts";
import { leaveSubscription } from "../../testing/canary-console";
import { type Canary, makeCanary } from "../../testing/canary-person";
import { findInDatabase } from "../../testing/personal-data-scan";
import { signToken } from "../../testing/sign";
import { finishErasures } from "./finish";
import { deleteUser } from "./kill-rounds";
import { handleNeedles, hashedNeedles } from "./needles";

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

/** These tables get rows of a person only when the person is deleted, or released a brake. */
const WITHOUT_CANARY = ["erasures", "erased_ids", "erasure_brakes"];

/** The tables with data to erase that the canary has not reached: a scan after the erasure would say nothing about them. */
async function findUntouched(canary: Canary): Promise<string[]> {
  const reached = new Set((await findBlastRadius("user", [canary.id])).map(({ table }) => table));
  return registry.flatMap(({ table, user, columns }) =>
    user !== undefined &&
    Object.values(columns).includes("erased") &&
    !reached.has(table) &&
    !WITHOUT_CANARY.includes(table)
      ? [table]
      : [],
  );
}

const ATTEMPTS = 10;

/** Repeats a call that is answered with 503: a statement that is cancelled on a busy machine says nothing about erasures. */
async function callUntilAnswered(call: () => Promise<Response>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await call();
    await response.arrayBuffer();
    if (response.status === 200) return;
    if (response.status !== 503 || attempt === ATTEMPTS)
      throw new Error(`a call of the canary was answered with ${response.status}`);
  }
}

/** The API calls of a member: the feed, the own profile, and the download of all data. */
async function callApi({ id }: Canary): Promise<void> {
  const authorization = `Bearer ${signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub: id })}`;
  const query = "{ viewer { email profile { handle } feed(first: 5) { id } } }";
  await callUntilAnswered(() =>
    askGraphQL(
      new Request("https://rollcall.test/api/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", authorization },
        body: JSON.stringify({ query }),
      }),
    ),
  );
  await callUntilAnswered(() => downloadData(archiveRequest({ sub: id })));
}

/** Collects the payloads of all notifications. */
async function listen(): Promise<{ payloads: string[]; stop(): Promise<void> }> {
  const client = new pg.Client({ connectionString: env().databaseUrl });
  const payloads: string[] = [];
  client.on("notification", ({ payload }) => void payloads.push(payload ?? ""));
  await client.connect();
  await client.query('LISTEN rollcall; LISTEN rollcall_effects; LISTEN "jobs:insert"');
  return {
    payloads,
    stop: async () => {
      // The answer comes after all earlier notifications.
      await client.query("SELECT 1");
      await client.end();
    },
  };
}

const containing = (text: string, needles: string[]) =>
  needles.filter((needle) => text.toLowerCase().includes(needle.toLowerCase()));

/** Fails unless the scanner finds what is planted: a hash as text, in JSON, and as raw bytes. */
async function requireScanner([needle = ""]: string[]): Promise<void> {
  await sql(
    `CREATE TABLE planted AS SELECT $1::text AS a, jsonb_build_object('x', $1::text) AS b, decode($1, 'hex') AS c, convert_to($1, 'UTF8') AS d`,
    [needle],
  );
  const found = await findInDatabase([needle]);
  await sql("DROP TABLE planted");
  if (found.length !== 4) throw new Error(`the scanner found ${found.length} of 4 planted hashes`);
}

async function keyedHashes({ id, addresses }: Canary): Promise<string[]> {
  const key = await transaction((db) => withArchive(db, () => lookupKey(db, env().archiveKeys)));
  return [id, ...addresses].map((each) => lookupHash(key, each).toString("hex"));
}

async function purge(canary: Canary): Promise<string[]> {
  const [opened] = await lookUpArchive("proof", canary.addresses[0] ?? "", "refund request 4711");
  if (!opened) return ["the archive has no entry for the canary's e-mail address"];
  const { entry } = opened;
  await addArchiveNote("proof", entry.id, `Serinus ${canary.traces[0]} was refunded`);
  const faults = (await findInDatabase(canary.traces)).map((place) => `note readable in ${place}`);
  await sql("UPDATE rollcall_archive.archive_entries SET purge_at = now() WHERE id = $1", [
    entry.id,
  ]);
  await purgeDueEntries();
  // part of the sample product: the handle is reserved for 90 days.
  await sql("UPDATE profile_handles SET released_at = released_at - interval '91 days'");
  await deleteReleasedHandles(database().pool); // part of the sample product
  return faults;
}

export type FeatureResult = { rowsBefore: number; columnsBefore: number; faults: string[] };

/**
 * @param files the head file and the log, which are searched too
 * @param clerk the stub of Clerk's API that CLERK_API_URL names
 */
export async function proveFeatures(files: string[], clerk: BackendApi): Promise<FeatureResult> {
  await sql(
    `INSERT INTO effect_subscribers (object_table, change, handler)
     SELECT t, c, 'proof' FROM unnest('{users,memberships,invitations}'::text[]) t, unnest('{created,updated,deleted}'::text[]) c`,
  );
  const canary = await makeCanary();
  await leaveSubscription(canary.id);
  await callApi(canary);
  await leaveAdminTraces(canary, clerk);
  const untouched = await findUntouched(canary);
  const before = await findInDatabase(canary.traces);
  const reach = await findBlastRadius("user", [canary.id]);
  const needles = [...canary.traces, ...hashedNeedles(canary)];
  await requireScanner(hashedNeedles(canary));

  const notifications = await listen();
  await deleteUser(canary.id);
  await finishErasures();
  await notifications.stop();
  const faults = untouched.map((table) => `the canary has no row in ${table}`);
  faults.push(...(await findInDatabase(needles)));
  const reserved = await findInDatabase(handleNeedles(canary));
  faults.push(...reserved.filter((place) => !place.startsWith("public.profile_handles.skeleton")));
  faults.push(
    ...containing(notifications.payloads.join("\n"), needles).map((each) => `notified: ${each}`),
  );

  const keyed = await keyedHashes(canary);
  if ((await findInDatabase(keyed)).length === 0) faults.push("the archive has no lookup hashes");
  faults.push(...(await purge(canary)));
  const afterPurge = [...needles, ...handleNeedles(canary), ...keyed];
  faults.push(...(await findInDatabase(afterPurge)).map((place) => `after the purge: ${place}`));
  for (const file of files) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    faults.push(...containing(text, afterPurge).map((each) => `${file}: ${each}`));
  }
  await sql("TRUNCATE effect_subscribers, effect_jobs");
  return {
    rowsBefore: reach.reduce((sum, { rows }) => sum + rows, 0),
    columnsBefore: new Set(before.map((place) => place.replace(/: .*/, ""))).size,
    faults,
  };
}
