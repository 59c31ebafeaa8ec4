// The actions of the control API: API faults, webhook disturbances, endpoints, ending sessions, payments and generated data.

import { Hono } from "hono";
import { z } from "zod";
import type { ClerkContext } from "../context";
import { parseInput, parseJson } from "../error-response";
import { notFound } from "../errors";
import { settingsShape } from "../instance/settings";
import { applySettings } from "../instance/stored-settings";
import { endSession } from "../sessions/sessions";
import { paymentEvents, paymentShape, simulatePayment } from "../simulation/billing";
import { faultShape } from "../simulation/faults";
import { generate, generationShape } from "../simulation/generate";
import { applyPreset, presetNames, presets } from "../simulation/presets";
import type { Seed } from "../simulation/seed";
import { disturbanceShape, releaseOrders } from "../webhooks/disturbances";

const ok = { ok: true };
const since = z.strictObject({
  endpointId: z.string().default("ep_app"),
  since: z.number().default(0),
});
const endpointId = z.strictObject({ endpointId: z.string().default("ep_app") });
const newEndpoint = z.strictObject({ url: z.url(), events: z.array(z.string()).default([]) });
const endpointChange = endpointId.extend({
  url: z.url().optional(),
  events: z.array(z.string()).optional(),
  isEnabled: z.boolean().optional(),
});
const rotation = endpointId.extend({
  secret: z.string().startsWith("whsec_").optional(),
  keepOldMs: z.number().int().min(0).optional(),
});

export function actionRoutes(context: ClerkContext, seed: Seed) {
  const routes = new Hono();
  const { webhooks } = context;
  const post = <T>(
    path: string,
    shape: z.ZodType<T>,
    run: (given: T) => object | Promise<object>,
  ) =>
    routes.post(path, async (call) => {
      const text = await call.req.text();
      return call.json(await run(parseInput(shape, parseJson(text || "{}"))));
    });

  routes.get("/settings.json", (call) => call.json(context.instanceSettings));
  routes.get("/settings/schema.json", (call) => call.json(z.toJSONSchema(settingsShape)));
  post("/settings", z.record(z.string(), z.unknown()), (patch) => applySettings(context, patch));

  routes.get("/faults.json", (call) => call.json(context.faults.all));
  post("/faults", z.array(faultShape), (faults) => {
    context.faults.set(faults);
    return ok;
  });

  routes.get("/presets.json", (call) =>
    call.json(presetNames.map((name) => ({ name, expected: presets[name].expected }))),
  );
  post("/presets", z.strictObject({ name: z.enum(presetNames).nullable() }), ({ name }) => {
    applyPreset(context, name);
    return ok;
  });

  post("/webhooks/disturbances", disturbanceShape.strict(), (disturbances) => {
    webhooks.setDisturbances(disturbances);
    return webhooks.disturbances;
  });
  post("/webhooks/pause", z.strictObject({}), () => {
    webhooks.pause();
    return ok;
  });
  post(
    "/webhooks/resume",
    z.strictObject({ order: z.enum(releaseOrders).default("made") }),
    (given) => {
      webhooks.resume(given.order);
      return ok;
    },
  );
  const one = z.strictObject({ id: z.string(), endpointId: z.string().optional() });
  post("/webhooks/replay", one, (given) => {
    if (!webhooks.replay(given.id, given.endpointId)) throw notFound("message at rest", given.id);
    return ok;
  });
  post("/webhooks/replay-failed", since, (given) => ({
    count: webhooks.replayFailed(given.endpointId, given.since),
  }));
  post("/webhooks/replay-missing", since, (given) => ({
    count: webhooks.replayMissing(given.endpointId, given.since),
  }));

  routes.get("/endpoints.json", (call) => call.json(webhooks.endpoints.all()));
  post("/endpoints", newEndpoint, ({ url, events }) => webhooks.endpoints.add(url, events));
  post("/endpoints/update", endpointChange, ({ endpointId: id, ...patch }) =>
    webhooks.endpoints.update(id, patch),
  );
  post("/endpoints/remove", endpointId, (given) => {
    webhooks.endpoints.remove(given.endpointId);
    return ok;
  });
  post("/endpoints/rotate", rotation, ({ endpointId: id, ...how }) =>
    webhooks.endpoints.rotate(id, how),
  );

  /** `expire` ends the session as after its lifetime; `revoke` ends it as an admin does. */
  const ending = z.strictObject({
    sessionId: z.string(),
    how: z.enum(["expire", "revoke"]).default("expire"),
  });
  post("/sessions/end", ending, ({ sessionId, how }) => {
    const session = context.state.sessions.get(sessionId);
    if (!session) throw notFound("session", sessionId);
    if (how === "revoke") endSession(context, session, "revoked");
    else context.state.sessions.put({ ...session, expireAt: context.clock.now() });
    return ok;
  });

  /** Moves the session's last verification `ms` milliseconds into the past. */
  const ageShape = z.strictObject({ sessionId: z.string(), ms: z.number().int().positive() });
  post("/sessions/age", ageShape, ({ sessionId, ms }) => {
    const session = context.state.sessions.get(sessionId);
    if (!session) throw notFound("session", sessionId);
    const { verifiedAt, secondFactorAt: second } = session;
    const secondFactorAt = second === null ? null : second - ms;
    context.state.sessions.put({ ...session, verifiedAt: verifiedAt - ms, secondFactorAt });
    return ok;
  });

  routes.get("/payments.json", (call) => call.json({ events: paymentEvents }));
  post("/payments", paymentShape, (payment) => simulatePayment(context, payment));
  post("/generate", generationShape, async (wanted) => {
    await generate(context, wanted, seed.password);
    const { users, organizations, memberships } = context.state;
    return {
      users: users.size,
      organizations: organizations.size,
      memberships: memberships.size,
    };
  });

  return routes;
}
