// The Backend API's operations on instance settings, allowlist, blocklist and redirect URLs.

import { Hono } from "hono";
import { z } from "zod";
import { inviteToApp } from "../accounts/app-invitations";
import type { ClerkContext } from "../context";
import { notFound, notImplemented, refusal } from "../errors";
import { newId } from "../ids";
import { creatorRole, defaultRole } from "../instance/roles";
import { applySettings } from "../instance/stored-settings";
import { maxAllowedDomains } from "../organizations/domains";
import { deletedJson, pageJson } from "../resources/lists";
import type { IdentifierRuleRecord, RedirectUrlRecord } from "../store/records-instance";
import { type BapiEnv, nothing, pageFields, readBody, readQuery } from "./call";

const instanceChange = z.object({ test_mode: z.boolean().nullish() });
const restrictions = z.object({
  allowlist: z.boolean().nullish(),
  blocklist: z.boolean().nullish(),
});
const organizationSettings = z.object({
  max_allowed_memberships: z.number().int().min(0).nullish(),
  domains_enabled: z.boolean().nullish(),
});
const rule = z.object({ identifier: z.string().min(3) });
const allowRule = rule.extend({ notify: z.boolean().nullish() });

export function instanceRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.get("/instance", (call) =>
    call.json({
      object: "instance",
      id: context.keys.instanceId,
      environment_type: context.isDevelopment ? "development" : "production",
      allowed_origins: [context.appOrigin],
      workspace_id: null,
    }),
  );

  routes.patch("/instance", (call) => {
    const { test_mode: testMode } = readBody(call, instanceChange);
    if (typeof testMode === "boolean") applySettings(context, { hasTestMode: testMode });
    return call.body(null, 204);
  });

  // The local Clerk has no bot protection, and sends no text messages.
  routes.get("/instance/protect", (call) =>
    call.json({
      object: "instance_protect",
      rules_enabled: false,
      specter_enabled: false,
      checks_bypassed: false,
    }),
  );
  routes.get("/instance/communication", (call) =>
    call.json({ object: "instance_communication", blocked_country_codes: [] }),
  );
  routes.get("/instance/oauth_application_settings", (call) =>
    call.json({
      object: "oauth_application_settings",
      dynamic_oauth_client_registration: false,
      default_scopes: ["profile", "email"],
      oauth_jwt_access_tokens: false,
      client_id_metadata_documents_advertised: false,
      client_id_metadata_documents_only_allow_pre_registered_clients: false,
      client_id_metadata_documents_block_implicitly_allowed_clients: false,
    }),
  );

  routes.patch("/instance/restrictions", (call) => {
    const given = readBody(call, restrictions);
    applySettings(context, {
      ...(typeof given.allowlist === "boolean" ? { hasAllowlist: given.allowlist } : {}),
      ...(typeof given.blocklist === "boolean" ? { hasBlocklist: given.blocklist } : {}),
    });
    return call.json({
      object: "instance_restrictions",
      allowlist: context.settings.hasAllowlist,
      blocklist: context.settings.hasBlocklist,
      allowlist_blocklist_disabled_on_sign_in: false,
      block_email_subaddresses: false,
      block_disposable_email_domains: false,
    });
  });

  routes.get("/instance/organization_settings", (call) =>
    call.json(organizationSettingsJson(context)),
  );

  routes.patch("/instance/organization_settings", (call) => {
    const { max_allowed_memberships: most, domains_enabled: domains } = readBody(
      call,
      organizationSettings,
    );
    applySettings(context, {
      ...(typeof most === "number" ? { maxAllowedMemberships: most } : {}),
      ...(typeof domains === "boolean" ? { hasOrganizationDomains: domains } : {}),
    });
    return call.json(organizationSettingsJson(context));
  });

  // Clerk returns a link to Svix's page of messages. The local Clerk returns a link to its control page.
  for (const path of ["/webhooks/svix", "/webhooks/svix_url"]) {
    routes.post(path, (call) => {
      readBody(call, nothing);
      return call.json({ svix_url: `${new URL(call.req.url).origin}/__clerk/dev` });
    });
  }

  return routes.route("/", ruleRoutes(context)).route("/", redirectUrlRoutes(context));
}

