/**
 * One unreadable attribute never keeps an object out of the mirror. Each attribute of Clerk's example events is replaced in turn
 * by values that Clerk's description does not allow. An event may only become unreadable by its id, its version stamp or a
 * reference that its row requires.
 */
import { expect, test } from "vitest";
import { z } from "zod";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { specExamples } from "@/dev/testing/clerk-spec";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";

const oddValues = [
  null,
  true,
  "",
  "false",
  "\u0000",
  "\ud800",
  0,
  1.5,
  -62135596800000,
  1e308,
  [null],
  [[]],
  {},
  { id: null },
  { code: null },
  "99999-01-01",
  "x".repeat(70_000),
];

/** One event type for each kind of object, with the paths of the attributes that its row requires. */
const types: Record<string, string[]> = {
  "user.updated": [],
  "organization.updated": [],
  "organizationMembership.updated": ["organization", "public_user_data"],
  "organizationInvitation.created": [],
  "organizationDomain.updated": [],
  "role.updated": [],
  "permission.updated": [],
  "session.created": ["user_id"],
  "subscription.updated": [],
  "subscriptionItem.updated": [],
  "paymentAttempt.updated": [],
};

type Path = (string | number)[];
const container = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]);

/** Returns the paths of all attributes, outer attributes first. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  const { data } = container.safeParse(value);
  const keys = Array.isArray(data) ? data.keys() : Object.keys(data ?? {});
  return [
    ...(path.length > 0 ? [path] : []),
    ...[...keys].flatMap((key) => pathsIn(Reflect.get(data ?? {}, key), [...path, key])),
  ];
}

function replaced(value: unknown, [key, ...rest]: Path, odd: unknown): unknown {
  if (key === undefined) return odd;
  const parent = container.parse(value);
  const copy = Array.isArray(parent) ? [...parent] : { ...parent };
  Reflect.set(copy, key, replaced(Reflect.get(parent, key), rest, odd));
  return copy;
}

test.each(Object.entries(types))(
  "a %s event is applied although one attribute, whichever it is, has an unexpected value",
  async (type, required) => {
    const example = specExamples.find(([name]) => name === type)?.[1];
    const data = z.record(z.string(), z.unknown()).parse(example?.data);
    const vital = new Set<string | number>(["id", "updated_at", ...required]);
    const paths = pathsIn(data).filter(([key = ""]) => !vital.has(key));
    const sent = paths.map((path, index) => {
      // Each path is tested with one value; each value is used for many paths.
      const odd = oddValues[index % oddValues.length];
      return { path: path.join("."), odd, id: clerkId("msg"), object: clerkId("odd") };
    });
    for (const [index, { id, odd, object }] of sent.entries()) {
      const changed = replaced({ ...data, id: object }, paths[index] ?? [], odd);
      await sendWebhook({ ...example, instance_id: "ins_test", data: changed }, { id });
    }
    const ids = sent.map(({ id }) => id);
    const applied = await database().prisma.delivery.findMany({
      where: { svixId: { in: ids }, outcome: "applied" },
      select: { svixId: true },
    });
    const reached = new Set(applied.map(({ svixId }) => svixId));
    expect(sent.length).toBeGreaterThan(5);
    expect(sent.filter(({ id }) => !reached.has(id))).toEqual([]);
  },
);

test("a delivery with 400 unreadable attributes lists the first paths and counts the others", async () => {
  const [id, svixId] = [clerkId("user"), clerkId("msg")];
  const email_addresses = Array.from({ length: 400 }, () => null);
  await sendWebhook(event("user.created", userJson({ id, email_addresses })), { id: svixId });
  const delivery = await database().prisma.delivery.findUnique({ where: { svixId } });
  expect(delivery?.outcome).toBe("applied");
  expect(delivery?.unread?.split(", ")).toHaveLength(21);
  expect(delivery?.unread).toMatch(/^email_addresses\.399, .*, … and 380 more$/);
});

test.each<[string, (payload: ReturnType<typeof event>) => string, object]>([
  ["a byte order mark", (payload) => `\ufeff${JSON.stringify(payload)}`, { outcome: "applied" }],
  [
    "a version stamp of digits as text",
    (payload) => JSON.stringify(payload).replace(/"updated_at":(\d+)/, '"updated_at":"$1"'),
    { outcome: "applied", unread: null },
  ],
  [
    "an empty instance id",
    (payload) => JSON.stringify({ ...payload, instance_id: "" }),
    { outcome: "applied", instanceId: null },
  ],
  [
    "a number that JSON does not have",
    (payload) => JSON.stringify(payload).replace('"banned":false', '"banned":NaN'),
    { outcome: "unreadable", unread: "(the body is not JSON)" },
  ],
  [
    "a list in the place of the object",
    (payload) => JSON.stringify({ ...payload, data: [] }),
    { outcome: "unreadable", unread: "data" },
  ],
])(
  "a signed body with %s is recorded with the expected outcome",
  async (_name, write, expected) => {
    const [id, svixId] = [clerkId("user"), clerkId("msg")];
    expect(await sendWebhook(write(event("user.created", userJson({ id }))), { id: svixId })).toBe(
      200,
    );
    const delivery = await database().prisma.delivery.findUnique({ where: { svixId } });
    expect(delivery).toMatchObject(expected);
    const isApplied =
      (await database().prisma.user.count({ where: { id, version: { gt: 0 } } })) === 1;
    expect(isApplied).toBe(delivery?.outcome === "applied");
  },
);
