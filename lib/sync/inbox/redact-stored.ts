/**
 * Removes the IP address and the browser from bodies that an earlier release stored. This release removes both on receipt. Runs
 * once over the inbox, in batches, and continues after an interruption.
 */
import { z } from "zod";
import { database } from "../../db";
import { redactBody } from "../event/redact";

const BATCH = 500;
const FACT = "stored_origins";

const markShape = z.object({ at: z.string(), svixId: z.string(), isDone: z.boolean() });
const rowShape = z.object({
  svix_id: z.string(),
  at: z.string(),
  body: z.instanceof(Buffer).nullable(),
});

/**
 * Selects the next rows after the cursor (`mark`). Only a body that contains `http_request` is returned. The other rows only move
 * the cursor.
 */
const NEXT = `SELECT svix_id, received_at::text AS at, CASE WHEN position('"http_request"'::bytea IN body) > 0 THEN body END AS body
  FROM deliveries WHERE (received_at, svix_id) > ($1::timestamptz, $2) ORDER BY received_at, svix_id LIMIT ${BATCH}`;

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Runs the removal to its end, from the stored cursor on. Resolves to the number of changed bodies. */
export async function redactStoredOrigins(): Promise<number> {
  const { pool, prisma } = database();
  const fact = await prisma.syncFact.findUnique({ where: { name: FACT } });
  let mark = markShape.safeParse(fact?.value).data ?? {
    at: "-infinity",
    svixId: "",
    isDone: false,
  };
  let changed = 0;
  while (!mark.isDone) {
    const rows = z.array(rowShape).parse((await pool.query(NEXT, [mark.at, mark.svixId])).rows);
    for (const { svix_id, body } of rows) {
      if (!body) continue;
      // Keeps private metadata: on receipt, it was already removed if it was not to be mirrored.
      const redacted = redactBody(body, parseJson(body), true);
      if (redacted === body) continue;
      await pool.query(
        "UPDATE deliveries SET body = $2, is_redacted = true WHERE svix_id = $1 AND body IS NOT NULL",
        [svix_id, redacted],
      );
      changed += 1;
    }
    const last = rows.at(-1);
    mark = {
      at: last?.at ?? mark.at,
      svixId: last?.svix_id ?? mark.svixId,
      isDone: rows.length < BATCH,
    };
    await pool.query(
      `INSERT INTO sync_facts (name, value) VALUES ($1, $2)
       ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, updated_at = now()`,
      [FACT, JSON.stringify(mark)],
    );
  }
  return changed;
}
