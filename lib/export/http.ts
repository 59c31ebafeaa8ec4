/**
 * `GET` or `POST /api/console/export`: streams a list of the console as CSV, JSON or NDJSON, for platform admins. The list's own
 * GraphQL field checks the viewer and the arguments, so an export contains the same rows as the list in the console. Each export
 * is in the audit log. Memory use stays constant: the next page is read only after the client has read the previous one. Reading
 * stops when the client stops.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { noteAuditSession, recordAudit, withAuditOrigin } from "../audit";
import { readBody } from "../body";
import { database, notDeleted } from "../db";
import { readAfterOf } from "../graphql/context";
import { apolloServer } from "../graphql/server";
import type { ListReader } from "../graphql/types/list-reader";
import { findViewer, type Viewer, type ViewerResult } from "../identity/viewer";
import { slots } from "../live/slots";
import { log } from "../log";
import { contentTypes, type ExportFormat, exportFormats, type Line, writerOf } from "./formats";
import { fieldsOf, linesOf, operations } from "./lists";

const lists = ["users", "organizations", "members", "invitations", "audit"] as const;

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom" });
    return z.NEVER;
  }
});

/** The variables of the list's operation. GraphQL checks the filter and the order. */
const variables = z.object({
  /** Of the organization whose members are exported. */
  id: z.string().optional(),
  query: z.string().nullish(),
  filter: z.record(z.string(), z.unknown()).nullish(),
  orderBy: z.record(z.string(), z.unknown()).nullish(),
});

/** Room for the ids of 1,000 selected rows, which only a form can send. */
const MAX_VARIABLES = 64_000;
const MAX_IN_URL = 8_000;

const parameters = z.object({
  list: z.enum(lists),
  format: z.enum(exportFormats),
  fields: z.string().max(1_000),
  variables: z.string().max(MAX_VARIABLES).default("{}").pipe(json).pipe(variables),
});

type ExportRequest = { list: ListReader["list"]; format: ExportFormat; fields: string[] };

/** One export at a time for each admin. */
const exporting = () => slots("exports", 1);

const refuse = (status: number, error: string, headers: Record<string, string> = {}) =>
  Response.json({ error }, { status, headers: { "cache-control": "no-store", ...headers } });

/**
 * Runs the list's operation. Its resolver passes a {@link ListReader} to `takeList`. Resolves to this reader, or to null if
 * GraphQL refuses the arguments.
 */
async function findReader(
  authentication: ViewerResult,
  list: ListReader["list"],
  given: z.infer<typeof variables>,
  readAfter: bigint | null,
): Promise<ListReader | null> {
  let taken: ListReader | null = null;
  const { body } = await apolloServer().executeOperation(
    { query: operations[list], variables: given },
    {
      contextValue: {
        authentication,
        requestId: randomUUID(),
        readAfter,
        takeList: (reader) => {
          taken = reader;
        },
      },
    },
  );
  return body.kind === "single" && !body.singleResult.errors ? taken : null;
}

/** The minimum time in ms between two checks that the viewer is still a platform admin. */
const RECHECK_MS = 1_000;

async function isStillAdmin(id: string): Promise<boolean> {
  const where = { id, isAdmin: true, isBanned: false, ...notDeleted };
  return (await database().prisma.user.count({ where })) === 1;
}

class NoLongerAdmin extends Error {
  override name = "NoLongerAdmin";
}

/** Yields the text of the export. Records in the audit log whether the export finished, failed or was aborted by the client. */
async function* textOf(
  viewer: Viewer,
  { list, format, fields }: ExportRequest,
  pages: AsyncGenerator<Line[], void>,
): AsyncGenerator<string, void> {
  const startedAt = Date.now();
  const actor = viewer.user.id;
  const writer = writerOf(format, fields);
  let [rows, checkedAt] = [0, startedAt];
  let ended: "finished" | "aborted" | "failed" = "aborted";
  // Takes the slot only when the client starts to read. If a client never reads, `finally` never runs and could not free it.
  const free = await exporting().take(actor);
  if (!free) throw new Error("Another export of this admin has begun.");
  try {
    yield writer.start;
    for await (const lines of pages) {
      if (Date.now() - checkedAt > RECHECK_MS) {
        if (!(await isStillAdmin(actor)))
          throw new NoLongerAdmin("The viewer is no admin any more.");
        checkedAt = Date.now();
      }
      const isFirst = rows === 0;
      rows += lines.length;
      yield writer.lines(lines, isFirst);
    }
    yield writer.end;
    ended = "finished";
  } catch (error) {
    ended = "failed";
    throw error;
  } finally {
    free();
    await recordAudit({
      actor,
      action: `export.${ended}`,
      subject: null,
      detail: { list, format, rows, ms: Date.now() - startedAt },
    });
  }
}

