import { expect, test } from "vitest";
import { onInvitation, onUser } from "./effect";
import { createRegistry, findHandler } from "./registry";

const nothing = async () => undefined;

test("createRegistry refuses two handlers with the same name, even if one is for users and the other for organizations", () => {
  const handlers = [onUser("created", "greet", nothing), onInvitation("deleted", "greet", nothing)];
  expect(() => createRegistry(handlers)).toThrow(
    "Two effect handlers are named greet: give one of them another name in lib/effects/handlers.ts.",
  );
});

test.each(["", "Send Welcome", "feed:partner", "send_welcome", "-a", "a--b"])(
  "createRegistry refuses the handler name %j",
  (name) => {
    expect(() => createRegistry([onUser("created", name, nothing)])).toThrow("needs a name of");
  },
);

test("findHandler finds a handler by its name, and a member of a family by the prefix of its name", () => {
  const greet = onUser("created", "greet", nothing);
  const registry = createRegistry([greet], [{ prefix: "feed:", run: nothing }]);
  expect(findHandler(registry, "greet")).toBe(greet);
  expect(findHandler(registry, "unknown")).toBeUndefined();
  expect(findHandler(registry, "feed:partner")).toBeDefined();
});
