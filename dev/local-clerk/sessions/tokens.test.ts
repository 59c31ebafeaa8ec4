import { expect, test } from "vitest";
import { permissionClaims } from "./tokens";

test("system permissions are never in a token", () => {
  const none = { fea: undefined, per: undefined, fpm: undefined };
  expect(permissionClaims(["org:sys_memberships:read", "org:sys_profile:manage"])).toEqual(none);
});

test("custom permissions become features, permission names and a bit mask per feature", () => {
  const keys = ["org:invoices:read", "org:invoices:manage", "org:reports:manage"];
  expect(permissionClaims(keys)).toEqual({
    fea: "o:invoices,o:reports",
    per: "read,manage",
    fpm: "3,2",
  });
});
