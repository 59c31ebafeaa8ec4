/** What Postgres expects of a list by the statistics of its planner: how many rows it has, and what counting them costs. */
import { AsyncLocalStorage } from "node:async_hooks";
import { z } from "zod";
import { database } from "../../db";
import { Prisma, PrismaClient } from "../../generated/prisma/client";

export type Plan = {
  rows: number;
  /** The cost of reading all rows, in the planner's units: https://www.postgresql.org/docs/current/runtime-config-query.html */
  cost: number;
};

const explained = z.tuple([
  z.object({ Plan: z.object({ "Plan Rows": z.number(), "Total Cost": z.number() }) }),
]);

function planOf(json: unknown): Plan {
  const [{ Plan: top }] = explained.parse(typeof json === "string" ? JSON.parse(json) : json);
  return { rows: top["Plan Rows"], cost: top["Total Cost"] };
}

/** Holds the plan of the statement that the current call explains. */
const current = new AsyncLocalStorage<{ plan?: unknown }>();

class PlanRead extends Error {
  override name = "PlanRead";
}

/** A client that explains each statement and never runs it: its reads fail with {@link PlanRead} once the plan is known. */
function makePlanner(): PrismaClient {
  const { adapter: pgAdapter } = database();
  const connect = async () => {
    const adapter = await pgAdapter.connect();
    const queryRaw: typeof adapter.queryRaw = async (query) => {
      const sql = `EXPLAIN (FORMAT JSON) ${query.sql}`;
      const { rows } = await adapter.queryRaw({ ...query, sql });
      const holder = current.getStore();
      if (holder) holder.plan = rows[0]?.[0];
      throw new PlanRead("The plan is read.");
    };
    return Object.assign(Object.create(adapter), { queryRaw });
  };
  const { provider, adapterName } = pgAdapter;
  return new PrismaClient({ adapter: { provider, adapterName, connect } });
}

let planner: PrismaClient | undefined;

/**
 * The plan of a read: `planRead((db) => db.user.findMany({ where, select: { id: true } }))`. One statement, which costs about a
 * millisecond, however large the table is.
 */
export async function planRead(read: (db: PrismaClient) => Promise<unknown>): Promise<Plan> {
  planner ??= makePlanner();
  const client = planner;
  return current.run({}, async () => {
    const holder = current.getStore();
    try {
      await read(client);
    } catch (error) {
      if (holder?.plan === undefined) throw error;
    }
    return planOf(holder?.plan);
  });
}

async function planSql(select: Prisma.Sql): Promise<Plan> {
  const rows = await database().prisma.$queryRaw<{ "QUERY PLAN": unknown }[]>`
    EXPLAIN (FORMAT JSON) ${select}`;
  return planOf(rows[0]?.["QUERY PLAN"]);
}

/** The plan of reading the deliveries that fulfil a condition. */
export const planDeliveries = (where: Prisma.Sql) =>
  planSql(Prisma.sql`SELECT FROM deliveries WHERE ${where}`);

/** The plan of reading the erasures that fulfil a condition. */
export const planErasures = (where: Prisma.Sql) =>
  planSql(Prisma.sql`SELECT FROM erasures WHERE ${where}`);

/** Counting more rows than this costs more than reading a page of them. */
export const COUNT_LIMIT = 10_000;

/** About 30 ms of one core. */
const COUNT_COST = 20_000;

/** If an estimate exceeds this factor times {@link COUNT_LIMIT}, the real number of rows certainly exceeds COUNT_LIMIT. */
const CERTAINLY = 5;

/**
 * True if counting up to {@link COUNT_LIMIT} rows is of no use, because there are certainly more, or takes too long, because few of
 * the rows that it reads belong to the list.
 */
export const isEstimated = ({ rows, cost }: Plan): boolean =>
  rows > CERTAINLY * COUNT_LIMIT ||
  cost * Math.min(1, COUNT_LIMIT / Math.max(rows, 1)) > COUNT_COST;
