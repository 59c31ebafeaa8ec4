// The control API, for the control page, tests and scripts: sent mail, current data, webhooks, and actions. It is served only on
// the local Clerk's own port, never through the app's proxy. It refuses requests from pages of other origins.

import { Hono } from "hono";
import { createUser } from "../accounts/users";
import { hashPassword } from "../authentication/passwords";
import type { ClerkContext } from "../context";
import { errorBody, parseInput, parseJson, toRefusal } from "../error-response";
import { identifierTaken, notFound, notImplemented, refusal } from "../errors";
import { seedSystemRoles } from "../instance/roles";
import { advanceClock, clearState } from "../instance/stored-clock";
import { applySettings } from "../instance/stored-settings";
import { userForServer } from "../resources/user";
import { applySeed, type Seed } from "../simulation/seed";
import { actionRoutes } from "./actions";
import { messageJson, overview } from "./overview";
import { isPageFile, packageFile, pageFile } from "./page-files";
import { advanceShape, newUserShape } from "./shapes";

export function controlApi(context: ClerkContext, seed: Seed) {
  const routes = new Hono();

  routes.use(async (call, next) => {
    const origin = call.req.header("origin");
    const isOwn = origin === undefined || hostOf(origin) === call.req.header("host");
    if (!isOwn)
      throw refusal(403, "origin_invalid", "The control API is for its own page and tests.");
    await next();
    call.header("cache-control", "no-store");
  });

  routes.get("/", () => pageFile("page.html"));
  routes.get("/page/:name", (call) => {
    const { name } = call.req.param();
    if (!isPageFile(name)) throw notFound("file of the page", name);
    return pageFile(name);
  });

  routes.get("/coverage", () => pageFile("coverage.html"));
  for (const name of ["COVERAGE.md", "README.md"] as const) {
    routes.get(`/${name}`, () => packageFile(name));
  }

  routes.get("/overview.json", (call) =>
    call.json(overview(context, seed, call.req.query("people"))),
  );
  routes.get("/outbox.json", (call) => {
    const to = call.req.query("to")?.toLowerCase();
    const mails = [...context.state.mails.all()].reverse();
    return call.json(to ? mails.filter((mail) => mail.to === to) : mails);
  });
  routes.get("/webhooks.json", (call) =>
    call.json(
      [...context.state.messages.all()].reverse().map((each) => messageJson(context, each)),
    ),
  );
  routes.get("/webhooks/:id", (call) => {
    const id = call.req.param("id").replace(/\.json$/, "");
    const message = context.state.messages.get(id);
    if (!message) throw notFound("message", id);
    return call.json({ ...messageJson(context, message), body: message.body });
  });

  routes.post("/users", async (call) => {
    const given = parseInput(newUserShape, parseJson(await call.req.text()));
    const { emailAddress, password = seed.password, ...rest } = given;
    const passwordHash = await hashPassword(password);
    if (context.state.usersByEmail.first(emailAddress.toLowerCase())) {
      throw identifierTaken("emailAddress", "email address");
    }
    const person = { ...rest, passwordHash, emailAddresses: [emailAddress] };
    const user = createUser(context, { ...person, verifiedBy: "admin" });
    return call.json(userForServer(context, user));
  });

  routes.post("/reset", async (call) => {
    context.webhooks.reset();
    context.faults.set([]);
    clearState(context);
    applySettings(context, {});
    seedSystemRoles(context.state);
    context.webhooks.endpoints.ensureAppEndpoint();
    await applySeed(context, seed);
    return call.json({ ok: true });
  });

  routes.post("/clock/advance", async (call) => {
    const { ms } = parseInput(advanceShape, parseJson(await call.req.text()));
    advanceClock(context, ms);
    return call.json({ now: context.clock.now() });
  });

  routes.route("/", actionRoutes(context, seed));
  routes.all("*", (call) => {
    throw notImplemented(`${call.req.method} ${call.req.path} of the control API`);
  });
  routes.onError((error, call) => {
    const failure = toRefusal(context, error, `${call.req.method} ${call.req.path}`);
    return call.json(errorBody(failure), failure.status);
  });
  return routes;
}

/** Returns the host of an `Origin` header; null for the opaque origin `null`. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
