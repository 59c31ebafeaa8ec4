/** Parses `?asOf=`: the time as of which a page shows its object. */
import { z } from "zod";

const parameters = z.object({
  tab: z.string().optional().catch(undefined),
  before: z.iso.datetime({ offset: true }).optional().catch(undefined),
  /** A time with a zone, or a time without a zone as a `datetime-local` field sends it, which is read as UTC. */
  asOf: z
    .union([
      z.iso.datetime({ offset: true }),
      z
        .string()
        .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/)
        .transform((local) => `${local}Z`),
    ])
    .refine((text) => !Number.isNaN(Date.parse(text)) && Date.parse(text) > 0)
    .transform((text) => new Date(text).toISOString())
    .optional()
    .catch(undefined),
});

export type ObjectParameters = z.output<typeof parameters>;

/** Parses the URL of an object's page. Ignores malformed parameters; never throws. */
export async function parseObjectParameters(
  searchParams: Promise<unknown>,
): Promise<ObjectParameters> {
  const parsed = parameters.safeParse(await searchParams);
  return parsed.success ? parsed.data : {};
}
