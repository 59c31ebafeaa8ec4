/** Parsers of the arguments of acts. Each message says what to enter. */
import { z } from "zod";

/** The schema of an act without arguments. */
export const none = z.strictObject({});

/** The schema of a deletion: why the archive and the receipt say that it happened. */
export const deletion = z.strictObject({
  deletionReason: z
    .enum(["admin_action", "policy_violation"], "Choose why it is deleted.")
    .default("admin_action"),
});

export const emailAddress = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email("Enter an address like name@example.com.").max(254));

/** Returns the schema of a text without control characters: Clerk refuses control characters, and Postgres cannot store NUL. */
export const oneLine = (min: number, max: number) =>
  z
    .string()
    .transform((text) => text.trim())
    .pipe(
      z
        .string()
        .min(min, "Enter a value.")
        .max(max, `Enter at most ${max} characters.`)
        .regex(/^\P{Cc}*$/u, "Leave out line breaks and control characters."),
    );

/** Clerk accepts at most 8 kB of each kind of metadata. */
const MAX_METADATA = 8_192;

/** The schema of a text that contains a JSON object. Its output is the parsed object. */
export const jsonObject = z
  .string()
  .max(MAX_METADATA, "Clerk stores at most 8 kB of metadata.")
  .transform((text, context): Record<string, unknown> => {
    try {
      const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
      if (parsed.success) return parsed.data;
    } catch {
      // Continues after the catch: invalid JSON and a value that is no object get the same message.
    }
    context.addIssue({ code: "custom", message: 'Enter a JSON object, like { "plan": "pro" }.' });
    return z.NEVER;
  });

/** Metadata of at least one kind. */
export const someMetadata = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .strictObject(shape)
    .refine((given) => Object.keys(given).length > 0, "Give the metadata to set.");
