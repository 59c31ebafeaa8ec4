/** Reads Clerk's published OpenAPI description of its webhooks, and the example events in it. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const reference = z.object({ $ref: z.string() });
const media = z.object({
  example: z.record(z.string(), z.unknown()).optional(),
  examples: z.record(z.string(), reference).optional(),
});
const described = z.object({
  "x-webhooks": z.record(
    z.string(),
    z.object({
      post: z.object({
        requestBody: z.object({ content: z.object({ "application/json": media }) }),
      }),
    }),
  ),
  components: z.object({
    examples: z.record(z.string(), z.object({ value: z.record(z.string(), z.unknown()) })),
  }),
});

const file = new URL("../local-clerk/contract/openapi/webhooks/2025-04-15.yml", import.meta.url);
const spec = described.parse(parse(readFileSync(file, "utf8")));

export const specEvents = Object.keys(spec["x-webhooks"]);

/** The example events, as [type, payload]; at least one for each event type. */
export const specExamples = Object.entries(spec["x-webhooks"]).flatMap(([type, { post }]) => {
  const { example, examples = {} } = post.requestBody.content["application/json"];
  const named = Object.values(examples).map(
    ({ $ref }) => spec.components.examples[$ref.split("/").at(-1) ?? ""]?.value,
  );
  return [example, ...named].flatMap((payload) => (payload ? [[type, payload] as const] : []));
});
