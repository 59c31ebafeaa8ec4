/** All guarded actions. An intent whose action is not listed here is refused. */
import * as social from "../social/actions"; // part of the sample product
import type { GuardedAction } from "./guarded-action";

const list = [
  ...Object.values(social), // part of the sample product
] as const;

export type ListedAction = (typeof list)[number];

export type Registry = ReadonlyMap<string, Pick<GuardedAction, "name" | "bind">>;

const byName = <Action extends Pick<GuardedAction, "name" | "bind">>(actions: readonly Action[]) =>
  new Map(actions.map((action) => [action.name, action]));

export const registry: Registry = byName(list);
