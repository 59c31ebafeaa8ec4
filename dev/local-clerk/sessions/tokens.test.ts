import { expect, test } from "vitest";
import { permissionClaims } from "./tokens";

test("system permissions are never in a token", () => {
  const none = { fea: undefined, per: undefined, fpm: undefined };
  expect(permissionClaims(["org:sys_memberships:read", "org:sys_profile:manage"])).toEqual(none);
});

test("custom permissions become features, permission names and one bit mask per feature, all in alphabetical order", () => {
  const keys = ["org:reports:manage", "org:invoices:read", "org:invoices:manage"];
  expect(permissionClaims(keys)).toEqual({
    fea: "o:invoices,o:reports",
    per: "manage,read",
    fpm: "3,1",
  });
});
