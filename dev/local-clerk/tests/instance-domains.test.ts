// The instance's own domains: the primary domain and satellite domains.

import { expect } from "vitest";
import { test } from "../testing/test";

const satellite = { name: "shop.example.com", is_satellite: true, proxy_url: null };
const refused = (status: number, code: string, name?: string) => ({
  status,
  errors: [{ code, ...(name ? { meta: { paramName: name } } : {}) }],
});

test("a satellite domain can be added, updated and deleted; the primary domain can only be updated", async ({
  backend,
}) => {
  const { domains } = backend;
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
});

test("a second primary domain, a taken or malformed name and a malformed proxy URL are refused, and an unknown id returns 404", async ({
  backend,
}) => {
  const { domains } = backend;
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
  const unknown = { domainId: "dmn_none", name: "x.example.com", proxy_url: null };
  for (const call of [domains.update(unknown), domains.delete("dmn_none")]) {
    await expect(call).rejects.toMatchObject(refused(404, "resource_not_found"));
  }
});

test("satellite domains still exist after a restart, and are deleted by a reset", async ({
  site,
}) => {
  await site.backend.domains.add(satellite);
  await site.restart();
  const { domains } = site.backend;
  expect((await domains.list()).data[0]).toMatchObject({ name: satellite.name });
  await site.control.reset();
  expect((await domains.list()).totalCount).toBe(1);
});
