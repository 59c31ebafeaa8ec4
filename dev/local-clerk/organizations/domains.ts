// Domains of an organization: whoever has a verified address of the domain is invited, or asked whether
// they want to join, as the domain says.

import type { World } from "../context";
import { notFound, paramInvalid } from "../errors";
import { newId } from "../ids";
import { defaultRole } from "../instance/roles";
import { domainJson } from "../resources/domain";
import { deletedJson } from "../resources/lists";
import type { OrganizationRecord, UserRecord } from "../store/records";
import type {
  EnrollmentMode,
  OrganizationDomainRecord,
  SuggestionRecord,
} from "../store/records-instance";
import { emit } from "../webhooks/events";
import { sendMail } from "../webhooks/outbox";
import { attemptCode, newDomainCode } from "./domain-verification";
import {
  domainCommon,
  domainKnown,
  domainMismatch,
  domainsFull,
  domainTaken,
  suggestionAccepted,
} from "./errors";
import { invite, membersAndInvited, revokeInvitation } from "./invitations";
import { createMembership, findMembership, hasRoom } from "./organizations";

/** Of one organization. */
export const maxAllowedDomains = 10;
const publicProviders = new Set(["gmail.com", "outlook.com", "icloud.com", "yahoo.com"]);

export type NewDomain = { name: string; enrollmentMode: EnrollmentMode; isVerified: boolean };

export function createDomain(
  world: World,
  organization: OrganizationRecord,
  { name: given, enrollmentMode, isVerified }: NewDomain,
): OrganizationDomainRecord {
  const name = given.trim().toLowerCase();
  if (!/^([a-z0-9-]+\.)+[a-z]{2,}$/.test(name)) {
    throw paramInvalid("name", "name must be a valid domain name.");
  }
  if (publicProviders.has(name)) throw domainCommon();
  const taken = world.state.domainsByName.first(name);
  if (taken) throw taken.organizationId === organization.id ? domainKnown() : domainTaken();
  const { length: known } = world.state.domainsByOrganization.all(organization.id);
  if (known >= maxAllowedDomains) throw domainsFull(maxAllowedDomains);
  return world.state.change(() => {
    const now = world.clock.now();
    const verification = {
      status: "verified" as const,
      strategy: "admin" as const,
      attempts: null,
      expireAt: null,
      verifiedAt: now,
      code: null,
    };
    const domain = world.state.organizationDomains.make({
      id: newId("orgdmn", now),
      organizationId: organization.id,
      name,
      enrollmentMode,
      affiliationEmail: null,
      verification: isVerified ? verification : null,
      createdAt: now,
      updatedAt: now,
    });
    emit(world, "organizationDomain.created", domainJson(world, domain));
    enrol(world, domain);
    return domain;
  });
}

export function updateDomain(
  world: World,
  domain: OrganizationDomainRecord,
  patch: Partial<OrganizationDomainRecord>,
): OrganizationDomainRecord {
  return world.state.change(() => {
    const updatedAt = Math.max(world.clock.now(), domain.updatedAt + 1);
    const updated = world.state.organizationDomains.put({ ...domain, ...patch, updatedAt });
    emit(world, "organizationDomain.updated", domainJson(world, updated));
    enrol(world, updated);
    return updated;
  });
}

export function deleteDomain(world: World, domain: OrganizationDomainRecord): void {
  world.state.change(() => {
    world.state.organizationDomains.drop(domain.id);
    emit(world, "organizationDomain.deleted", deletedJson("organization_domain", domain.id));
  });
}

/** What the domain has brought so far and nobody has answered yet. */
export function withdrawPending(world: World, domain: OrganizationDomainRecord): void {
  const isOfDomain = (address: string) => address.endsWith(`@${domain.name}`);
  for (const each of world.state.suggestionsByOrganization.all(domain.organizationId)) {
    const user = world.state.users.get(each.userId);
    const isHere = user?.emails.some(({ address }) => isOfDomain(address));
    if (isHere && each.status === "pending") world.state.suggestions.drop(each.id);
  }
  for (const each of world.state.invitationsByOrganization.all(domain.organizationId)) {
    const isOurs = each.inviterId === null && isOfDomain(each.emailAddress);
    if (isOurs && each.status === "pending") revokeInvitation(world, each);
  }
}

