/** Measures what the count of an organization's members costs, and whether its row lock delays memberships of one organization. */
import type pg from "pg";
import { event, membershipJson } from "../testing/clerk-payloads";
import { costOfEvent } from "./database";
import { median, medianRatio } from "./load";
import { ksuid, signed } from "./signed-load";

const USERS = 1_000;
const ORGANIZATIONS = 50;
const ROUNDS = 5;
const EVENTS = 300;
/** So many deliveries arrive at the same time. */
const PARALLEL = 50;

const COUNTING_TRIGGERS = ["count_members_insert", "count_members_update"];

const userId = (index: number) => `user_bench${index % USERS}`;
const organizationId = (index: number) => `org_bench${index}`;

async function fill(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO users (id, version, email, first_name) SELECT 'user_bench' || n, 1, n || '@example.test', 'Ada' FROM generate_series(0, ${USERS - 1}) n`,
  );
  await client.query(
    `INSERT INTO organizations (id, version, name, slug) SELECT 'org_bench' || n, 1, 'Engines ' || n, 'engines-' || n FROM generate_series(0, ${ORGANIZATIONS - 1}) n`,
  );
  await client.query("ANALYZE users, organizations");
}

const memberships = (organizations: number) => (count: number, secret: string) =>
  signed(count, secret, (index) =>
    event(
      "organizationMembership.created",
      membershipJson({
        id: ksuid("orgmem"),
        userId: userId(index),
        organizationId: organizationId(index % organizations),
      }),
    ),
  );

export async function benchMembers(client: pg.Client, secret: string): Promise<void> {
  await fill(client);
  const setTriggers = (action: "ENABLE" | "DISABLE") =>
    client.query(
      COUNTING_TRIGGERS.map((name) => `ALTER TABLE memberships ${action} TRIGGER ${name}`).join(
        ";",
      ),
    );
  const cost = (organizations: number) =>
    costOfEvent(secret, EVENTS, { make: memberships(organizations), lanes: PARALLEL });
  const found: Record<"many" | "manyUncounted" | "one" | "oneUncounted", number[]> = {
    many: [],
    manyUncounted: [],
    one: [],
    oneUncounted: [],
  };
  await cost(ORGANIZATIONS);
  while (found.one.length < ROUNDS) {
    await setTriggers("DISABLE");
    found.manyUncounted.push(await cost(ORGANIZATIONS));
    found.oneUncounted.push(await cost(1));
    await setTriggers("ENABLE");
    found.many.push(await cost(ORGANIZATIONS));
    found.one.push(await cost(1));
  }
  const line = (what: string, of: number[], without: number[]) =>
    console.log(
      `  ${what.padEnd(24)}${median(of).toFixed(2)} ms, ${medianRatio(of, without).toFixed(2)} × the same without the count`,
    );
  console.log(`the event of a new membership, ${PARALLEL} at a time:`);
  line(`of ${ORGANIZATIONS} organizations`, found.many, found.manyUncounted);
  line("of one organization", found.one, found.oneUncounted);
}
