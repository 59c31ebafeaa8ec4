// API keys, machines and their M2M tokens, OAuth applications, and what a local instance refuses: enterprise connections.

import { expect } from "vitest";
import { decodeUnverified } from "../testing/claims";
import { openGenuineClient } from "../testing/genuine-client";
import { amara, ines, kofi, northwind } from "../testing/seeded";
import { test } from "../testing/test";

const refusedWith = (status: number, code: string) => ({ status, errors: [{ code }] });

test("an API key of a user is verified by its secret until it is revoked", async ({ backend }) => {
  const { apiKeys } = backend;
  const made = await apiKeys.create({
    name: "CI of Kofi",
    subject: kofi.id,
    scopes: ["read:reports"],
    claims: { plan: "pro" },
  });
  const secret = made.secret ?? "";
  expect(secret).toMatch(/^ak_\w{20,}$/);
  const verified = await apiKeys.verify(secret);
  expect(verified).toMatchObject({ id: made.id, subject: kofi.id, scopes: ["read:reports"] });
  expect(verified.claims).toEqual({ plan: "pro" });
  expect((await apiKeys.get(made.id)).lastUsedAt).not.toBeNull();
  expect(await apiKeys.getSecret(made.id)).toEqual({ secret });
  const changed = await apiKeys.update({ apiKeyId: made.id, subject: kofi.id, description: "CI" });
  expect(changed).toMatchObject({ description: "CI", scopes: ["read:reports"] });
  const revoked = await apiKeys.revoke({ apiKeyId: made.id, revocationReason: "leaked" });
  expect(revoked).toMatchObject({ revoked: true, revocationReason: "leaked" });
  await expect(apiKeys.verify(secret)).rejects.toMatchObject(
    refusedWith(404, "resource_not_found"),
  );
});

test("an expired API key is refused, and API keys are listed by subject without the invalid ones", async ({
  backend,
  control,
}) => {
  const { apiKeys } = backend;
  const key = { subject: northwind.id, createdBy: ines.id };
  const brief = await apiKeys.create({ ...key, name: "brief", secondsUntilExpiration: 60 });
  const lasting = await apiKeys.create({ ...key, name: "lasting" });
  await apiKeys.create({ name: "of Kofi", subject: kofi.id });
  await control.clock.advance(61_000);
  await expect(apiKeys.verify(brief.secret ?? "")).rejects.toMatchObject({ status: 404 });
  const listed = await apiKeys.list({ subject: northwind.id });
  expect([listed.data.map(({ id }) => id), listed.totalCount]).toEqual([[lasting.id], 1]);
  const all = await apiKeys.list({ subject: northwind.id, includeInvalid: true });
  expect(all.data.map(({ id }) => id)).toEqual([lasting.id, brief.id]);
  await apiKeys.delete(lasting.id);
  await expect(apiKeys.get(lasting.id)).rejects.toMatchObject({ status: 404 });
});

test("an API key for an unknown subject is refused, and one of a deleted user is no longer verified", async ({
  backend,
}) => {
  const { apiKeys } = backend;
  const unknown = { name: "of nobody", subject: `user_${"0".repeat(27)}` };
  await expect(apiKeys.create(unknown)).rejects.toMatchObject({ status: 422 });
  const made = await apiKeys.create({ name: "of Kofi", subject: kofi.id });
  await backend.users.deleteUser(kofi.id);
  await expect(apiKeys.verify(made.secret ?? "")).rejects.toMatchObject({ status: 404 });
});