function streamOf(chunks: AsyncGenerator<string, void>): ReadableStream {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (done) controller.close();
          else if (value === "") await this.pull?.(controller);
          else controller.enqueue(encoder.encode(value));
        } catch (error) {
          log.error("export not finished", {}, error);
          controller.error(error);
        }
      },
      async cancel() {
        await chunks.return();
      },
    },
    { highWaterMark: 0 },
  );
}

const MAX_FORM_BYTES = 80_000;

/** The parameters of the URL, or of the form: the ids of a selection do not fit into a URL. Null for any other body. */
function parametersOf(request: Request, form: Buffer | null): Record<string, string> | null {
  if (form === null) {
    const { searchParams } = new URL(request.url);
    return (searchParams.get("variables") ?? "").length > MAX_IN_URL
      ? null
      : Object.fromEntries(searchParams);
  }
  const type = request.headers.get("content-type") ?? "";
  return type.startsWith("application/x-www-form-urlencoded")
    ? Object.fromEntries(new URLSearchParams(form.toString("utf8")))
    : null;
}

export const answerExport = (request: Request): Promise<Response> =>
  withAuditOrigin(() => answer(request));

async function answer(request: Request): Promise<Response> {
  if (request.headers.get("sec-fetch-site") === "cross-site")
    return refuse(403, "Open this from a page of this site.");
  const form = request.method === "POST" ? await readBody(request, MAX_FORM_BYTES) : null;
  if (form !== null && !Buffer.isBuffer(form)) return refuse(form.status, form.error, form.headers);
  const authentication = await findViewer(request.headers);
  const { viewer } = authentication;
  if (!viewer) {
    return authentication.reason === "unavailable"
      ? refuse(503, "Rollcall cannot check your session right now. Try again.", {
          "retry-after": "5",
        })
      : refuse(401, "Sign in to export a list.");
  }
  noteAuditSession(viewer.claims.sessionId);
  if (!viewer.isAdmin) return refuse(403, "Only a platform admin may export a list.");
  if (viewer.impersonatorId !== null)
    return refuse(403, "This is not possible while impersonating.");
  const given = parametersOf(request, form);
  if (!given) return refuse(400, "An export is a form of at most 80 kB.");
  const parsed = parameters.safeParse(given);
  if (!parsed.success) return refuse(400, "An export needs a list, a format and fields.");
  const { list, format } = parsed.data;
  const known = fieldsOf(list);
  const fields = [...new Set(parsed.data.fields.split(",").filter(Boolean))];
  const unknown = fields.filter((field) => !known.includes(field));
  if (fields.length === 0 || unknown.length > 0)
    return refuse(400, `The fields of this list are ${known.join(", ")}.`);
  const free = await exporting().take(viewer.user.id);
  if (!free) return refuse(429, "You are exporting a list already.", { "retry-after": "10" });
  // Only a check, so that the response can be 429: `textOf` takes the slot.
  free();
  const readAfter = readAfterOf(request.headers);
  const reader = await findReader(authentication, list, parsed.data.variables, readAfter);
  if (!reader) return refuse(400, "The search, the filter or the order of this list is not valid.");
  const { query, filter } = parsed.data.variables;
  await recordAudit({
    actor: viewer.user.id,
    action: "export.started",
    subject: null,
    // Leaves out the search words: they may name a person, and the audit log is never deleted.
    detail: { list, format, fields: fields.join(","), isFiltered: Boolean(query ?? filter) },
  });
  const day = new Date().toISOString().slice(0, 10);
  const chunks = textOf(viewer, { list, format, fields }, linesOf(reader, fields));
  return new Response(streamOf(chunks), {
    headers: {
      "cache-control": "no-store",
      "content-type": contentTypes[format],
      "content-disposition": `attachment; filename="rollcall-${list}-${day}.${format}"`,
      "x-content-type-options": "nosniff",
    },
  });
}
