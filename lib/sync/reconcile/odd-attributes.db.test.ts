/**
 * Tests that one unreadable attribute keeps neither its object nor later objects of the list out of the mirror. The written row
 * must equal the object: otherwise each later reconciliation would report drift.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  answerJson,
  type BackendApi,
  clerkError,
  startBackendApi,
} from "@/dev/testing/backend-api";
import { organizationJson, userJson } from "@/dev/testing/clerk-payloads";
import { type OddObject, oddObjects } from "@/dev/testing/odd-objects";
import { database } from "../../db";
import { type ReconciledTable, reconciledTables } from "../mirror/columns";
import { reconcile } from "./reconcile";
import type { Mode } from "./runs";

/** The resource of the Backend API, an event type with the same object, and the attributes that the row requires. */
const lists: Record<ReconciledTable, [string, string, string[]]> = {
  users: ["users", "user.updated", []],
  organizations: ["organizations", "organization.updated", []],
  memberships: [
    "organization_memberships",
    "organizationMembership.updated",
    ["organization", "public_user_data"],
  ],
  invitations: ["organization_invitations", "organizationInvitation.created", []],
  domains: ["organization_domains", "organizationDomain.updated", []],
  roles: ["organization_roles", "role.updated", []],
  permissions: ["organization_permissions", "permission.updated", []],
};

/**
 * The number of objects in one run: fewer than fit on a page of Clerk's list. The stub cannot sort objects into pages, because
 * some have no readable creation time.
 */
const PAGE = 400;

let clerk: BackendApi;
beforeAll(async () => {
  clerk = await startBackendApi();
  process.env.CLERK_API_URL = clerk.url;
});
afterAll(() => clerk.close());

function serve(wanted: string, objects: unknown[]): void {
  clerk.intercept = (response, url) => {
    const [, , resource, id] = url.pathname.split("/");
    const data = resource === wanted ? objects : [];
    if (id === "count") return answerJson(response, 200, { total_count: data.length });
    // The users and organizations that the objects name exist at Clerk.
    if (id && resource === "users") return answerJson(response, 200, userJson({ id }));
    if (id && resource === "organizations")
      return answerJson(response, 200, organizationJson({ id }));
    if (id) return answerJson(response, 404, clerkError("resource_not_found"));
    const page = data.slice(Number(url.searchParams.get("offset")));
    return answerJson(
      response,
      200,
      resource === "users" ? page : { data: page, total_count: data.length },
    );
  };
}

async function run(mode: Mode) {
  const calls = { perTenSeconds: 100_000, backoffMs: [5], answerWithinMs: 10_000 };
  const { runId, status } = await reconcile({ mode, trigger: "command", calls });
  const found = await database().prisma.driftFinding.findMany({ where: { runId } });
  return { status, drift: found.filter(({ kind }) => kind !== "partial") };
}

async function mirrorPage(table: ReconciledTable, page: OddObject[]): Promise<void> {
  const { pool } = database();
  const tables = Object.keys(lists).join(", ");
  await pool.query(`TRUNCATE ${tables}, versions, sync_runs, drift_findings CASCADE`);
  serve(
    lists[table][0],
    page.map(({ object }) => object),
  );
  // The second run also reads the users and organizations that the objects of the first run name.
  expect(await run("repair")).toMatchObject({ status: "done" });
  expect(await run("repair")).toMatchObject({ status: "done" });
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM ${table} WHERE version > 0 AND NOT deleted`,
  );
  const mirrored = new Set(rows.map(({ id }) => id));
  const lost = page.filter(({ id }) => !mirrored.has(id));
  expect(lost.map(({ attribute }) => attribute)).toEqual([]);
  const { drift } = await run("dry-run");
  const attributeOf = (id: string) => page.find((each) => each.id === id)?.attribute;
  expect(drift.map(({ objectId, fields }) => [attributeOf(objectId), fields])).toEqual([]);
}

test.each(reconciledTables)(
  "a reconciliation mirrors all listed %s without drift when any one of their optional attributes has an unexpected value",
  async (table) => {
    const [, type, required] = lists[table];
    const objects = oddObjects(type, required);
    for (let from = 0; from < objects.length; from += PAGE) {
      await mirrorPage(table, objects.slice(from, from + PAGE));
    }
  },
);
