// Corrects Clerk's published OpenAPI files where they contradict themselves or Clerk's SDK. The SDK takes precedence, because
// apps run it.

import { z } from "zod";

type Node = Record<string, unknown>;
type Correction = { file: string; at: string; correct(node: Node): Node };

const node = z.record(z.string(), z.unknown());
const schema = "components.schemas";
const listOf = (name: string) => `components.responses.${name}.content.application/json.schema`;

/** The schema of a verification that has not been prepared. Clerk's components prepare it only when `strategy` is null. */
const unprepared = {
  type: "object",
  properties: {
    status: { const: "unverified" },
    strategy: { type: "null" },
    next_action: { const: "needs_prepare" },
  },
  required: ["status", "strategy", "next_action", "supported_strategies"],
};
const orUnprepared = (each: Node): Node => ({ anyOf: [each, unprepared] });

/**
 * Allows a page as well as an array. The OpenAPI file describes arrays, but with `paginated=true`, which the SDK sends, Clerk
 * returns pages.
 */
const orPage = (each: Node): Node => ({
  anyOf: [
    each,
    {
      type: "object",
      properties: { data: each, total_count: { type: "integer" } },
      required: ["data", "total_count"],
    },
  ],
});

/** Removes `additionalProperties`: an `allOf` matches nothing when one part forbids properties that another requires. */
const withAdditionalProperties = ({ additionalProperties: _, ...rest }: Node): Node => rest;

const corrections: Correction[] = [
  ...["email_address", "phone_number"].map((name) => ({
    file: "fapi",
    at: `${schema}.Client/SignUp/Verifications.properties.${name}`,
    correct: orUnprepared,
  })),
  ...["Client/List", "Session/List", "Invitation/List", "JWTTemplate/List", "OAuthAccessToken"].map(
    (name) => ({
      file: "bapi",
      at: listOf(name),
      correct: orPage,
    }),
  ),
  // The OpenAPI file lists only some providers. An instance can also have Clerk's other providers, and custom providers.
  {
    file: "fapi",
    at: `${schema}.Stubs/SignInFactor.properties.strategy`,
    correct: (each) => ({ anyOf: [each, { type: "string", pattern: "^oauth_[a-z0-9_]+$" }] }),
  },
  // The OpenAPI file lacks the status `transferable`. In a sign-in with `sign_up_if_missing`, a verification gets this status
  // when the verified address belongs to no user.
  {
    file: "fapi",
    at: `${schema}.Stubs/Verification/OTP.properties.status`,
    correct: (each) => ({
      ...each,
      enum: [...z.array(z.string()).parse(each.enum), "transferable"],
    }),
  },
  { file: "fapi", at: `${schema}.UserSettings/Socials`, correct: withAdditionalProperties },
  ...["bapi", "webhooks"].map((file) => ({
    file,
    at: `${schema}.IdentificationLink.properties.type`,
    correct: (each: Node) => ({ ...each, pattern: "^oauth_[a-z_]+$" }),
  })),
  // The SDK reads `force_organization_selection` and other properties that the OpenAPI file lacks.
  { file: "fapi", at: `${schema}.Client/OrganizationSettings`, correct: withAdditionalProperties },
  // The OpenAPI file has the event `session.pending`, but lacks the session status `pending`.
  {
    file: "webhooks",
    at: `${schema}.Session.properties.status`,
    correct: (each) => ({ ...each, enum: [...z.array(z.string()).parse(each.enum), "pending"] }),
  },
  ...["Session", "OrganizationInvitation"].map((name) => ({
    file: "webhooks",
    at: `${schema}.${name}`,
    correct: withAdditionalProperties,
  })),
];

export function corrected(file: string, document: unknown): unknown {
  return corrections
    .filter((each) => each.file === file)
    .reduce((edited: unknown, { at, correct }) => editedAt(edited, pathOf(at), correct), document);
}

/** Splits a path at its dots. A slash stands for a dot within a name, except in `application/json`, where it is a slash. */
function pathOf(at: string): string[] {
  return at
    .split(".")
    .map((part) => (part === "application/json" ? part : part.replaceAll("/", ".")));
}

function editedAt(value: unknown, [name, ...rest]: string[], edit: (node: Node) => Node): unknown {
  const here = node.parse(value);
  if (name === undefined) return edit(here);
  if (!(name in here)) throw new Error(`A correction does not find ${name} in Clerk's file.`);
  return { ...here, [name]: editedAt(here[name], rest, edit) };
}