test("clerk-js creates, lists and revokes API keys of the user and of an organization, unless API keys are off", async ({
  site,
  clerk,
  backend,
  control,
}) => {
  const page = await openGenuineClient(site);
  await page.signIn(amara.email, clerk.password);
  const { apiKeys } = page.clerk;
  await expect(apiKeys.create({ name: "CLI" })).rejects.toMatchObject(
    refusedWith(422, "api_keys_not_enabled"),
  );
  await control.settings.set({ hasApiKeys: true });
  const made = await apiKeys.create({ name: "CLI", subject: amara.id, description: "laptop" });
  const { subject, createdBy } = await backend.apiKeys.verify(made.secret ?? "");
  expect([subject, createdBy]).toEqual([amara.id, amara.id]);
  const shared = await apiKeys.create({ name: "Deploys", subject: northwind.id });
  expect((await apiKeys.getAll({ subject: northwind.id })).data.map(({ id }) => id)).toEqual([
    shared.id,
  ]);
  await apiKeys.revoke({ apiKeyID: shared.id, revocationReason: "rotated" });
  expect((await apiKeys.getAll({ subject: northwind.id })).data).toEqual([]);
  await expect(apiKeys.create({ name: "Theirs", subject: kofi.id })).rejects.toMatchObject({
    status: 404,
  });
});

test("a changed description of an API key is stored, and its key is refused without a session or to another user", async ({
  site,
  clerk,
  backend,
  control,
}) => {
  await control.settings.set({ hasApiKeys: true });
  const key = await backend.apiKeys.create({ name: "of Kofi", subject: kofi.id });
  const patch = async (userId: string | null) => {
    const session = userId ? await backend.sessions.createSession({ userId }) : null;
    const jwt = session ? (await backend.sessions.getToken(session.id)).jwt : "none";
    return fetch(`${clerk.url}/fapi/api_keys/${key.id}?_method=PATCH`, {
      method: "POST",
      headers: { authorization: `Bearer ${jwt}`, origin: site.appUrl },
      body: JSON.stringify({ description: "renamed" }),
    });
  };
  expect((await patch(null)).status).toBe(401);
  expect((await patch(amara.id)).status).toBe(404);
  expect((await patch(kofi.id)).status).toBe(200);
  expect((await backend.apiKeys.get(key.id)).description).toBe("renamed");
});

test("a machine's M2M token is verified by a machine in its scope, and refused by others and after its revocation", async ({
  backend,
}) => {
  const { machines, m2m } = backend;
  const api = await machines.create({ name: "api" });
  const other = await machines.create({ name: "other" });
  const worker = await machines.create({ name: "worker", scopedMachines: [api.id] });
  expect(worker.scopedMachines.map(({ id }) => id)).toEqual([api.id]);
  const machineSecretKey = worker.secretKey ?? "";
  const made = await m2m.createToken({ machineSecretKey, claims: { job: "nightly" } });
  const token = made.token ?? "";
  expect(made).toMatchObject({ subject: worker.id, scopes: [api.id], claims: { job: "nightly" } });

  const byApi = { token, machineSecretKey: api.secretKey ?? "" };
  expect(await m2m.verify(byApi)).toMatchObject({ id: made.id, subject: worker.id });
  await expect(
    m2m.verify({ token, machineSecretKey: other.secretKey ?? "" }),
  ).rejects.toMatchObject({ status: 404 });
  expect((await m2m.verify({ token })).id).toBe(made.id);
  const listed = await m2m.list({ subject: worker.id, machineSecretKey });
  expect(listed.data.map(({ id }) => id)).toEqual([made.id]);
  await m2m.revokeToken({ m2mTokenId: made.id, machineSecretKey, revocationReason: "done" });
  await expect(m2m.verify(byApi)).rejects.toMatchObject({ status: 404 });
});

test("an M2M token in the JWT format is verified with the published keys, and a token is reused while it has enough lifetime", async ({
  backend,
  control,
}) => {
  const { machines, m2m } = backend;
  const machine = await machines.create({ name: "cron", defaultTokenTtl: 600 });
  const machineSecretKey = machine.secretKey ?? "";
  const jwt = await m2m.createToken({ machineSecretKey, tokenFormat: "jwt" });
  expect(decodeUnverified(jwt.token ?? "")).toMatchObject({ sub: machine.id, jti: jwt.id });
  expect((await m2m.verify({ token: jwt.token ?? "" })).subject).toBe(machine.id);

  const reusing = { machineSecretKey, minRemainingTtlSeconds: 300 };
  const first = await m2m.createToken(reusing);
  expect((await m2m.createToken(reusing)).id).toBe(first.id);
  await control.clock.advance(301_000);
  expect((await m2m.createToken(reusing)).id).not.toBe(first.id);
  await expect(
    m2m.createToken({ machineSecretKey, minRemainingTtlSeconds: 600 }),
  ).rejects.toMatchObject({ status: 422 });
});

