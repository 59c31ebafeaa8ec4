// Fills the instance with users, organizations, memberships and invitations of the past year, for realistic lists and for
// backfills. The same seed generates the same data; records that exist already are left unchanged.

import { z } from "zod";
import { hashPassword } from "../authentication/passwords";
import type { ClerkContext } from "../context";
import { derivedId } from "../ids";
import { creatorRole, defaultRole } from "../instance/roles";
import { invitationForServer } from "../resources/invitation";
import { membershipForServer } from "../resources/membership";
import { organizationForServer } from "../resources/organization";
import { userForServer } from "../resources/user";
import { limitHeapGrowth } from "../store/memory";
import type { OrganizationRecord, UserRecord } from "../store/records";
import { newVerification, verifiedWith } from "../store/verification-record";
import { emit } from "../webhooks/events";
import { SampleChoices, sampleOrganization, sampleUser } from "./sample-data";

export const generationShape = z.strictObject({
  users: z.number().int().min(0).max(500_000).default(100_000),
  organizations: z.number().int().min(0).max(50_000).default(10_000),
  /** The average number of members of an organization. */
  membersEach: z.number().int().min(1).max(1_000).default(12),
  seed: z.number().int().min(1).max(1_000).default(1),
  /** Whether webhooks are sent for the generated data. A backfill reads the data either way. */
  sendsWebhooks: z.boolean().default(false),
});
export type NewGeneration = z.input<typeof generationShape>;
type Generation = z.output<typeof generationShape>;

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;
const invitationLifetimeMs = 30 * dayMs;
/**
 * The number of users or organizations in one line of the journal. A lower number causes many small writes; a higher number
 * causes huge writes.
 */
const positionsPerCommit = 1_000;

export async function generate(
  context: ClerkContext,
  generation: Generation,
  password: string,
): Promise<void> {
  limitHeapGrowth();
  const passwordHash = await hashPassword(password);
  const now = context.clock.now();
  inChunks(context, generation.users, (position) => {
    generateUser(context, generation, position, { passwordHash, now });
  });
  inChunks(context, generation.organizations, (position) => {
    generateOrganization(context, generation, position, now);
  });
}

/**
 * Returns the creation time of the user or organization with the index `position`. Creation becomes more frequent over the year.
 */
function createdAtOf(position: number, count: number, now: number): number {
  return Math.floor(now - yearMs + yearMs * Math.sqrt(position / count));
}

const userIdOf = ({ seed }: Generation, position: number) =>
  derivedId("user", `generated:${seed}:${position}`);

function generateUser(
  context: ClerkContext,
  wanted: Generation,
  position: number,
  { passwordHash, now }: { passwordHash: string; now: number },
): void {
  const id = userIdOf(wanted, position);
  if (context.state.users.get(id)) return;
  const choices = new SampleChoices(wanted.seed, position);
  const sample = sampleUser(choices, wanted.seed, position);
  if (context.state.usersByEmail.first(sample.emailAddress)) return;
  const createdAt = createdAtOf(position, wanted.users, now);
  const isUnverified = choices.isTrue(0.04);
  const isBanned = choices.isTrue(0.01);
  const lastActiveAt = isUnverified ? null : choices.between(createdAt, now, 2);
  const updatedAt = Math.max(createdAt, lastActiveAt ?? 0);
  const emailId = derivedId("idn", `generated:${wanted.seed}:${position}`);
  const user = context.state.users.make({
    id,
    externalId: choices.isTrue(0.3) ? `crm-${wanted.seed}-${position}` : null,
    username: null,
    firstName: sample.firstName,
    lastName: sample.lastName,
    emails: [
      {
        id: emailId,
        address: sample.emailAddress,
        isReserved: false,
        verification: isUnverified
          ? newVerification("email_code", "unverified")
          : verifiedWith("email_code"),
        createdAt,
        updatedAt: createdAt,
      },
    ],
    primaryEmailId: emailId,
    passwordHash,
    passwordUpdatedAt: createdAt,
    publicMetadata: sample.plan === "free" ? {} : { plan: sample.plan },
    privateMetadata: {},
    unsafeMetadata: { city: sample.city },
    isBanned,
    isLocked: false,
    deleteSelfEnabled: true,
    createOrganizationEnabled: true,
    lastSignInAt: lastActiveAt,
    lastActiveAt,
    createdAt,
    updatedAt,
  });
  if (wanted.sendsWebhooks) emit(context, "user.created", userForServer(context, user));
}

