// Domains of an organization. Depending on the domain's enrollment mode, users with a verified address of the domain are invited,
// or get a suggestion to join.

import type { ClerkContext } from "../context";
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
import { isTestRecipient, sendMail } from "../webhooks/outbox";
import { attemptDomainCode, newDomainCode } from "./domain-verification";
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

/** The highest number of domains of one organization. */
export const maxAllowedDomains = 10;
const publicProviders = new Set(["gmail.com", "outlook.com", "icloud.com", "yahoo.com"]);

type NewDomain = { name: string; enrollmentMode: EnrollmentMode; isVerified: boolean };

export function createDomain(
  context: ClerkContext,
  organization: OrganizationRecord,
  { name: given, enrollmentMode, isVerified }: NewDomain,
): OrganizationDomainRecord {
  const name = given.trim().toLowerCase();
  if (!/^([a-z0-9-]+\.)+[a-z]{2,}$/.test(name)) {
    throw paramInvalid("name", "name must be a valid domain name.");
  }
  if (publicProviders.has(name)) throw domainCommon();
  const taken = context.state.domainsByName.first(name);
  if (taken) throw taken.organizationId === organization.id ? domainKnown() : domainTaken();
  const { length: known } = context.state.domainsByOrganization.all(organization.id);
  if (known >= maxAllowedDomains) throw domainsFull(maxAllowedDomains);
  return context.state.change(() => {
    const now = context.clock.now();
    const verification = {
      status: "verified" as const,
      strategy: "admin" as const,
      attempts: null,
      expireAt: null,
      verifiedAt: now,
      code: null,
    };
    const domain = context.state.organizationDomains.make({
      id: newId("orgdmn", now),
      organizationId: organization.id,
      name,
      enrollmentMode,
      affiliationEmail: null,
      verification: isVerified ? verification : null,
      createdAt: now,
      updatedAt: now,
    });
    emit(context, "organizationDomain.created", domainJson(context, domain));
    enrollAllUsers(context, domain);
    return domain;
  });
}

export function updateDomain(
  context: ClerkContext,
  domain: OrganizationDomainRecord,
  patch: Partial<OrganizationDomainRecord>,
): OrganizationDomainRecord {
  return context.state.change(() => {
    const updatedAt = Math.max(context.clock.now(), domain.updatedAt + 1);
    const updated = context.state.organizationDomains.put({ ...domain, ...patch, updatedAt });
    emit(context, "organizationDomain.updated", domainJson(context, updated));
    enrollAllUsers(context, updated);
    return updated;
  });
}

export function deleteDomain(context: ClerkContext, domain: OrganizationDomainRecord): void {
  context.state.change(() => {
    context.state.organizationDomains.drop(domain.id);
    emit(context, "organizationDomain.deleted", deletedJson("organization_domain", domain.id));
  });
}

/**
 * Deletes the pending suggestions for users of the domain, and revokes the pending invitations that the domain created (without
 * an inviter).
 */
export function withdrawPending(context: ClerkContext, domain: OrganizationDomainRecord): void {
  const isOfDomain = (address: string) => address.endsWith(`@${domain.name}`);
  for (const each of context.state.suggestionsByOrganization.all(domain.organizationId)) {
    const user = context.state.users.get(each.userId);
    const hasAddress = user?.emails.some(({ address }) => isOfDomain(address));
    if (hasAddress && each.status === "pending") context.state.suggestions.drop(each.id);
  }
  for (const each of context.state.invitationsByOrganization.all(domain.organizationId)) {
    const isAutomatic = each.inviterId === null && isOfDomain(each.emailAddress);
    if (isAutomatic && each.status === "pending") revokeInvitation(context, each);
  }
}

