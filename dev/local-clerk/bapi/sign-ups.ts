// The Backend API's operations on sign-ups in progress.

import { Hono } from "hono";
import { z } from "zod";
import type { ClerkContext } from "../context";
import { notFound } from "../errors";
import { signUpJson } from "../resources/sign-up";
import type { SignUpRecord } from "../store/records";
import { type BapiEnv, type Call, readBody } from "./call";

const update = z.object({
  external_id: z.string().nullish(),
  custom_action: z.boolean().nullish(),
});

export function signUpRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.get("/sign_ups/:id", (call) => call.json(signUpJson(context, find(context, call))));

  routes.patch("/sign_ups/:id", (call) => {
    const signUp = find(context, call);
    const given = readBody(call, update);
    const updated = context.state.signUps.put({
      ...signUp,
      externalId: given.external_id === undefined ? signUp.externalId : given.external_id,
      hasCustomAction: given.custom_action ?? signUp.hasCustomAction,
    });
    return call.json(signUpJson(context, updated));
  });

  return routes;
}

function find(context: ClerkContext, call: Call): SignUpRecord {
  const id = call.req.param("id") ?? "";
  const signUp = context.state.signUps.get(id);
  if (!signUp) throw notFound("sign-up", id);
  return signUp;
}
