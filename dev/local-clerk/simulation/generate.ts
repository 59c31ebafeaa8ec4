// A large instance in seconds, for backfills and for the console: people, organizations, memberships, the
// same for the same seed. No webhooks: whoever wants these people has to ask for them.

import { z } from "zod";
import { hashPassword } from "../authentication/passwords";
import type { ClerkContext } from "../context";
import { derivedId } from "../ids";
import { creatorRole, defaultRole } from "../instance/roles";
import { seededRandom } from "../random";
import { limitHeapGrowth } from "../store/memory";

export const generationShape = z.strictObject({
  users: z.number().int().min(0).max(500_000).default(100_000),
  organizations: z.number().int().min(0).max(50_000).default(10_000),
  membersEach: z.number().int().min(1).max(1_000).default(12),
  seed: z.number().int().default(1),
});
export type NewGeneration = z.input<typeof generationShape>;
type Generation = z.output<typeof generationShape>;

const firstNames = ["Aisha", "Bruno", "Chiara", "Dmitri", "Élodie", "Farid", "Grete", "Hiroshi"];
const lastNames = [
  "Andersson",
  "Baptiste",
  "Çelik",
  "Duarte",
  "Eze",
  "Fischer",
  "Garcia",
  "Ivanova",
];
const trades = ["Bakery", "Cycles", "Design", "Energy", "Foods", "Games", "Health", "Interiors"];
const dayMs = 86_400_000;
/** Written to the journal in lines of so many records: neither many small writes nor one huge one. */
const recordsPerCommit = 1_000;

export async function generate(
  context: ClerkContext,
  wanted: Generation,
  password: string,
): Promise<void> {
  limitHeapGrowth();
  const passwordHash = await hashPassword(password);
  const chance = seededRandom(wanted.seed);
  const randomItem = (list: readonly string[]) => list[Math.floor(chance() * list.length)] ?? "";
  const start = context.clock.now() - 730 * dayMs;
  const made = (place: number, of: number) => Math.floor(start + (place / of) * 730 * dayMs);

  inChunks(context, wanted.users, (place) => {
    const [firstName, lastName] = [randomItem(firstNames), randomItem(lastNames)];
    const at = made(place, wanted.users);
    const address = `person-${wanted.seed}-${place}@example.net`;
    const id = derivedId("user", address);
    const emailId = derivedId("idn", address);
    if (context.state.users.get(id)) return;
    context.state.users.make({
      id,
      externalId: place % 3 === 0 ? `crm-${wanted.seed}-${place}` : null,
      username: null,
      firstName,
      lastName,
      emails: [
        {
          id: emailId,
          address,
          isReserved: false,
          verification: {
            strategy: "admin",
            status: "verified",
            attempts: null,
            expireAt: null,
            code: null,
            emailId: null,
          },
          createdAt: at,
          updatedAt: at,
        },
      ],
      primaryEmailId: emailId,
      passwordHash,
      passwordUpdatedAt: at,
      publicMetadata: place % 10 === 0 ? { plan: "pro" } : {},
      privateMetadata: {},
      unsafeMetadata: {},
      isBanned: place % 997 === 0,
      isLocked: false,
      deleteSelfEnabled: true,
      createOrganizationEnabled: true,
      lastSignInAt: at,
      lastActiveAt: at,
      createdAt: at,
      updatedAt: at,
    });
  });

  const userId = (place: number) =>
    derivedId("user", `person-${wanted.seed}-${place % wanted.users}@example.net`);
  inChunks(context, wanted.organizations, (place) => {
    const at = made(place, wanted.organizations);
    const slug = `org-${wanted.seed}-${place}`;
    const id = derivedId("org", slug);
    if (context.state.organizations.get(id)) return;
    const first = place * wanted.membersEach;
    context.state.organizations.make({
      id,
      name: `${randomItem(lastNames)} ${randomItem(trades)}`,
      slug,
      createdBy: wanted.users > 0 ? userId(first) : null,
      publicMetadata: {},
      privateMetadata: {},
      maxAllowedMemberships: Math.max(context.settings.maxAllowedMemberships, wanted.membersEach),
      adminDeleteEnabled: true,
      createdAt: at,
      updatedAt: at,
    });
    for (let each = 0; each < Math.min(wanted.membersEach, wanted.users); each += 1) {
      const member = userId(first + each);
      context.state.memberships.make({
        id: derivedId("orgmem", `${slug}:${member}`),
        organizationId: id,
        userId: member,
        role: each === 0 ? creatorRole : defaultRole,
        publicMetadata: {},
        privateMetadata: {},
        createdAt: at + each,
        updatedAt: at + each,
      });
    }
  });
}

function inChunks(context: ClerkContext, count: number, make: (place: number) => void): void {
  for (let start = 0; start < count; start += recordsPerCommit) {
    context.state.change(() => {
      for (let place = start; place < Math.min(count, start + recordsPerCommit); place += 1)
        make(place);
    });
  }
}