test("machines are listed, changed, scoped to each other and deleted, and a rotated secret key is valid for its grace period", async ({
  site,
  backend,
  control,
}) => {
  const { machines, m2m } = backend;
  const one = await machines.create({ name: "one" });
  const two = await machines.create({ name: "two" });
  expect((await machines.list({ query: "tw" })).data.map(({ id }) => id)).toEqual([two.id]);
  expect((await machines.get(one.id)).name).toBe("one");
  const renamed = await machines.update({ machineId: one.id, name: "uno", defaultTokenTtl: 60 });
  expect(renamed).toMatchObject({ name: "uno", defaultTokenTtl: 60 });
  await machines.createScope(one.id, two.id);
  const again = await site.callBackend("POST", `/machines/${one.id}/scopes`, {
    to_machine_id: two.id,
  });
  expect([again.status, again.code]).toEqual([409, "conflict"]);
  await machines.deleteScope(one.id, two.id);
  expect((await machines.get(one.id)).scopedMachines).toEqual([]);

  const old = await machines.getSecretKey(one.id);
  const rotated = await machines.rotateSecretKey({ machineId: one.id, previousTokenTtl: 3_600 });
  expect(rotated.secret).not.toBe(old.secret);
  await m2m.createToken({ machineSecretKey: old.secret });
  await control.clock.advance(3_601_000);
  await expect(m2m.createToken({ machineSecretKey: old.secret })).rejects.toMatchObject(
    refusedWith(401, "clerk_key_invalid"),
  );
  const { secret } = rotated;
  await m2m.createToken({ machineSecretKey: secret });
  await machines.delete(one.id);
  await expect(machines.get(one.id)).rejects.toMatchObject({ status: 404 });
  await expect(m2m.createToken({ machineSecretKey: secret })).rejects.toMatchObject({
    status: 401,
  });
});

test("a machine's secret key is refused by other operations, and the app's key creates no M2M token", async ({
  clerk,
  site,
  backend,
}) => {
  const machine = await backend.machines.create({ name: "narrow" });
  const headers = { authorization: `Bearer ${machine.secretKey}` };
  const users = await fetch(`${clerk.env.CLERK_API_URL}/v1/users`, { headers });
  expect(users.status).toBe(401);
  expect((await site.callBackend("POST", "/m2m_tokens", {})).code).toBe("clerk_key_invalid");
});

