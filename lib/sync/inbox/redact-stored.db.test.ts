import { expect, test } from "vitest";
import { findInDatabase } from "../../../dev/testing/personal-data-scan";
import { database } from "../../db";
import { redactStoredOrigins } from "./redact-stored";

const { pool } = database();

const store = (svixId: string, body: string) =>
  pool.query(
    `INSERT INTO deliveries (svix_id, sha256, body, type, outcome) VALUES ($1, 'kept', convert_to($2, 'UTF8'), 'user.updated', 'applied')`,
    [svixId, body],
  );

const bodyOf = async (svixId: string) =>
  (
    await pool.query(
      "SELECT convert_from(body, 'UTF8') AS body FROM deliveries WHERE svix_id = $1",
      [svixId],
    )
  ).rows[0].body;

test("redactStoredOrigins removes the IP address and the browser from stored bodies, and nothing else", async () => {
  const origin =
    '"event_attributes":{"http_request":{"client_ip":"203.0.113.77","user_agent":"Old/1"}}';
  await store(
    "msg_old",
    `{"type":"user.updated","data":{"id":"user_1","private_metadata":{"a":1}},${origin}}`,
  );
  await store(
    "msg_spaced",
    `{ "type": "user.updated", "data": {"id":"user_1"}, "event_attributes": { "http_request": { "client_ip": "203.0.113.77" } } }`,
  );
  await store("msg_new", '{"type":"user.updated","data":{"id":"user_1"},"event_attributes":{}}');
  await pool.query(
    "INSERT INTO deliveries (svix_id, sha256, body, type, outcome) VALUES ('msg_empty', '', NULL, 'x', 'ignored')",
  );
  expect(await redactStoredOrigins()).toBe(2);
  expect(await findInDatabase(["203.0.113.77", "Old/1"])).toEqual([]);
  expect(JSON.parse(await bodyOf("msg_old"))).toEqual({
    type: "user.updated",
    data: { id: "user_1", private_metadata: { a: 1 } },
    event_attributes: {},
  });
  const { rows } = await pool.query(
    "SELECT svix_id, sha256 FROM deliveries WHERE is_redacted ORDER BY 1",
  );
  expect(rows).toEqual([
    { svix_id: "msg_old", sha256: Buffer.from("kept") },
    { svix_id: "msg_spaced", sha256: Buffer.from("kept") },
  ]);
});

test("redactStoredOrigins reads the inbox only once: a second run changes nothing", async () => {
  expect(await redactStoredOrigins()).toBe(0);
});
