/**
 * `npm run admin -- grant|revoke <email|id>`: makes a user a platform admin, or revokes that role. Writes to Clerk's public
 * metadata, which no client can write. The mirror is updated by webhook, as for any other change.
 */
import { clerk } from "../clerk";
import { UserError } from "../errors";
import { isProgram, print, runCommand } from "./run";

const USAGE = "Usage: npm run admin -- grant|revoke <email or user id>";

/**
 * Awaits a call of Clerk's API. @throws UserError if Clerk refuses the call or does not respond, for example because the secret
 * key is wrong.
 */
async function callClerk<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw new UserError(`The call to Clerk failed: ${String(cause)}`, { cause });
  }
}

async function findUserId(emailOrId: string): Promise<string> {
  if (emailOrId.startsWith("user_")) return emailOrId;
  const { data } = await callClerk(
    clerk().users.getUserList({ emailAddress: [emailOrId], limit: 2 }),
  );
  const [user, another] = data;
  if (!user) throw new UserError(`Clerk has no user with the e-mail address ${emailOrId}.`);
  if (another)
    throw new UserError(`Several users have ${emailOrId}: give the user id of one of them.`);
  return user.id;
}

/** Runs `npm run admin`. Resolves to one sentence that says what was done. */
export async function setAdmin([action, emailOrId, ...rest]: string[]): Promise<string> {
  if ((action !== "grant" && action !== "revoke") || !emailOrId || rest.length > 0) {
    throw new UserError(USAGE);
  }
  const id = await findUserId(emailOrId);
  // null removes the key; the rest of the metadata stays as it is.
  const role = action === "grant" ? "admin" : null;
  await callClerk(clerk().users.updateUserMetadata(id, { publicMetadata: { role } }));
  return action === "grant"
    ? `${id} is a platform admin as soon as Clerk's webhook arrives.`
    : `${id} is no platform admin any more, as soon as Clerk's webhook arrives.`;
}

if (isProgram(import.meta.filename)) {
  await runCommand(async (args) => print(await setAdmin(args)));
}
