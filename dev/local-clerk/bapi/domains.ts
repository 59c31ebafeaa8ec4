// The Backend API's operations on domains of organizations.

import { Hono } from "hono";
import { z } from "zod";
import type { ClerkContext } from "../context";
import { notFound } from "../errors";
import { createDomain, deleteDomain, updateDomain } from "../organizations/domains";
import { domainJson } from "../resources/domain";
import { deletedJson, pageJson } from "../resources/lists";
import type { OrganizationDomainRecord } from "../store/records-instance";
import {
  type BapiEnv,
  type Call,
  ids,
  nothing,
  pageFields,
  readBody,
  readQuery,
  requireOrganization,
  sorted,
  word,
} from "./call";

const mode = z.enum(["manual_invitation", "automatic_invitation", "automatic_suggestion"]);
const creation = z.object({
  name: z.string(),
  enrollment_mode: mode.default("manual_invitation"),
  verified: z.boolean().nullish(),
});
const listing = z.object({ ...pageFields, verified: word, enrollment_mode: ids });
const wholeListing = listing.extend({
  organization_id: word,
  query: word,
  domains: ids,
  order_by: word,
});

export function domainRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();
  const base = "/organizations/:organizationId/domains";

  routes.get("/organization_domains", (call) => {
    const { limit, offset, order_by = "-created_at", ...filter } = readQuery(call, wholeListing);
    const found = filtered([...context.state.organizationDomains.all()], filter).filter(
      (each) =>
        (!filter.organization_id || each.organizationId === filter.organization_id) &&
        (!filter.query ||
          [each.name, each.organizationId]
            .join(" ")
            .toLowerCase()
            .includes(filter.query.toLowerCase())) &&
        (!filter.domains || filter.domains.includes(each.name)),
    );
    const orders = {
      created_at: (each: OrganizationDomainRecord) => each.createdAt,
      name: (each: OrganizationDomainRecord) => each.name,
    };
    const page = sorted(found, order_by, orders).slice(offset, offset + limit);
    const data = page.map((each) => domainJson(context, each));
    return call.json(pageJson(data, found.length));
  });

  routes.get(base, (call) => {
    const { limit, offset, ...filter } = readQuery(call, listing);
    const organization = requireOrganization(context, call);
    const found = filtered(context.state.domainsByOrganization.all(organization.id), filter);
    const page = found.slice(offset, offset + limit).map((each) => domainJson(context, each));
    return call.json(pageJson(page, found.length));
  });

  routes.post(base, (call) => {
    const organization = requireOrganization(context, call);
    const { name, enrollment_mode: enrollmentMode, verified } = readBody(call, creation);
    const isVerified = verified ?? false;
    const domain = createDomain(context, organization, { name, enrollmentMode, isVerified });
    return call.json(domainJson(context, domain));
  });

  routes.patch(`${base}/:domainId`, (call) => {
    const domain = find(context, call);
    const form = z.object({ enrollment_mode: mode.nullish(), verified: z.boolean().nullish() });
    const given = readBody(call, form);
    const patch = {
      ...(given.enrollment_mode ? { enrollmentMode: given.enrollment_mode } : {}),
      ...(given.verified === true ? { verification: byAdmin(context) } : {}),
      ...(given.verified === false ? { verification: null } : {}),
    };
    return call.json(domainJson(context, updateDomain(context, domain, patch)));
  });

  routes.post(`${base}/:domainId/verify_ownership`, (call) => {
    readBody(call, nothing);
    const verification = byAdmin(context);
    return call.json(
      domainJson(context, updateDomain(context, find(context, call), { verification })),
    );
  });

  routes.delete(`${base}/:domainId`, (call) => {
    const domain = find(context, call);
    deleteDomain(context, domain);
    return call.json(deletedJson("organization_domain", domain.id));
  });

  return routes;
}

function byAdmin(context: ClerkContext) {
  return {
    status: "verified" as const,
    strategy: "admin" as const,
    attempts: null,
    expireAt: null,
    verifiedAt: context.clock.now(),
    code: null,
  };
}

function filtered(list: OrganizationDomainRecord[], filter: Partial<z.infer<typeof listing>>) {
  return list.filter(
    (each) =>
      (filter.verified === undefined ||
        String(each.verification?.status === "verified") === filter.verified) &&
      (!filter.enrollment_mode || filter.enrollment_mode.includes(each.enrollmentMode)),
  );
}

function find(context: ClerkContext, call: Call): OrganizationDomainRecord {
  const organization = requireOrganization(context, call);
  const id = call.req.param("domainId") ?? "";
  const domain = context.state.organizationDomains.get(id);
  if (domain?.organizationId !== organization.id) throw notFound("domain", id);
  return domain;
}