/** A code to an address of the domain shows that somebody there wants this. */
export function prepareAffiliation(
  world: World,
  domain: OrganizationDomainRecord,
  address: string,
): OrganizationDomainRecord {
  if (!address.endsWith(`@${domain.name}`)) throw domainMismatch();
  const verification = newDomainCode(world);
  sendMail(world, {
    to: address,
    slug: "affiliation_code",
    subject: `${verification.code} is your verification code`,
    text: `Your verification code for ${domain.name} is ${verification.code}.`,
    code: verification.code,
  });
  return updateDomain(world, domain, { affiliationEmail: address, verification });
}

export function attemptAffiliation(world: World, domain: OrganizationDomainRecord, code: string) {
  const { verification, failure } = attemptCode(world, domain.verification, code);
  const updated = updateDomain(world, domain, { verification });
  if (failure) throw failure;
  return updated;
}

/** Looks at everybody who is here; later comers are looked at when their address is verified. */
function enrol(world: World, domain: OrganizationDomainRecord): void {
  if (domain.verification?.status !== "verified") return;
  if (domain.enrollmentMode === "manual_invitation") return;
  for (const user of [...world.state.users.all()]) enrolUser(world, domain, user);
}

export function enrolByAddress(world: World, user: UserRecord): void {
  for (const { address, verification } of user.emails) {
    if (verification?.status !== "verified") continue;
    const domain = world.state.domainsByName.first(address.split("@")[1] ?? "");
    if (domain?.verification?.status === "verified") enrolUser(world, domain, user);
  }
}

function enrolUser(world: World, domain: OrganizationDomainRecord, user: UserRecord): void {
  const organization = world.state.organizations.get(domain.organizationId);
  const email = user.emails.find(
    (each) => each.verification?.status === "verified" && each.address.endsWith(`@${domain.name}`),
  );
  if (!organization || !email || findMembership(world, organization.id, user.id)) return;
  if (domain.enrollmentMode === "automatic_invitation") {
    const known = world.state.invitationsByEmail.all(email.address);
    if (known.some((each) => each.organizationId === organization.id)) return;
    if (!hasRoom(organization, membersAndInvited(world, organization.id))) return;
    const emailAddress = email.address;
    invite(world, organization, { emailAddress, role: defaultRole, inviterId: null });
  }
  if (domain.enrollmentMode === "automatic_suggestion") suggest(world, organization, user);
}

function suggest(world: World, organization: OrganizationRecord, user: UserRecord): void {
  const known = world.state.suggestionsByUser.all(user.id);
  if (known.some((each) => each.organizationId === organization.id)) return;
  const now = world.clock.now();
  world.state.suggestions.make({
    id: newId("orgsug", now),
    organizationId: organization.id,
    userId: user.id,
    status: "pending",
    requestStatus: "none",
    createdAt: now,
    updatedAt: now,
  });
}

export function acceptSuggestion(world: World, suggestion: SuggestionRecord): SuggestionRecord {
  if (suggestion.status !== "pending") throw suggestionAccepted();
  const updatedAt = world.clock.now();
  const asked = { status: "accepted", requestStatus: "pending" } as const;
  return world.state.suggestions.put({ ...suggestion, ...asked, updatedAt });
}

export function settleRequest(
  world: World,
  request: SuggestionRecord,
  requestStatus: "accepted" | "rejected",
): SuggestionRecord {
  if (request.requestStatus !== "pending") throw notFound("membership request", request.id);
  const organization = world.state.organizations.get(request.organizationId);
  return world.state.change(() => {
    const updatedAt = world.clock.now();
    if (requestStatus === "accepted" && organization) {
      createMembership(world, organization, { userId: request.userId, role: defaultRole });
    }
    const status = requestStatus === "accepted" ? "completed" : request.status;
    return world.state.suggestions.put({ ...request, status, requestStatus, updatedAt });
  });
}
