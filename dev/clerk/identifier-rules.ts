// The allow list and the block list: which addresses may sign up at all, whichever way they come.

import { refusal } from "./errors";
import type { World } from "./world";

export function requireAllowed(world: World, address: string): void {
  const { hasAllowlist, hasBlocklist } = world.settings;
  const isListed = (list: "allow" | "block") =>
    [...world.state.identifierRules.all()].some(
      (rule) =>
        rule.list === list &&
        (rule.identifier === address ||
          (rule.identifier.startsWith("*") && address.endsWith(rule.identifier.slice(1)))),
    );
  if ((!hasAllowlist || isListed("allow")) && !(hasBlocklist && isListed("block"))) return;
  const message = `${address} is not allowed to access this application.`;
  throw refusal(403, "not_allowed_access", "Access not allowed.", message);
}
