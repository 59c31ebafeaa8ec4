// Reads Clerk's published OpenAPI files: lists their operations and events, and validates responses and webhooks. The files are
// OpenAPI 3.0, but the validator needs JSON Schema, so they are converted when read.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import yaml from "yaml";
import { z } from "zod";
import { corrected } from "./corrections";

export type Api = "bapi" | "fapi";
export type Operation = { api: Api; id: string; method: string; path: string };

const files = {
  bapi: "./openapi/bapi/2026-05-12.yml",
  fapi: "./openapi/fapi/2026-05-12.yml",
  webhooks: "./openapi/webhooks/2025-04-15.yml",
} as const;
type File = keyof typeof files;

const methods = ["get", "post", "put", "patch", "delete"] as const;
const operationShape = z.object({
  operationId: z.string(),
  responses: z.record(z.string(), z.unknown()),
});
const pathShape = z.partialRecord(z.enum(methods), operationShape);
const apiShape = z.object({
  paths: z.record(
    z.string(),
    z
      .looseObject({})
      .transform((path) =>
        pathShape.parse(
          Object.fromEntries(
            methods.flatMap((method) => (method in path ? [[method, path[method]]] : [])),
          ),
        ),
      ),
  ),
});
const webhooksShape = z.object({ "x-webhooks": z.record(z.string(), z.unknown()) });
const referenceShape = z.object({ $ref: z.string() });

const documents = new Map<File, unknown>();
const validators = new Map<string, ValidateFunction>();
let ajv: Ajv | undefined;

function documentOf(file: File): unknown {
  const known = documents.get(file);
  if (known) return known;
  const text = readFileSync(fileURLToPath(new URL(files[file], import.meta.url)), "utf8");
  const document = corrected(file, asJsonSchema(yaml.parse(text)));
  documents.set(file, document);
  ajv ??= newValidator();
  ajv.addSchema(z.record(z.string(), z.unknown()).parse(document), file);
  return document;
}

function newValidator(): Ajv {
  const validator = new Ajv({ strict: false, allErrors: true, logger: false });
  addFormats.default(validator);
  return validator;
}

/** Converts OpenAPI 3.0 to JSON Schema: `nullable` becomes an `anyOf` with null, also next to a reference or an enum. */
function asJsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(asJsonSchema);
  if (typeof node !== "object" || node === null) return node;
  const { nullable, ...rest }: Record<string, unknown> = Object.fromEntries(
    Object.entries(node).map(([name, value]) => [name, asJsonSchema(value)]),
  );
  if (typeof nullable !== "boolean") return nullable === undefined ? rest : { nullable, ...rest };
  return nullable ? { anyOf: [rest, { type: "null" }] } : rest;
}

export function operationsOf(api: Api): Operation[] {
  const { paths } = apiShape.parse(documentOf(api));
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId }]) => ({
      api,
      id: operationId,
      method: method.toUpperCase(),
      // In the Frontend API's file the paths contain `/v1`. In the Backend API's file the server URL contains it.
      path: api === "bapi" ? `/v1${path}` : path,
    })),
  );
}

export function webhookTypes(): string[] {
  return Object.keys(webhooksShape.parse(documentOf("webhooks"))["x-webhooks"]);
}

/**
 * Returns one line for each place where the body violates the published schema; null when the file has no schema for this status.
 */
export function responseFaults(
  operation: Operation,
  status: number,
  body: unknown,
): string[] | null {
  const { api, method, path } = operation;
  const document = documentOf(api);
  const filePath = api === "bapi" ? path.replace(/^\/v1/, "") : path;
  const place = ["paths", filePath, method.toLowerCase(), "responses", String(status)];
  const response = referenceShape.safeParse(at(document, place));
  const found = response.success ? pointerOf(response.data.$ref) : place;
  const pointer = [...found, "content", "application/json", "schema"];
  if (at(document, pointer) === undefined) return null;
  return faults(api, pointer, body);
}

export function webhookFaults(type: string, body: unknown): string[] {
  const place = ["x-webhooks", type, "post", "requestBody", "content", "application/json"];
  const pointer = [...place, "schema"];
  if (at(documentOf("webhooks"), pointer) === undefined) return [`${type} is not in the file`];
  return faults("webhooks", pointer, body);
}

function faults(file: File, pointer: readonly string[], body: unknown): string[] {
  const encoded = pointer.map((part) =>
    encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")),
  );
  const $ref = `${file}#/${encoded.join("/")}`;
  ajv ??= newValidator();
  const validate = validators.get($ref) ?? ajv.compile({ $ref });
  validators.set($ref, validate);
  if (validate(body)) return [];
  return (validate.errors ?? [])
    .filter((error) => isSpecific(error) && !isNullAlternative(error))
    .map(({ instancePath, message, params }) =>
      `${instancePath || "/"} ${message} ${JSON.stringify(params)}`.trim(),
    );
}

type Fault = { keyword: string; params: Record<string, unknown> };

/**
 * False for an error that only repeats more specific errors: a failed `anyOf`, or a `oneOf` of which no schema matches. True for
 * a `oneOf` of which several schemas match.
 */
function isSpecific({ keyword, params }: Fault): boolean {
  if (keyword === "oneOf") return Array.isArray(params.passingSchemas);
  return keyword !== "anyOf";
}

/** True for the error of the null alternative that `asJsonSchema` added. Only the error of the other alternative is useful. */
function isNullAlternative(error: Fault): boolean {
  return error.keyword === "type" && error.params.type === "null";
}

function pointerOf(reference: string): string[] {
  return reference.replace("#/", "").split("/");
}

function at(document: unknown, pointer: readonly string[]): unknown {
  let node = document;
  for (const part of pointer) {
    if (typeof node !== "object" || node === null) return undefined;
    node = Object.entries(node).find(([name]) => name === part)?.[1];
  }
  return node;
}