test("OAuth applications are created with a secret, changed, rotated and deleted, and no access token is valid", async ({
  site,
  clerk,
  backend,
}) => {
  const { oauthApplications, idPOAuthAccessToken } = backend;
  const made = await oauthApplications.create({
    name: "Reports",
    redirectUris: ["https://reports.example/callback"],
  });
  expect(made).toMatchObject({ scopes: "profile email", isPublic: false });
  expect(made.clientSecret).toMatch(/^\w{32}$/);
  const listed = await oauthApplications.list({ nameQuery: "report" });
  expect(listed.data.map(({ id }) => id)).toEqual([made.id]);
  expect((await oauthApplications.get(made.id)).clientSecret).toBeFalsy();
  const update = { oauthApplicationId: made.id, name: "Reports 2", scopes: "email" };
  expect(await oauthApplications.update(update)).toMatchObject({ name: "Reports 2" });
  const rotated = await oauthApplications.rotateSecret(made.id);
  expect(rotated.clientSecret).not.toBe(made.clientSecret);

  const form = new FormData();
  const bytes = Buffer.from("89504e470d0a1a0a", "hex");
  form.set("file", new File([bytes], "a.png", { type: "image/png" }));
  const url = `${clerk.env.CLERK_API_URL}/v1/oauth_applications/${made.id}`;
  const headers = { authorization: `Bearer ${clerk.keys.secretKey}` };
  const logo = await fetch(`${url}/logo`, { method: "PUT", headers, body: form });
  expect((await logo.json()).client_image_url).toMatch(/\/images\/img_/);

  await expect(idPOAuthAccessToken.verify("oat_unknown")).rejects.toMatchObject(
    refusedWith(404, "resource_not_found"),
  );
  const revoked = await site.callBackend("POST", `/oauth_applications/${made.id}/revoke_token`, {
    token: "oat_unknown",
  });
  expect(revoked.code).toBe("resource_not_found");
  const without = await site.callBackend("POST", "/oauth_applications", { name: "No redirect" });
  expect(without.code).toBe("form_param_missing");
  await oauthApplications.delete(made.id);
  await expect(oauthApplications.get(made.id)).rejects.toMatchObject({ status: 404 });
});

test("lists of enterprise connections are empty, an id is unknown, and creating one is refused as by a plan without them", async ({
  site,
}) => {
  for (const path of ["/enterprise_connections", "/saml_connections"]) {
    expect((await site.callBackend("GET", path)).body).toEqual({ data: [], total_count: 0 });
    const made = await site.callBackend("POST", path, { name: "Okta", domains: ["example.com"] });
    expect([made.status, made.code]).toEqual([402, "unsupported_subscription_plan_features"]);
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const one = await site.callBackend(method, `${path}/samlc_1`);
      expect([one.status, one.code]).toEqual([404, "resource_not_found"]);
    }
  }
});

test("test mode of the instance can be changed, and its protection, communication and OAuth settings can be read", async ({
  site,
  backend,
  control,
}) => {
  await backend.instance.update({ testMode: false });
  expect((await control.settings.get()).hasTestMode).toBe(false);
  const read = async (name: string) => (await site.callBackend("GET", `/instance/${name}`)).body;
  expect(await read("protect")).toMatchObject({ rules_enabled: false });
  expect(await read("communication")).toMatchObject({ blocked_country_codes: [] });
  expect(await read("oauth_application_settings")).toMatchObject({
    dynamic_oauth_client_registration: false,
  });
});

test("a sign-up in progress gets its external id from the server, and its user has it; clients are listed and verified by their cookie", async ({
  site,
  backend,
  browser,
}) => {
  const email = "zuri.pell@example.org";
  const form = { email_address: email, password: "a-long-passw0rd-of-zuri" };
  const path = await browser.startSignUp(form);
  const id = path.split("/").at(-1);
  expect((await site.callBackend("GET", `/sign_ups/${id}`)).body.external_id).toBeNull();
  const patch = { external_id: "crm-17", custom_action: true };
  const changed = await site.callBackend("PATCH", `/sign_ups/${id}`, patch);
  expect(changed.body).toMatchObject({ ...patch, email_address: email });
  await browser.post(`${path}/attempt_verification`, {
    strategy: "email_code",
    code: await site.newestCode(email),
  });
  const [user] = (await backend.users.getUserList({ externalId: ["crm-17"] })).data;
  expect(user?.primaryEmailAddress?.emailAddress).toBe(email);
  expect((await site.callBackend("GET", "/sign_ups/sua_1")).code).toBe("resource_not_found");

  const clients = await backend.clients.getClientList();
  expect(clients.data.length).toBeGreaterThan(0);
  const [, token = ""] = browser.clientCookie.split("=");
  const verified = await backend.clients.verifyClient(token);
  expect(verified.sessions.map(({ userId }) => userId)).toEqual([user?.id]);
  expect((await site.callBackend("POST", "/clients/verify", { token: "no" })).status).toBe(404);
});
