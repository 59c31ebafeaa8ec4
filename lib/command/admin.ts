/**
 * `npm run admin -- grant|revoke <email|id>`: makes somebody a platform admin, or no longer. Written where no client can
 * write, into Clerk's public metadata; the mirror follows by webhook, as for any other change.
 */
import nextEnv from "@next/env";
import { clerk } from "../clerk";
import { EnvError } from "../env";

const USAGE = "Usage: npm run admin -- grant|revoke <email or user id>";

/** A person's mistake; the message is meant to be printed as it is. */
export class AdminCommandError extends Error {
  override name = "AdminCommandError";
}

async function findUserId(who: string): Promise<string> {
  if (who.startsWith("user_")) return who;
  const { data } = await clerk().users.getUserList({ emailAddress: [who], limit: 2 });
  const [user, another] = data;
  if (!user) throw new AdminCommandError(`Clerk knows nobody with the e-mail address ${who}.`);
  if (another)
    throw new AdminCommandError(`Several people have ${who}: name one by their user id.`);
  return user.id;
}

/** Resolves to what was done, in a sentence. */
export async function setAdmin([action, who, ...rest]: string[]): Promise<string> {
  if ((action !== "grant" && action !== "revoke") || !who || rest.length > 0) {
    throw new AdminCommandError(USAGE);
  }
  const id = await findUserId(who);
  // null removes the key; the rest of the metadata is left as it is.
  const role = action === "grant" ? "admin" : null;
  await clerk().users.updateUserMetadata(id, { publicMetadata: { role } });
  return action === "grant"
    ? `${id} is a platform admin as soon as Clerk's webhook arrives.`
    : `${id} is no platform admin any more, as soon as Clerk's webhook arrives.`;
}

function isForPeople(error: unknown): error is Error {
  return error instanceof AdminCommandError || error instanceof EnvError;
}

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  nextEnv.loadEnvConfig(".", true, { info: () => undefined, error: () => undefined });
  setAdmin(process.argv.slice(2)).then(
    (done) => process.stdout.write(`${done}\n`),
    (error: unknown) => {
      const text = isForPeople(error) ? error.message : `Clerk did not do it: ${String(error)}`;
      process.stderr.write(`${text}\n`);
      process.exitCode = 1;
    },
  );
}
