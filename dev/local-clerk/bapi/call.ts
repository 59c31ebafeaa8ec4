// Parses the query and the JSON body of a Backend API request. Filters and fields that are not implemented are refused with an
// error, never ignored.

import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { z } from "zod";
import type { ClerkContext } from "../context";
import { parseInput, parseJson } from "../error-response";
import { bodyInvalid, notFound, notImplemented, paramInvalid } from "../errors";
import type { OrganizationRecord, UserRecord } from "../store/records";

export type BapiEnv = { Bindings: HttpBindings; Variables: { sent?: string } };
export type Call = Context<BapiEnv>;

export const metadata = z.record(z.string(), z.unknown());
const fields = z.record(z.string(), z.unknown());

/** The schema of a request without fields or parameters. `readBody` and `readQuery` refuse every field and parameter. */
export const nothing = z.object({});

/** Parses a date and time such as `2026-10-20T10:00:27.645Z` to milliseconds since 1970. */
export const dateTime = z.iso
  .datetime({ offset: true })
  .transform((value) => Date.parse(value))
  .nullish();

const single = z
  .array(z.string())
  .transform((values) => values[0])
  .optional();
const whole = single.pipe(
  z.string().regex(/^\d+$/, "must be a whole number").transform(Number).optional(),
);

/** Schemas for query parameters, which `readQuery` passes as lists of values. `word` takes the first value of the list. */
export const word = single;
export const ids = z.array(z.string()).max(100).optional();
export const time = whole;
export const pageFields = {
  limit: whole.pipe(z.number().min(1).max(500).default(10)),
  offset: whole.pipe(z.number().min(0).default(0)),
  paginated: word,
};

/** Passes every query parameter to the schema as a list of values. Refuses parameters that the schema lacks. */
export function readQuery<T>(call: Call, schema: z.ZodType<T> & { shape: object }): T {
  const given: Record<string, string[]> = {};
  for (const [name, values] of Object.entries(call.req.queries())) {
    const plain = name.replace(/\[\]$/, "");
    if (!(plain in schema.shape)) {
      throw notImplemented(`the parameter ${plain} of ${call.req.method} ${call.req.path}`);
    }
    given[plain] = values;
  }
  return parseInput(schema, given);
}

/**
 * Reads the whole body before any handler reads a record, so that no record changes between a handler's read and its write.
 * Upload handlers read their body themselves.
 */
export const keepBody: MiddlewareHandler<BapiEnv> = async (call, next) => {
  const type = call.req.header("content-type") ?? "";
  if (!/^(multipart\/form-data|image\/)/.test(type)) call.set("sent", await call.req.text());
  await next();
};

/** Parses the JSON body. Refuses fields that the schema lacks, also in each item of a list. */
export function readBody<T>(call: Call, schema: z.ZodType<T>): T {
  const sent = call.get("sent");
  if (sent === undefined) throw bodyInvalid();
  const body = sent === "" ? {} : parseJson(sent);
  const shape: unknown = schema instanceof z.ZodArray ? schema.element : schema;
  for (const each of [body].flat()) {
    for (const name of Object.keys(fields.safeParse(each).data ?? {})) {
      if (!(shape instanceof z.ZodObject) || name in shape.shape) continue;
      throw notImplemented(`the field ${name} of ${call.req.method} ${call.req.path}`);
    }
  }
  return parseInput(schema, body);
}

export function requireUser(context: ClerkContext, call: Call): UserRecord {
  const id = call.req.param("userId") ?? "";
  const user = context.state.users.get(id);
  if (!user) throw notFound("user", id);
  return user;
}

/** Finds the organization by the id or slug in the path, as Clerk does. Throws when there is none. */
export function requireOrganization(context: ClerkContext, call: Call): OrganizationRecord {
  const id = call.req.param("organizationId") ?? "";
  const { organizations, organizationsBySlug } = context.state;
  const organization = organizations.get(id) ?? organizationsBySlug.first(id);
  if (!organization) throw notFound("organization", id);
  return organization;
}

/** Sorts by `orderBy`. `created_at` and `+created_at` sort in ascending order, `-created_at` in descending order. */
export function sorted<T>(
  list: T[],
  orderBy: string,
  keys: Record<string, (record: T) => string | number | null>,
): T[] {
  const key = keys[orderBy.replace(/^[+-]/, "")];
  if (!key) throw paramInvalid("order_by", `${orderBy} is not a valid order.`);
  const sign = orderBy.startsWith("-") ? -1 : 1;
  return list
    .map((record, place) => ({ record, place, by: key(record) ?? "" }))
    .sort((a, b) => sign * (a.by < b.by ? -1 : a.by > b.by ? 1 : a.place - b.place))
    .map(({ record }) => record);
}
