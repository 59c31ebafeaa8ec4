// How users join organizations: verified domains, membership requests, suggestions, and the invitations that a user has received.

import { Hono } from "hono";
import { z } from "zod";
import { readUpload, storeImage } from "../accounts/images";
import { requireEmailAddress } from "../authentication/formats";
import type { ClerkContext } from "../context";
import { notFound, paramMissing } from "../errors";
import {
  acceptSuggestion,
  attemptAffiliation,
  createDomain,
  deleteDomain,
  prepareAffiliation,
  resolveRequest,
  updateDomain,
  withdrawPending,
} from "../organizations/domains";
import { acceptInvitation, pendingInvitationsFor } from "../organizations/invitations";
import { updateOrganization } from "../organizations/organizations";
import { domainJson, membershipRequestJson, suggestionJson } from "../resources/domain";
import { invitationForInvited } from "../resources/invitation";
import { deletedJson, pageJson } from "../resources/lists";
import { organizationForClient } from "../resources/organization";
import type { OrganizationDomainRecord } from "../store/records-instance";
import { type Call, currentUser, type FapiEnv, readForm, reply, requireOrganization } from "./call";
import { flag, text } from "./form";
import { readPage } from "./pagination";

const readDomains = "org:sys_domains:read";
const manageDomains = "org:sys_domains:manage";
const manageMembers = "org:sys_memberships:manage";
const manageProfile = "org:sys_profile:manage";
const mode = z.enum(["manual_invitation", "automatic_invitation", "automatic_suggestion"]);
const base = "/organizations/:organizationId";

export function organizationGrowthRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.get("/me/organization_invitations", (call) => {
    const found = pendingInvitationsFor(context, currentUser(context, call));
    const page = readPage(call, found).map((each) => invitationForInvited(context, each));
    return reply(context, call, pageJson(page, found.length));
  });

  routes.post("/me/organization_invitations/:id/accept", (call) => {
    const user = currentUser(context, call);
    const { id } = call.req.param();
    const invitation = pendingInvitationsFor(context, user).find((each) => each.id === id);
    if (!invitation) throw notFound("invitation", id);
    acceptInvitation(context, invitation, user);
    const accepted = context.state.invitations.get(id) ?? invitation;
    return reply(context, call, invitationForInvited(context, accepted));
  });

  routes.get("/me/organization_suggestions", (call) => {
    const found = context.state.suggestionsByUser
      .all(currentUser(context, call).id)
      .filter((each) => each.status !== "completed");
    const page = readPage(call, found).map((each) => suggestionJson(context, each));
    return reply(context, call, pageJson(page, found.length));
  });

  routes.post("/me/organization_suggestions/:id/accept", (call) => {
    const { id } = call.req.param();
    const suggestion = context.state.suggestions.get(id);
    if (suggestion?.userId !== currentUser(context, call).id) throw notFound("suggestion", id);
    return reply(context, call, suggestionJson(context, acceptSuggestion(context, suggestion)));
  });

  routes.get(`${base}/membership_requests`, (call) => {
    const { organization } = requireOrganization(context, call, manageMembers);
    const found = context.state.suggestionsByOrganization
      .all(organization.id)
      .filter((each) => each.requestStatus === "pending");
    const page = readPage(call, found).map((each) => membershipRequestJson(context, each));
    return reply(context, call, pageJson(page, found.length));
  });

  for (const [action, status] of [
    ["accept", "accepted"],
    ["reject", "rejected"],
  ] as const) {
    routes.post(`${base}/membership_requests/:id/${action}`, (call) => {
      const { organization } = requireOrganization(context, call, manageMembers);
      const id = call.req.param("id");
      const request = context.state.suggestions.get(id);
      if (request?.organizationId !== organization.id) throw notFound("membership request", id);
      const settled = resolveRequest(context, request, status);
      return reply(context, call, membershipRequestJson(context, settled));
    });
  }

  routes.on(["PUT", "DELETE"], `${base}/logo`, async (call) => {
    const upload = call.req.method === "PUT" ? await readUpload(call.req.raw) : null;
    const { organization } = requireOrganization(context, call, manageProfile);
    const imageId = upload ? storeImage(context, upload) : null;
    const updated = updateOrganization(context, organization, { imageId });
    const gone = deletedJson("organization", organization.id);
    return reply(context, call, upload ? organizationForClient(context, updated) : gone);
  });

  return routes.route("/", domainRoutes(context));
}

function domainRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();
  const domains = `${base}/domains`;

  routes.get(domains, (call) => {
    const { organization } = requireOrganization(context, call, readDomains);
    const found = context.state.domainsByOrganization.all(organization.id);
    const page = readPage(call, found).map((each) => domainJson(context, each));
    return reply(context, call, pageJson(page, found.length));
  });

  routes.post(domains, (call) => {
    const { organization } = requireOrganization(context, call, manageDomains);
    const form = z.object({ name: text, enrollment_mode: mode.default("manual_invitation") });
    const { name, enrollment_mode: enrollmentMode } = readForm(call, form);
    if (!name) throw paramMissing("name");
    const domain = createDomain(context, organization, { name, enrollmentMode, isVerified: false });
    return reply(context, call, domainJson(context, domain));
  });

  routes.get(`${domains}/:domainId`, (call) =>
    reply(context, call, domainJson(context, find(context, call, readDomains))),
  );

  routes.post(`${domains}/:domainId/prepare_affiliation_verification`, (call) => {
    const domain = find(context, call, manageDomains);
    const form = z.object({ affiliation_email_address: text });
    const { affiliation_email_address: address } = readForm(call, form);
    if (!address) throw paramMissing("affiliation_email_address");
    const prepared = prepareAffiliation(context, domain, requireEmailAddress(address));
    return reply(context, call, domainJson(context, prepared));
  });

  routes.post(`${domains}/:domainId/attempt_affiliation_verification`, (call) => {
    const domain = find(context, call, manageDomains);
    const { code } = readForm(call, z.object({ code: text }));
    if (!code) throw paramMissing("code");
    return reply(context, call, domainJson(context, attemptAffiliation(context, domain, code)));
  });

  routes.post(`${domains}/:domainId/update_enrollment_mode`, (call) => {
    const domain = find(context, call, manageDomains);
    const form = z.object({ enrollment_mode: mode, delete_pending: flag });
    const { enrollment_mode: enrollmentMode, delete_pending } = readForm(call, form);
    const updated = context.state.change(() => {
      if (delete_pending) withdrawPending(context, domain);
      return updateDomain(context, domain, { enrollmentMode });
    });
    return reply(context, call, domainJson(context, updated));
  });

  routes.delete(`${domains}/:domainId`, (call) => {
    const domain = find(context, call, manageDomains);
    deleteDomain(context, domain);
    return reply(context, call, deletedJson("organization_domain", domain.id));
  });

  return routes;
}

function find(context: ClerkContext, call: Call, permission: string): OrganizationDomainRecord {
  const { organization } = requireOrganization(context, call, permission);
  const id = call.req.param("domainId") ?? "";
  const domain = context.state.organizationDomains.get(id);
  if (domain?.organizationId !== organization.id) throw notFound("domain", id);
  return domain;
}
