// Who is there when nothing is yet. The file is JSON:
//
//   password        one for everybody, at least 8 characters
//   people[]        email, firstName, lastName, note (what the console says about them at start),
//                   publicMetadata?, joinedDaysAgo?
//   organizations[] name, slug, createdBy (an email: becomes its admin), createdDaysAgo?,
//                   members[]: email, role (org:admin or org:member), joinedDaysAgo?
//
// Ids are derived from e-mail addresses and slugs: the same on every machine. It runs through the same
// functions as everything else, so its webhooks are sent too. It never touches a state that has people.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { UserError } from "../user-error";
import { derivedId } from "./ids";
import { createMembership, createOrganization } from "./organizations";
import { hashPassword } from "./passwords";
import { createUser } from "./people";
import type { World } from "./world";

const daysAgo = z.number().min(0).default(0);

const seedFields = z.object({
  password: z.string().min(8),
  people: z.array(
    z.object({
      email: z.email(),
      firstName: z.string(),
      lastName: z.string(),
      note: z.string(),
      publicMetadata: z.record(z.string(), z.unknown()).default({}),
      joinedDaysAgo: daysAgo,
    }),
  ),
  organizations: z.array(
    z.object({
      name: z.string(),
      slug: z.string(),
      createdBy: z.email(),
      createdDaysAgo: daysAgo,
      members: z.array(z.object({ email: z.email(), role: z.string(), joinedDaysAgo: daysAgo })),
    }),
  ),
});
export type Seed = z.infer<typeof seedFields>;

/** Whoever is in an organization is among the people. */
const seedFile = seedFields.superRefine(({ people, organizations }, check) => {
  const known = new Set(people.map(({ email }) => email));
  for (const [place, { createdBy, members }] of organizations.entries()) {
    for (const email of [createdBy, ...members.map((each) => each.email)]) {
      if (known.has(email)) continue;
      check.addIssue({
        code: "custom",
        path: ["organizations", place],
        message: `nobody among the people is ${email}`,
      });
    }
  }
});

const dayMs = 86_400_000;
const mark = "seeded";

export function readSeed(path = fileURLToPath(new URL("./seed.json", import.meta.url))): Seed {
  try {
    return seedFile.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new UserError(`Local Clerk: the seed ${path} cannot be used: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function reasonOf(cause: unknown): string {
  const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
  if (issue) return `${issue.path.join(".")}: ${issue.message}`;
  return cause instanceof Error ? cause.message : String(cause);
}

/** True when it was needed. */
export async function sow(world: World, seed: Seed): Promise<boolean> {
  if (world.state.marks.get(mark)) return false;
  const passwordHash = await hashPassword(seed.password);
  if (world.state.marks.get(mark)) return false;
  const ago = (days: number) => {
    const at = world.clock.now() - days * dayMs;
    return { createdAt: at, updatedAt: at };
  };
  world.state.change(() => {
    for (const { email, firstName, lastName, publicMetadata, joinedDaysAgo } of seed.people) {
      createUser(world, {
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
    for (const { name, slug, createdBy, createdDaysAgo, members } of seed.organizations) {
      const organization = createOrganization(world, {
        id: derivedId("org", slug),
        name,
        slug,
        createdBy: derivedId("user", createdBy),
        creatorMembershipId: derivedId("orgmem", `${slug}:${createdBy}`),
        ...ago(createdDaysAgo),
      });
      for (const { email, role, joinedDaysAgo } of members) {
        createMembership(world, organization, {
          id: derivedId("orgmem", `${slug}:${email}`),
          userId: derivedId("user", email),
          role,
          ...ago(joinedDaysAgo),
        });
      }
    }
    world.state.marks.put({ id: mark, at: world.clock.now() });
  });
  return true;
}
