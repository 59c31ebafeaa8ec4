/** The registered handlers of this release, with unique names. The members of a handler family are rows of a table, not code. */
import { UserError } from "../errors";
import type { AnyEffect, Handler, HandlerOptions } from "./effect";

/**
 * A family of handlers that are added at run time, such as the endpoints of the change feed. A member is named `prefix` + its own
 * name, and exists while it is subscribed (`subscribers.ts`).
 */
export type HandlerFamily = HandlerOptions & {
  /** Ends with a colon, which no name of a handler in code contains. */
  prefix: `${string}:`;
  run(handlerName: string, effect: AnyEffect): Promise<void>;
};

export type Registry = { handlers: readonly Handler[]; families: readonly HandlerFamily[] };

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Collects the handlers of this release. @throws UserError if a name is malformed or used twice. */
export function createRegistry(
  handlers: readonly Handler[],
  families: readonly HandlerFamily[] = [],
): Registry {
  const names = new Set<string>();
  for (const { name } of handlers) {
    if (!NAME.test(name)) {
      throw new UserError(
        `The effect handler "${name}" needs a name of small letters, digits and dashes, such as send-welcome.`,
      );
    }
    if (names.has(name)) {
      throw new UserError(
        `Two effect handlers are named ${name}: give one of them another name in lib/effects/handlers.ts.`,
      );
    }
    names.add(name);
  }
  return { handlers, families };
}

/** Returns the handler with that name, or undefined if this release has none. */
export function findHandler(
  { handlers, families }: Registry,
  name: string,
): (HandlerOptions & Pick<Handler, "run">) | undefined {
  const family = families.find(({ prefix }) => name.startsWith(prefix));
  if (family) return { ...family, run: (effect) => family.run(name, effect) };
  return handlers.find((handler) => handler.name === name);
}
