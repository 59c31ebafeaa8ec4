// The instance's own domains, through Clerk's client: satellites, their refusals, and that they are kept.

import { afterEach, beforeEach, expect, test } from "vitest";
import { controlClient } from "../control/client";
import {
  backendOf,
  type Receiver,
  startClerkFor,
  startReceiver,
  temporaryFolder,
} from "../testing/site";

let folder: ReturnType<typeof temporaryFolder>;
let receiver: Receiver;

beforeEach(async () => {
  folder = temporaryFolder();
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  folder.remove();
});

async function start() {
  const { clerk } = await startClerkFor(receiver, folder.path);
  const { domains } = backendOf(clerk);
  return { clerk, domains };
}

const satellite = { name: "shop.example.com", is_satellite: true, proxy_url: null };
const refused = (status: number, code: string, name?: string) => ({
  status,
  errors: [{ code, ...(name ? { meta: { paramName: name } } : {}) }],
});

test("a satellite is added, changed, removed; the primary domain is changed and never removed", async () => {
  const { clerk, domains } = await start();
  const [primary] = (await domains.list()).data;
  expect(primary).toMatchObject({ name: "127.0.0.1", isSatellite: false });
  const added = await domains.add(satellite);
  expect(added).toMatchObject({
    name: "shop.example.com",
    isSatellite: true,
    frontendApiUrl: "https://clerk.shop.example.com",
    proxyUrl: null,
    cnameTargets: [
      { host: "clerk.shop.example.com", value: "frontend-api.clerk.services", required: true },
    ],
  });
  const proxied = "https://shop.example.com/__clerk";
  const changed = await domains.update({ domainId: added.id, proxy_url: proxied });
  expect(changed).toMatchObject({ id: added.id, proxyUrl: proxied, cnameTargets: [] });
  const named = { domainId: primary?.id ?? "", name: "app.example.com", proxy_url: null };
  expect(await domains.update(named)).toMatchObject({ id: primary?.id, isSatellite: false });
  const names = (await domains.list()).data.map(({ name }) => name);
  expect(names).toEqual(["shop.example.com", "app.example.com"]);
  expect(await domains.delete(added.id)).toMatchObject({ id: added.id, deleted: true });
  expect((await domains.list()).totalCount).toBe(1);
  await expect(domains.delete(primary?.id ?? "")).rejects.toMatchObject(
    refused(403, "operation_not_allowed_on_primary_domain"),
  );
  await clerk.close();
});

test("a second primary, a taken or malformed name, a proxy that is no URL and an unknown id are refused", async () => {
  const { clerk, domains } = await start();
  await domains.add(satellite);
  for (const [given, code, name] of [
    [{ ...satellite, is_satellite: false }, "primary_domain_already_exists", "is_satellite"],
    [satellite, "home_url_taken", "name"],
    [{ ...satellite, name: "https://shop.example.com" }, "form_param_format_invalid", "name"],
    [{ ...satellite, name: "other.example.com", proxy_url: "no" }, "form_param_format_invalid"],
  ] as const) {
    await expect(domains.add(given)).rejects.toMatchObject(refused(422, code, name));
  }
  const other = await domains.add({ ...satellite, name: "other.example.com" });
  const taken = { domainId: other.id, name: satellite.name, proxy_url: null };
  await expect(domains.update(taken)).rejects.toMatchObject(refused(422, "home_url_taken", "name"));
  const nobody = { domainId: "dmn_none", name: "x.example.com", proxy_url: null };
  for (const asked of [domains.update(nobody), domains.delete("dmn_none")]) {
    await expect(asked).rejects.toMatchObject(refused(404, "resource_not_found"));
  }
  await clerk.close();
});

test("satellites are there after a restart, and gone after a reset", async () => {
  const first = await start();
  await first.domains.add(satellite);
  await first.clerk.close();
  const { clerk, domains } = await start();
  expect((await domains.list()).data[0]).toMatchObject({ name: satellite.name });
  await controlClient(clerk.url).reset();
  expect((await domains.list()).totalCount).toBe(1);
  await clerk.close();
});
