// What can happen to an organization and its memberships, the rules that hold, and the events it causes.

import type { World } from "../context";
import { identifierTaken, notFound, paramInvalid } from "../errors";
import { newId, randomToken } from "../ids";
import { creatorRole, requireRole } from "../instance/roles";
import { deletedJson } from "../resources/lists";
import { membershipForServer } from "../resources/membership";
import { organizationForServer } from "../resources/organization";
import type { MembershipRecord, OrganizationRecord } from "../store/records";
import { emit } from "../webhooks/events";
import { alreadyMember, lastAdmin, membershipsFull } from "./errors";

export function findMembership(world: World, organizationId: string, userId: string) {
  return world.state.membershipsByUser
    .all(userId)
    .find((membership) => membership.organizationId === organizationId);
}

function slugFor(world: World, name: string): string {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  const slug = plain || `org-${randomToken(8).toLowerCase()}`;
  if (!world.state.organizationsBySlug.first(slug)) return slug;
  return `${slug}-${world.clock.now()}`;
}

export function requireFreeSlug(world: World, slug: string, ownerId?: string): string {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(slug)) {
    throw paramInvalid("slug", "slug can only contain lowercase letters, numbers, - and _.");
  }
  const taken = world.state.organizationsBySlug.first(slug);
  if (taken && taken.id !== ownerId) throw identifierTaken("slug", "slug");
  return slug;
}

export type NewOrganization = Partial<OrganizationRecord> & {
  name: string;
  creatorMembershipId?: string;
};

/** Whoever creates it becomes its first admin. */
export function createOrganization(world: World, wanted: NewOrganization): OrganizationRecord {
  const { creatorMembershipId: id, ...given } = wanted;
  const now = world.clock.now();
  const slug = given.slug ? requireFreeSlug(world, given.slug) : slugFor(world, given.name);
  return world.state.change(() => {
    const organization = world.state.organizations.make({
      id: newId("org", now),
      createdBy: null,
      publicMetadata: {},
      privateMetadata: {},
      maxAllowedMemberships: world.settings.maxAllowedMemberships,
      adminDeleteEnabled: true,
      createdAt: now,
      updatedAt: now,
      ...given,
      slug,
    });
    emit(world, "organization.created", organizationForServer(world, organization));
    if (organization.createdBy) {
      const creator = {
        userId: organization.createdBy,
        role: creatorRole,
        createdAt: organization.createdAt,
      };
      createMembership(world, organization, { ...creator, ...(id ? { id } : {}) });
    }
    return organization;
  });
}

export function updateOrganization(
  world: World,
  organization: OrganizationRecord,
  patch: Partial<OrganizationRecord>,
): OrganizationRecord {
  if (patch.slug !== undefined) requireFreeSlug(world, patch.slug, organization.id);
  return world.state.change(() => {
    const updatedAt = Math.max(world.clock.now(), organization.updatedAt + 1);
    const updated = world.state.organizations.put({ ...organization, ...patch, updatedAt });
    const { imageId } = organization;
    if (imageId && imageId !== updated.imageId) world.state.images.drop(imageId);
    emit(world, "organization.updated", organizationForServer(world, updated));
    return updated;
  });
}

export function deleteOrganization(world: World, organization: OrganizationRecord): void {
  const { id, slug, imageId } = organization;
  world.state.change(() => {
    for (const membership of world.state.membershipsByOrganization.all(id)) {
      removeMembership(world, membership, { isImplied: true });
    }
    for (const invitation of world.state.invitationsByOrganization.all(id)) {
      world.state.invitations.drop(invitation.id);
    }
    for (const domain of world.state.domainsByOrganization.all(id)) {
      world.state.organizationDomains.drop(domain.id);
    }
    for (const suggestion of world.state.suggestionsByOrganization.all(id)) {
      world.state.suggestions.drop(suggestion.id);
    }
    if (imageId) world.state.images.drop(imageId);
    world.state.organizations.drop(id);
    emit(world, "organization.deleted", deletedJson("organization", id, { slug }));
  });
}

export type NewMembership = Partial<MembershipRecord> & { userId: string; role: string };

export function createMembership(
  world: World,
  organization: OrganizationRecord,
  given: NewMembership,
): MembershipRecord {
  const { state, clock } = world;
  if (!state.users.get(given.userId)) throw notFound("user", given.userId);
  if (findMembership(world, organization.id, given.userId)) {
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
      role: requireRole(world, given.role),
    });
    emit(world, "organizationMembership.created", membershipForServer(world, membership));
    return membership;
  });
}

/** No limit is written as 0. */
export function hasRoom({ maxAllowedMemberships: limit }: OrganizationRecord, taken: number) {
  return limit === 0 || taken < limit;
}

export function requireRoom(organization: OrganizationRecord, taken: number): void {
  if (!hasRoom(organization, taken)) throw membershipsFull(organization.maxAllowedMemberships);
}

export function updateMembership(
  world: World,
  membership: MembershipRecord,
  patch: Partial<Pick<MembershipRecord, "role" | "publicMetadata" | "privateMetadata">>,
): MembershipRecord {
  if (patch.role) requireRole(world, patch.role);
  if (patch.role && patch.role !== creatorRole) requireAnotherAdmin(world, membership);
  return world.state.change(() => {
    const updatedAt = Math.max(world.clock.now(), membership.updatedAt + 1);
    const updated = world.state.memberships.put({ ...membership, ...patch, updatedAt });
    emit(world, "organizationMembership.updated", membershipForServer(world, updated));
    return updated;
  });
}

/** Implied: because the organization or the person goes. */
export function removeMembership(
  world: World,
  membership: MembershipRecord,
  { isImplied = false }: { isImplied?: boolean } = {},
): void {
  const { state } = world;
  if (!isImplied) requireAnotherAdmin(world, membership);
  state.change(() => {
    const last = membershipForServer(world, membership);
    state.memberships.drop(membership.id);
    for (const session of state.sessionsByUser.all(membership.userId)) {
      if (session.lastActiveOrganizationId !== membership.organizationId) continue;
      state.sessions.put({ ...session, lastActiveOrganizationId: null });
    }
    if (!isImplied || world.settings.sendsImpliedEvents) {
      emit(world, "organizationMembership.deleted", last);
    }
  });
}

function requireAnotherAdmin(world: World, membership: MembershipRecord): void {
  if (membership.role !== creatorRole) return;
  const others = world.state.membershipsByOrganization
    .all(membership.organizationId)
    .filter((each) => each.role === creatorRole && each.id !== membership.id);
  if (others.length === 0) throw lastAdmin();
}
