// Where a published file contradicts itself, or the SDK that Clerk ships beside it, the SDK is right: it
// is what runs. Each correction says what it mends.

import { z } from "zod";

type Node = Record<string, unknown>;
type Correction = { file: string; at: string; mend(node: Node): Node };

const node = z.record(z.string(), z.unknown());
const schema = "components.schemas";
const listOf = (name: string) => `components.responses.${name}.content.application/json.schema`;

/** A verification that nobody has asked for yet: `strategy` is null, or the components skip asking. */
const unasked = {
  type: "object",
  properties: {
    status: { const: "unverified" },
    strategy: { type: "null" },
    next_action: { const: "needs_prepare" },
  },
  required: ["status", "strategy", "next_action", "supported_strategies"],
};
const mayBeUnasked = (each: Node): Node => ({ anyOf: [each, unasked] });

/** The file has these lists bare; with `paginated=true`, which the SDK sends, they come as a page. */
const mayBePage = (each: Node): Node => ({
  anyOf: [
    each,
    {
      type: "object",
      properties: { data: each, total_count: { type: "integer" } },
      required: ["data", "total_count"],
    },
  ],
});

/** `allOf` with a part that forbids what the other part requires fits nothing. */
const open = ({ additionalProperties: _, ...rest }: Node): Node => rest;

const corrections: Correction[] = [
  ...["email_address", "phone_number"].map((name) => ({
    file: "fapi",
    at: `${schema}.Client/SignUp/Verifications.properties.${name}`,
    mend: mayBeUnasked,
  })),
  ...["Session/List", "Invitation/List", "JWTTemplate/List", "OAuthAccessToken"].map((name) => ({
    file: "bapi",
    at: listOf(name),
    mend: mayBePage,
  })),
  // The SDK reads `force_organization_selection` and more of them than the file has.
  { file: "fapi", at: `${schema}.Client/OrganizationSettings`, mend: open },
  // The event `session.pending` is in the file; the status it tells of is not.
  {
    file: "webhooks",
    at: `${schema}.Session.properties.status`,
    mend: (each) => ({ ...each, enum: [...z.array(z.string()).parse(each.enum), "pending"] }),
  },
  ...["Session", "OrganizationInvitation"].map((name) => ({
    file: "webhooks",
    at: `${schema}.${name}`,
    mend: open,
  })),
];

export function corrected(file: string, document: unknown): unknown {
  return corrections
    .filter((each) => each.file === file)
    .reduce((sofar: unknown, { at, mend }) => edited(sofar, pathOf(at), mend), document);
}

/** A slash stands for a dot that is part of a name, but for the one media type. */
function pathOf(at: string): string[] {
  return at
    .split(".")
    .map((part) => (part === "application/json" ? part : part.replaceAll("/", ".")));
}

function edited(value: unknown, [name, ...rest]: string[], mend: (node: Node) => Node): unknown {
  const here = node.parse(value);
  if (name === undefined) return mend(here);
  if (!(name in here)) throw new Error(`A correction finds no ${name} in Clerk's file any more.`);
  return { ...here, [name]: edited(here[name], rest, mend) };
}