function generateOrganization(
  context: ClerkContext,
  wanted: Generation,
  position: number,
  now: number,
): void {
  const id = derivedId("org", `generated:${wanted.seed}:${position}`);
  if (context.state.organizations.get(id)) return;
  // Organizations use negative indexes, so that their random choices differ from the choices for users.
  const choices = new SampleChoices(wanted.seed, -1 - position);
  const sample = sampleOrganization(choices, wanted.seed, position);
  if (context.state.organizationsBySlug.first(sample.slug)) return;
  const members = membersOf(context, wanted, position);
  const createdAt = createdAtOf(position, wanted.organizations, now);
  const organization = context.state.organizations.make({
    id,
    ...sample,
    createdBy: members[0]?.id ?? null,
    publicMetadata: {},
    privateMetadata: {},
    maxAllowedMemberships: Math.max(context.settings.maxAllowedMemberships, 2 * wanted.membersEach),
    adminDeleteEnabled: true,
    createdAt,
    updatedAt: createdAt,
  });
  if (wanted.sendsWebhooks) {
    emit(context, "organization.created", organizationForServer(context, organization));
  }
  for (const [place, member] of members.entries()) {
    generateMembership(context, wanted, organization, member, {
      isAdmin: place === 0 || choices.isTrue(0.1),
      createdAt:
        place === 0 ? createdAt : choices.between(Math.max(createdAt, member.createdAt), now),
    });
  }
  const invitations = choices.isTrue(0.6) ? choices.between(1, 4) : 0;
  for (let place = 0; place < invitations; place += 1) {
    generateInvitation(context, wanted, organization, choices, { place, now });
  }
}

/**
 * Returns the members of the organization with the index `position`. Neighbouring organizations form pairs: the first one has as
 * many members below `membersEach` as the second one has above it, so the total is known. The members of an organization have
 * neighbouring positions, so they signed up at about the same time.
 */
function membersOf(context: ClerkContext, wanted: Generation, position: number): UserRecord[] {
  const pair = Math.floor(position / 2);
  const isLast = position === wanted.organizations - 1;
  const isPaired = position % 2 === 1 || !isLast;
  const difference = isPaired
    ? new SampleChoices(wanted.seed, -1 - pair).between(0, wanted.membersEach)
    : 0;
  const size = wanted.membersEach + (position % 2 === 0 ? -difference : difference);
  const first = pair * 2 * wanted.membersEach + (position % 2) * (wanted.membersEach - difference);
  const members: UserRecord[] = [];
  for (let place = first; place < first + Math.min(size, wanted.users); place += 1) {
    const user = context.state.users.get(userIdOf(wanted, place % wanted.users));
    if (user) members.push(user);
  }
  return members;
}

function generateMembership(
  context: ClerkContext,
  wanted: Generation,
  organization: OrganizationRecord,
  user: UserRecord,
  { isAdmin, createdAt }: { isAdmin: boolean; createdAt: number },
): void {
  const membership = context.state.memberships.make({
    id: derivedId("orgmem", `${organization.id}:${user.id}`),
    organizationId: organization.id,
    userId: user.id,
    role: isAdmin ? creatorRole : defaultRole,
    publicMetadata: {},
    privateMetadata: {},
    createdAt,
    updatedAt: createdAt,
  });
  if (wanted.sendsWebhooks) {
    emit(context, "organizationMembership.created", membershipForServer(context, membership));
  }
}

/**
 * Creates an invitation. About half of all invitations are from the last 30 days and pending. The others can be older, so most of
 * them have expired or were revoked.
 */
function generateInvitation(
  context: ClerkContext,
  wanted: Generation,
  organization: OrganizationRecord,
  choices: SampleChoices,
  { place, now }: { place: number; now: number },
): void {
  const invited = sampleUser(choices, wanted.seed, 0);
  const isRecent = choices.isTrue(0.5);
  const earliest = isRecent ? now - invitationLifetimeMs : organization.createdAt;
  const createdAt = choices.between(Math.max(earliest, organization.createdAt), now);
  const [local = "", domain] = invited.emailAddress.split("@");
  const invitation = context.state.invitations.make({
    id: derivedId("orginv", `${organization.id}:${place}`),
    organizationId: organization.id,
    emailAddress: `${local.replace(/\.[\d-]+$/, "")}.invited-${place + 1}@${domain}`,
    role: choices.isTrue(0.2) ? creatorRole : defaultRole,
    inviterId: organization.createdBy,
    status: !isRecent && choices.isTrue(0.4) ? "revoked" : "pending",
    publicMetadata: {},
    privateMetadata: {},
    expiresAt: createdAt + invitationLifetimeMs,
    createdAt,
    updatedAt: createdAt,
  });
  if (wanted.sendsWebhooks) {
    const event = invitation.status === "revoked" ? "revoked" : "created";
    emit(context, `organizationInvitation.${event}`, invitationForServer(context, invitation));
  }
}

function inChunks(context: ClerkContext, count: number, make: (position: number) => void): void {
  for (let start = 0; start < count; start += positionsPerCommit) {
    const end = Math.min(count, start + positionsPerCommit);
    context.state.change(() => {
      for (let position = start; position < end; position += 1) make(position);
    });
  }
}
