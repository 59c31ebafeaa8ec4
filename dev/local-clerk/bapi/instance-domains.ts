// The Backend API's operations on domains of the instance.

import { Hono } from "hono";
import { z } from "zod";
import type { ClerkContext } from "../context";
import {
  addSatellite,
  allDomains,
  changeDomain,
  frontendApiUrl,
  removeSatellite,
} from "../instance/domains";
import { deletedJson, pageJson } from "../resources/lists";
import type { InstanceDomainRecord } from "../store/records-instance";
import { type BapiEnv, nothing, readBody, readQuery } from "./call";

const creation = z.object({
  name: z.string(),
  is_satellite: z.boolean(),
  proxy_url: z.url().nullish(),
});
const changes = z.object({ name: z.string().nullish(), proxy_url: z.url().nullish() });

export function instanceDomainRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.get("/domains", (call) => {
    readQuery(call, nothing);
    const all = allDomains(context).map((domain) => domainJson(context, domain));
    return call.json(pageJson(all, all.length));
  });

  routes.post("/domains", (call) => {
    const { name, is_satellite: isSatellite, proxy_url } = readBody(call, creation);
    const proxyUrl = proxy_url ?? null;
    return call.json(domainJson(context, addSatellite(context, { name, isSatellite, proxyUrl })));
  });

  routes.patch("/domains/:id", (call) => {
    const { name, proxy_url: proxyUrl } = readBody(call, changes);
    const change = {
      ...(name ? { name } : {}),
      // Null removes the proxy. The domain then needs the DNS entry in `cname_targets`.
      ...(proxyUrl === undefined ? {} : { proxyUrl }),
    };
    return call.json(domainJson(context, changeDomain(context, call.req.param("id"), change)));
  });

  routes.delete("/domains/:id", (call) => {
    const { id } = call.req.param();
    removeSatellite(context, id);
    return call.json(deletedJson("domain", id));
  });

  return routes;
}

function domainJson(context: ClerkContext, domain: InstanceDomainRecord) {
  const target = { host: `clerk.${domain.name}`, value: "frontend-api.clerk.services" };
  return {
    object: "domain",
    id: domain.id,
    name: domain.name,
    is_satellite: domain.isSatellite,
    frontend_api_url: frontendApiUrl(context, domain),
    proxy_url: domain.proxyUrl,
    development_origin: "",
    cname_targets: domain.proxyUrl ? [] : [{ ...target, required: true }],
  };
}
