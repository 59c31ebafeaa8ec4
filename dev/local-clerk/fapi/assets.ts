// Serves Clerk's browser scripts, and the images of users and organizations.

import { Hono } from "hono";
import type { ClerkContext } from "../context";
import { displayName } from "../resources/public-user";
import { avatarSvg } from "./avatar";
import type { FapiEnv } from "./call";
import { findScript } from "./clerk-scripts";

const scriptPath = /^\/npm\/(@clerk\/[a-z-]+)@([^/]+)\/dist\/(.+)$/;

export function assetRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.get("/npm/*", async (call) => {
    const path = call.req.path.replace(/^\/fapi/, "").replaceAll("%40", "@");
    const [, name = "", version = "", file = ""] = scriptPath.exec(path) ?? [];
    const script = await findScript(name, version, file);
    if (!script) {
      context.log(`Warning: no script for ${path}; only the installed Clerk packages are served.`);
      return call.text("Not found", 404);
    }
    const age = script.isExactVersion ? "max-age=31536000, immutable" : "max-age=300";
    return call.body(new Uint8Array(script.body), 200, {
      "content-type": script.contentType,
      "cache-control": `public, ${age}`,
      "access-control-allow-origin": "*",
      "x-content-type-options": "nosniff",
    });
  });

  routes.get("/avatar_placeholder/:file{.+\\.svg}", (call) => {
    const id = call.req.param("file").replace(/\.svg$/, "");
    const user = context.state.users.get(id);
    const name = user ? displayName(user) : context.state.organizations.get(id)?.name;
    if (!name) return call.text("Not found", 404);
    return call.body(avatarSvg(id, name), 200, {
      "content-type": "image/svg+xml; charset=utf-8",
      "cache-control": "public, max-age=300",
      "content-security-policy": "default-src 'none'",
      "x-content-type-options": "nosniff",
    });
  });

  routes.get("/images/:id", (call) => {
    const image = context.state.images.get(call.req.param("id"));
    if (!image) return call.text("Not found", 404);
    return call.body(new Uint8Array(Buffer.from(image.bytes, "base64")), 200, {
      "content-type": image.contentType,
      "cache-control": "public, max-age=31536000, immutable",
      "content-security-policy": "default-src 'none'",
      "x-content-type-options": "nosniff",
    });
  });

  return routes;
}
