/** Every act, by its name. */
import type { Act, ActDescription } from "./act";
import type { ObjectKind } from "./find-object";
import { organizationActs } from "./organization-acts";
import { userActs } from "./user-acts";

export const acts: ReadonlyMap<string, Act> = new Map(
  [...userActs, ...organizationActs].map((act) => [act.name, act]),
);

/** The acts that an admin of an organization may do in it, without being a platform admin. */
export const organizationAdminActs: ReadonlySet<string> = new Set([
  "organization.invite",
  "invitation.revoke",
  "invitation.resend",
  "membership.set_role",
  "membership.remove",
]);

/** Returns the acts that may run on many objects of this kind. */
export const bulkableActs = (kind: ObjectKind): Act[] =>
  [...acts.values()].filter((act) => act.kind === kind && act.manySentence !== undefined);

/** Resolves to descriptions of what each act would do with this object. Empty if the mirror has no such object. */
export async function possibleActs(kind: ObjectKind, id: string | null): Promise<ActDescription[]> {
  const found: ActDescription[] = [];
  for (const act of acts.values()) {
    if (act.kind !== kind) continue;
    const description = await act.describe(id);
    if (!description) return [];
    found.push(description);
  }
  return found;
}
