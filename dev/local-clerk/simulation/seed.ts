// The first users and organizations of an empty instance, from a JSON file:
//
//   password        of every user, at least 8 characters
//   users[]        email, firstName, lastName, note (printed with the user at start),
//                   publicMetadata?, joinedDaysAgo?
//   organizations[] name, slug, createdBy (the email of the user who becomes its admin), createdDaysAgo?,
//                   members[]: email, role (org:admin or org:member), joinedDaysAgo?
//
// The file can also be an array of users that Clerk exported (`clerk-export.ts`). They get the password of the built-in seed.
//
// Ids are derived from email addresses and slugs, so they are the same on every machine. The seed uses the same
// functions as the APIs, so its webhooks are sent too. The seed is applied once per data folder.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { createUser } from "../accounts/users";
import { hashPassword } from "../authentication/passwords";
import type { ClerkContext } from "../context";
import { derivedId } from "../ids";
import { creatorRole, defaultRole } from "../instance/roles";
import { createMembership, createOrganization } from "../organizations/organizations";
import type { State } from "../store/state";
import { UserError } from "../user-error";
import { clerkExport, type ExportedUser, newExportedUser } from "./clerk-export";

const role = z.enum([creatorRole, defaultRole], "must be org:admin or org:member");
const daysAgo = z.number().min(0).default(0);

const seedFields = z.strictObject({
  password: z.string().min(8),
  users: z.array(
    z.strictObject({
      email: z.email(),
      firstName: z.string(),
      lastName: z.string(),
      note: z.string(),
      publicMetadata: z.record(z.string(), z.unknown()).default({}),
      joinedDaysAgo: daysAgo,
    }),
  ),
  organizations: z.array(
    z.strictObject({
      name: z.string().min(1),
      slug: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, "must consist of a-z, 0-9, - and _"),
      createdBy: z.email(),
      createdDaysAgo: daysAgo,
      members: z
        .array(z.strictObject({ email: z.email(), role, joinedDaysAgo: daysAgo }))
        .max(49, "an organization has at most 50 members, its creator included"),
    }),
  ),
});
export type Seed = z.output<typeof seedFields> & { exportedUsers: ExportedUser[] };
export type NewSeed = z.input<typeof seedFields>;

/** The seed file's schema. Members must be among the users. Users, slugs and the members of an organization must be unique. */
const seedFile = seedFields.superRefine(({ users, organizations }, check) => {
  const addIssue = (path: (string | number)[], message: string) =>
    check.addIssue({ code: "custom", path, message });
  const requireUnique = (list: readonly string[], path: (string | number)[]) => {
    for (const [place, each] of list.entries()) {
      if (list.indexOf(each) !== place) addIssue([...path, place], `${each} is listed twice`);
    }
  };
  const addresses = users.map(({ email }) => email.toLowerCase());
  requireUnique(addresses, ["users"]);
  const slugs = organizations.map(({ slug }) => slug);
  requireUnique(slugs, ["organizations"]);
  const known = new Set(users.map(({ email }) => email));
  for (const [place, { createdBy, members }] of organizations.entries()) {
    const path = ["organizations", place];
    const emails = members.map(({ email }) => email);
    requireUnique(emails, [...path, "members"]);
    for (const email of [createdBy, ...emails]) {
      if (!known.has(email)) addIssue(path, `${email} is not in users`);
    }
    const creatorIndex = emails.indexOf(createdBy);
    const remedy = `${createdBy} created it and becomes its admin: remove that entry from its members`;
    if (creatorIndex >= 0) addIssue([...path, "members", creatorIndex], remedy);
  }
});

const dayMs = 86_400_000;
const seededMarkId = "seeded";

const builtIn = fileURLToPath(new URL("./seed.json", import.meta.url));

/** Reads a seed from an object, or from the JSON file at a path. */
export function readSeed(given: string | NewSeed = builtIn): Seed {
  try {
    const content: unknown =
      typeof given === "string" ? JSON.parse(readFileSync(given, "utf8")) : given;
    if (!Array.isArray(content)) return { ...seedFile.parse(content), exportedUsers: [] };
    const exportedUsers = clerkExport.parse(content);
    return { password: readSeed().password, users: [], organizations: [], exportedUsers };
  } catch (cause) {
    const name = typeof given === "string" ? `the seed ${given}` : "the seed";
    throw new UserError(`Local Clerk: ${name} cannot be used: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
  if (issue) return `${issue.path.join(".")}: ${issue.message}`;
  return cause instanceof Error ? cause.message : String(cause);
}

export const isSeeded = (state: State) => state.marks.get(seededMarkId) !== undefined;

/**
 * Creates the users and organizations of the seed. Returns false when the data folder has been seeded before. `hashing` is the hash
 * of the seed's password, if the caller has begun to compute it.
 */
export async function applySeed(
  context: ClerkContext,
  seed: Seed,
  hashing?: Promise<string>,
): Promise<boolean> {
  if (isSeeded(context.state)) return false;
  const passwordHash = await (hashing ?? hashPassword(seed.password));
  if (isSeeded(context.state)) return false;
  const ago = (days: number) => {
    const at = context.clock.now() - days * dayMs;
    return { createdAt: at, updatedAt: at };
  };
  context.state.change(() => {
    for (const { email, firstName, lastName, publicMetadata, joinedDaysAgo } of seed.users) {
      createUser(context, {
        id: derivedId("user", email),
        emailAddresses: [email],
        verifiedBy: "admin",
        firstName,
        lastName,
        publicMetadata,
        passwordHash,
        ...ago(joinedDaysAgo),
      });
    }
    for (const user of seed.exportedUsers) {
      createUser(context, newExportedUser(context, user, passwordHash));
    }
    for (const { name, slug, createdBy, createdDaysAgo, members } of seed.organizations) {
      const organization = createOrganization(context, {
        id: derivedId("org", slug),
        name,
        slug,
        createdBy: derivedId("user", createdBy),
        creatorMembershipId: derivedId("orgmem", `${slug}:${createdBy}`),
        ...ago(createdDaysAgo),
      });
      for (const { email, role, joinedDaysAgo } of members) {
        createMembership(context, organization, {
          id: derivedId("orgmem", `${slug}:${email}`),
          userId: derivedId("user", email),
          role,
          ...ago(joinedDaysAgo),
        });
      }
    }
    context.state.marks.put({ id: seededMarkId, at: context.clock.now() });
  });
  return true;
}
