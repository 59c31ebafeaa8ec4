// The Backend API's operations on enterprise connections (SAML and OIDC), by their present name and by the older one. A local
// instance has none: lists are empty, ids are unknown, and creating one is refused as by a plan without this feature.

import { Hono } from "hono";
import { z } from "zod";
import { notFound, planLacks } from "../errors";
import { pageJson } from "../resources/lists";
import { type BapiEnv, ids, pageFields, readQuery, word } from "./call";

const listing = z.object({
  limit: pageFields.limit,
  offset: pageFields.offset,
  organization_id: ids,
  active: word,
  query: word,
  order_by: word,
});
const nouns = {
  enterprise_connections: "enterprise connection",
  saml_connections: "SAML connection",
};

export function enterpriseConnectionRoutes() {
  const routes = new Hono<BapiEnv>();
  for (const name of ["enterprise_connections", "saml_connections"] as const) {
    routes.get(`/${name}`, (call) => {
      readQuery(call, listing);
      return call.json(pageJson([], 0));
    });
    routes.post(`/${name}`, () => {
      throw planLacks(name);
    });
    routes.on(["GET", "PATCH", "DELETE"], `/${name}/:id`, (call) => {
      throw notFound(nouns[name], call.req.param("id"));
    });
  }
  return routes;
}