/** Sends a code to an address of the domain. Entering the code proves access to a mailbox of the domain. */
export function prepareAffiliation(
  context: ClerkContext,
  domain: OrganizationDomainRecord,
  address: string,
): OrganizationDomainRecord {
  if (!address.endsWith(`@${domain.name}`)) throw domainMismatch();
  const verification = newDomainCode(context, address);
  if (!isTestRecipient(context, address)) {
    sendMail(context, {
      to: address,
      slug: "affiliation_code",
      subject: `${verification.code} is your verification code`,
      text: `Your verification code for ${domain.name} is ${verification.code}.`,
      code: verification.code,
    });
  }
  return updateDomain(context, domain, { affiliationEmail: address, verification });
}

export function attemptAffiliation(
  context: ClerkContext,
  domain: OrganizationDomainRecord,
  code: string,
) {
  const { verification, refusal } = attemptDomainCode(context, domain.verification, code);
  // Stores a failed attempt before the error is thrown, because failed attempts count.
  const updated = verification ? updateDomain(context, domain, { verification }) : domain;
  if (refusal) throw refusal;
  return updated;
}

/**
 * Invites all existing users with a verified address of the domain, or suggests the organization to them. `enrollByVerifiedEmail`
 * handles users who verify an address later.
 */
function enrollAllUsers(context: ClerkContext, domain: OrganizationDomainRecord): void {
  if (domain.verification?.status !== "verified") return;
  if (domain.enrollmentMode === "manual_invitation") return;
  for (const user of [...context.state.users.all()]) enrollUser(context, domain, user);
}

export function enrollByVerifiedEmail(context: ClerkContext, user: UserRecord): void {
  for (const { address, verification } of user.emails) {
    if (verification?.status !== "verified") continue;
    const domain = context.state.domainsByName.first(address.split("@")[1] ?? "");
    if (domain?.verification?.status === "verified") enrollUser(context, domain, user);
  }
}

function enrollUser(
  context: ClerkContext,
  domain: OrganizationDomainRecord,
  user: UserRecord,
): void {
  const organization = context.state.organizations.get(domain.organizationId);
  const email = user.emails.find(
    (each) => each.verification?.status === "verified" && each.address.endsWith(`@${domain.name}`),
  );
  if (!organization || !email || findMembership(context, organization.id, user.id)) return;
  if (domain.enrollmentMode === "automatic_invitation") {
    const known = context.state.invitationsByEmail.all(email.address);
    if (known.some((each) => each.organizationId === organization.id)) return;
    if (!hasRoom(organization, membersAndInvited(context, organization.id))) return;
    const emailAddress = email.address;
    invite(context, organization, { emailAddress, role: defaultRole, inviterId: null });
  }
  if (domain.enrollmentMode === "automatic_suggestion") suggest(context, organization, user);
}

function suggest(context: ClerkContext, organization: OrganizationRecord, user: UserRecord): void {
  const known = context.state.suggestionsByUser.all(user.id);
  if (known.some((each) => each.organizationId === organization.id)) return;
  const now = context.clock.now();
  context.state.suggestions.make({
    id: newId("orgsug", now),
    organizationId: organization.id,
    userId: user.id,
    status: "pending",
    requestStatus: "none",
    createdAt: now,
    updatedAt: now,
  });
}

export function acceptSuggestion(
  context: ClerkContext,
  suggestion: SuggestionRecord,
): SuggestionRecord {
  if (suggestion.status !== "pending") throw suggestionAccepted();
  const updatedAt = context.clock.now();
  const accepted = { status: "accepted", requestStatus: "pending" } as const;
  return context.state.suggestions.put({ ...suggestion, ...accepted, updatedAt });
}

export function resolveRequest(
  context: ClerkContext,
  request: SuggestionRecord,
  requestStatus: "accepted" | "rejected",
): SuggestionRecord {
  if (request.requestStatus !== "pending") throw notFound("membership request", request.id);
  const organization = context.state.organizations.get(request.organizationId);
  return context.state.change(() => {
    const updatedAt = context.clock.now();
    if (requestStatus === "accepted" && organization) {
      createMembership(context, organization, { userId: request.userId, role: defaultRole });
    }
    const status = requestStatus === "accepted" ? "completed" : request.status;
    return context.state.suggestions.put({ ...request, status, requestStatus, updatedAt });
  });
}
