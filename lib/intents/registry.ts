/** All guarded actions. An intent whose action is not listed here is refused. */
import { wishlistAdd, wishlistRemove } from "../social/actions";
import type { GuardedAction } from "./guarded-action";

const list = [wishlistAdd, wishlistRemove] as const;

export type ListedAction = (typeof list)[number];

export type Registry = ReadonlyMap<string, Pick<GuardedAction, "name" | "bind">>;

export const registry: Registry = new Map(list.map((action) => [action.name, action]));
