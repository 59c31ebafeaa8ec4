import { z } from "zod";

/** Next gives an error of a page a digest; the API gives one of a field, and the page that asked for it, the request's id. */
const known = z.union([
  z.object({ digest: z.string() }).transform(({ digest }) => digest),
  z
    .object({
      errors: z
        .tuple([z.object({ extensions: z.object({ requestId: z.string() }) })])
        .rest(z.unknown()),
    })
    .transform(({ errors: [first] }) => first.extensions.requestId),
]);

/** Under what an error is found in the server's log. */
export function errorReference(error: unknown): string | undefined {
  return known.safeParse(error).data;
}