function organizationSettingsJson({ settings }: ClerkContext) {
  return {
    object: "organization_settings",
    enabled: true,
    max_allowed_memberships: settings.maxAllowedMemberships,
    max_allowed_roles: 10,
    max_allowed_domains: maxAllowedDomains,
    creator_role: creatorRole,
    admin_delete_enabled: true,
    domains_enabled: settings.hasOrganizationDomains,
    domains_enrollment_modes: ["manual_invitation", "automatic_invitation", "automatic_suggestion"],
    domains_default_role: defaultRole,
  };
}

function ruleRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  for (const list of ["allow", "block"] as const) {
    const base = `/${list}list_identifiers`;
    const json = (each: IdentifierRuleRecord) => ({
      object: `${list}list_identifier`,
      id: each.id,
      identifier: each.identifier,
      identifier_type: each.identifier.startsWith("+") ? "phone_number" : "email_address",
      instance_id: context.keys.instanceId,
      ...(each.invitationId ? { invitation_id: each.invitationId } : {}),
      created_at: each.createdAt,
      updated_at: each.updatedAt,
    });
    const own = () => [...context.state.identifierRules.all()].filter((each) => each.list === list);

    routes.get(base, (call) => {
      const { limit, offset, paginated } = readQuery(call, z.object(pageFields));
      const all = own().reverse();
      const page = all.slice(offset, offset + limit).map(json);
      const isPage = list === "block" || paginated === "true";
      return call.json(isPage ? pageJson(page, all.length) : page);
    });

    routes.post(base, (call) => {
      const given =
        list === "allow" ? readBody(call, allowRule) : { ...readBody(call, rule), notify: false };
      const identifier = given.identifier.toLowerCase();
      // A pattern such as `*@example.com` is not an address, so no invitation is sent for it.
      const isInvited = given.notify && !identifier.startsWith("*");
      if (isInvited && !identifier.includes("@")) throw notImplemented("inviting a phone number");
      if (own().some((each) => each.identifier === identifier)) {
        const message = `duplicate ${list}list identifier`;
        const long = `the identifier ${identifier} already exists`;
        throw refusal(400, "duplicate_record", message, long);
      }
      const now = context.clock.now();
      const stamps = { createdAt: now, updatedAt: now };
      const id = newId(`${list}lid`, now);
      const made = context.state.change(() => {
        const invitation = isInvited ? inviteListed(context, identifier) : null;
        const invitationId = invitation?.id ?? null;
        return context.state.identifierRules.put({ id, list, identifier, invitationId, ...stamps });
      });
      return call.json(json(made));
    });

    routes.delete(`${base}/:id`, (call) => {
      const { id } = call.req.param();
      if (context.state.identifierRules.get(id)?.list !== list) throw notFound("identifier", id);
      context.state.identifierRules.drop(id);
      return call.json(deletedJson(`${list}list_identifier`, id));
    });
  }

  return routes;
}

function inviteListed(context: ClerkContext, emailAddress: string) {
  return inviteToApp(context, {
    emailAddress,
    publicMetadata: {},
    redirectUrl: null,
    expiresInDays: 30,
    isNotified: true,
    ignoresExisting: true,
    templateSlug: "invitation",
  });
}

function redirectUrlRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();
  const json = ({ id, url, createdAt, updatedAt }: RedirectUrlRecord) => ({
    object: "redirect_url",
    id,
    url,
    created_at: createdAt,
    updated_at: updatedAt,
  });

  routes.get("/redirect_urls", (call) => {
    const { limit, offset, paginated } = readQuery(call, z.object(pageFields));
    const all = [...context.state.redirectUrls.all()].map(json).reverse();
    const page = all.slice(offset, offset + limit);
    return call.json(paginated === "true" ? pageJson(page, all.length) : page);
  });

  routes.post("/redirect_urls", (call) => {
    const { url } = readBody(call, z.object({ url: z.url() }));
    const now = context.clock.now();
    const made = { id: newId("ru", now), url, createdAt: now, updatedAt: now };
    return call.json(json(context.state.redirectUrls.put(made)));
  });

  routes.on(["GET", "DELETE"], "/redirect_urls/:id", (call) => {
    const id = call.req.param("id");
    const redirect = context.state.redirectUrls.get(id);
    if (!redirect) throw notFound("redirect url", id);
    if (call.req.method === "GET") return call.json(json(redirect));
    context.state.redirectUrls.drop(id);
    return call.json(deletedJson("redirect_url", id));
  });

  return routes;
}
