/**
 * Variants of the object in one of Clerk's example events: each attribute is replaced in turn by values that Clerk's description does
 * not allow.
 */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { clerkId } from "./clerk-payloads";
import { specExamples } from "./clerk-spec";

/**
 * A text longer than the maximum size of a B-tree index entry. It is random, because Postgres could compress a repeated letter.
 */
const INCOMPRESSIBLE = randomBytes(6_000).toString("base64");

const oddValues: unknown[] = [
  null,
  true,
  "",
  "false",
  "\u0000",
  "\ud800",
  0,
  -0,
  -1,
  1.5,
  1_790_000_000_000.7,
  -62_135_596_800_000,
  Number.MAX_SAFE_INTEGER,
  1e308,
  "1e400",
  [null],
  [[]],
  {},
  { id: null },
  { code: null },
  { "\u0000a\ud800": "\udc00" },
  JSON.parse('{"__proto__":{"id":1}}'),
  Array.from({ length: 300 }, (_, n) => n),
  "99999-01-01",
  "2026-02-30T25:61:00Z",
  "2026-01-01T00:00:00.1239999Z",
  "x".repeat(70_000),
];

/**
 * The path of each attribute is tested with `INCOMPRESSIBLE` and with this many of `oddValues`. The paths take these values in
 * turn.
 */
const VALUES_PER_PATH = 2;

type Path = (string | number)[];
const anObject = z.record(z.string(), z.unknown());
const container = z.union([z.array(z.unknown()), anObject]);

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

export type OddObject = {
  id: string;
  /** Names the replaced attribute and its odd value, for the message of a failed test. */
  attribute: string;
  object: Record<string, unknown>;
};

/**
 * Returns variants of the object in the example event of a type. Each variant has its own id.
 * @param required The attributes that keep their values, besides `id` and the version stamp `updated_at`.
 */
export function oddObjects(type: string, required: string[]): OddObject[] {
  const example = specExamples.find(([name]) => name === type)?.[1];
  const data = anObject.parse(example?.data);
  const vital = new Set<string | number>(["id", "updated_at", ...required]);
  const paths = pathsIn(data).filter(([key = ""]) => !vital.has(key));
  return paths.flatMap((path, index) => {
    const others = Array.from(
      { length: VALUES_PER_PATH },
      (_, n) => oddValues[(index * VALUES_PER_PATH + n) % oddValues.length],
    );
    return [INCOMPRESSIBLE, ...others].map((odd) => {
      const id = clerkId("odd");
      const attribute = `${path.join(".")} = ${JSON.stringify(odd).slice(0, 60)}`;
      return { id, attribute, object: anObject.parse(replaced({ ...data, id }, path, odd)) };
    });
  });
}
