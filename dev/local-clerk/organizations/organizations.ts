// Creates, updates and deletes organizations and memberships, checks Clerk's rules for them and emits their events.

import type { ClerkContext } from "../context";
import { identifierTaken, notFound, paramInvalid } from "../errors";
import { newId, randomToken } from "../ids";
import { creatorRole, requireRole } from "../instance/roles";
import { deletedJson } from "../resources/lists";
import { membershipForServer } from "../resources/membership";
import { organizationForServer } from "../resources/organization";
import type { MembershipRecord, OrganizationRecord } from "../store/records";
import { emit } from "../webhooks/events";
import { alreadyMember, lastAdmin, membershipsFull } from "./errors";

export function findMembership(context: ClerkContext, organizationId: string, userId: string) {
  return context.state.membershipsByUser
    .all(userId)
    .find((membership) => membership.organizationId === organizationId);
}

function slugFor(context: ClerkContext, name: string): string {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  const slug = plain || `org-${randomToken(8).toLowerCase()}`;
  if (!context.state.organizationsBySlug.first(slug)) return slug;
  return `${slug}-${context.clock.now()}`;
}

function requireFreeSlug(context: ClerkContext, slug: string, ownerId?: string): string {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(slug)) {
    throw paramInvalid("slug", "slug can only contain lowercase letters, numbers, - and _.");
  }
  const taken = context.state.organizationsBySlug.first(slug);
  if (taken && taken.id !== ownerId) throw identifierTaken("slug", "slug");
  return slug;
}

type NewOrganization = Partial<OrganizationRecord> & {
  name: string;
  creatorMembershipId?: string;
};

/** Creates an organization. The user `createdBy` becomes its first admin. */
export function createOrganization(
  context: ClerkContext,
  newOrganization: NewOrganization,
): OrganizationRecord {
  const { creatorMembershipId: id, ...given } = newOrganization;
  const now = context.clock.now();
  const slug = given.slug ? requireFreeSlug(context, given.slug) : slugFor(context, given.name);
  return context.state.change(() => {
    const organization = context.state.organizations.make({
      id: newId("org", now),
      createdBy: null,
      publicMetadata: {},
      privateMetadata: {},
      maxAllowedMemberships: context.settings.maxAllowedMemberships,
      adminDeleteEnabled: true,
      createdAt: now,
      updatedAt: now,
      ...given,
      slug,
    });
    emit(context, "organization.created", organizationForServer(context, organization));
    if (organization.createdBy) {
      const creator = {
        userId: organization.createdBy,
        role: creatorRole,
        createdAt: organization.createdAt,
      };
      createMembership(context, organization, { ...creator, ...(id ? { id } : {}) });
    }
    return organization;
  });
}

export function updateOrganization(
  context: ClerkContext,
  organization: OrganizationRecord,
  patch: Partial<OrganizationRecord>,
): OrganizationRecord {
  if (patch.slug !== undefined) requireFreeSlug(context, patch.slug, organization.id);
  return context.state.change(() => {
    const updatedAt = Math.max(context.clock.now(), organization.updatedAt + 1);
    const updated = context.state.organizations.put({ ...organization, ...patch, updatedAt });
    const { imageId } = organization;
    if (imageId && imageId !== updated.imageId) context.state.images.drop(imageId);
    emit(context, "organization.updated", organizationForServer(context, updated));
    return updated;
  });
}

export function deleteOrganization(context: ClerkContext, organization: OrganizationRecord): void {
  const { id, slug, imageId } = organization;
  context.state.change(() => {
    for (const membership of context.state.membershipsByOrganization.all(id)) {
      removeMembership(context, membership, { isImplied: true });
    }
    for (const invitation of context.state.invitationsByOrganization.all(id)) {
      context.state.invitations.drop(invitation.id);
    }
    for (const domain of context.state.domainsByOrganization.all(id)) {
      context.state.organizationDomains.drop(domain.id);
    }
    for (const suggestion of context.state.suggestionsByOrganization.all(id)) {
      context.state.suggestions.drop(suggestion.id);
    }
    if (imageId) context.state.images.drop(imageId);
    context.state.organizations.drop(id);
    emit(context, "organization.deleted", deletedJson("organization", id, { slug }));
  });
}

type NewMembership = Partial<MembershipRecord> & { userId: string; role: string };

export function createMembership(
  context: ClerkContext,
  organization: OrganizationRecord,
  given: NewMembership,
): MembershipRecord {
  const { state, clock } = context;
  if (!state.users.get(given.userId)) throw notFound("user", given.userId);
  if (findMembership(context, organization.id, given.userId)) {
    throw alreadyMember(given.userId);
  }
  requireRoom(organization, state.membershipsByOrganization.count(organization.id));
  return state.change(() => {
    const now = clock.now();
    const membership = state.memberships.put({
      id: newId("orgmem", now),
      publicMetadata: {},
      privateMetadata: {},
      createdAt: now,
      updatedAt: now,
      ...given,
      organizationId: organization.id,
      role: requireRole(context, given.role),
    });
    emit(context, "organizationMembership.created", membershipForServer(context, membership));
    return membership;
  });
}

/** Whether one more member fits when `taken` places are taken. A limit of 0 means no limit. */
export function hasRoom({ maxAllowedMemberships: limit }: OrganizationRecord, taken: number) {
  return limit === 0 || taken < limit;
}

export function requireRoom(organization: OrganizationRecord, taken: number): void {
  if (!hasRoom(organization, taken)) throw membershipsFull(organization.maxAllowedMemberships);
}

export function updateMembership(
  context: ClerkContext,
  membership: MembershipRecord,
  patch: Partial<Pick<MembershipRecord, "role" | "publicMetadata" | "privateMetadata">>,
): MembershipRecord {
  if (patch.role) requireRole(context, patch.role);
  if (patch.role && patch.role !== creatorRole) requireAnotherAdmin(context, membership);
  return context.state.change(() => {
    const updatedAt = Math.max(context.clock.now(), membership.updatedAt + 1);
    const updated = context.state.memberships.put({ ...membership, ...patch, updatedAt });
    emit(context, "organizationMembership.updated", membershipForServer(context, updated));
    return updated;
  });
}

/** Removes a membership. With `isImplied`, the organization or user is being deleted, so even the last admin is removed. */
export function removeMembership(
  context: ClerkContext,
  membership: MembershipRecord,
  { isImplied = false }: { isImplied?: boolean } = {},
): void {
  const { state } = context;
  if (!isImplied) requireAnotherAdmin(context, membership);
  state.change(() => {
    const last = membershipForServer(context, membership);
    state.memberships.drop(membership.id);
    for (const session of state.sessionsByUser.all(membership.userId)) {
      if (session.lastActiveOrganizationId !== membership.organizationId) continue;
      state.sessions.put({ ...session, lastActiveOrganizationId: null });
    }
    if (!isImplied || context.settings.sendsImpliedEvents) {
      emit(context, "organizationMembership.deleted", last);
    }
  });
}

function requireAnotherAdmin(context: ClerkContext, membership: MembershipRecord): void {
  if (membership.role !== creatorRole) return;
  const others = context.state.membershipsByOrganization
    .all(membership.organizationId)
    .filter((each) => each.role === creatorRole && each.id !== membership.id);
  if (others.length === 0) throw lastAdmin();
}
