/**
 * The specification of a correct mirror. Each object has the state of the message with the greatest
 * (deleted, updated_at, timestamp, svix-id). A membership is visible if its user and organization are; an invitation is
 * visible if its organization is.
 */
import type { ClerkObject } from "./clerk-objects";
import type { Message, Simulation } from "./simulate-clerk";

/** The visible rows of a mirror as text: one line per row, sorted. */
export type View = string[];

/** Returns the lines of `view` that `other` lacks, counting copies: a line twice in `view` and once in `other` is returned once. */
export function surplus(view: View, other: View): View {
  const left = [...other];
  return view.filter((text) => {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

export function line({ id, fields }: Pick<ClerkObject, "id" | "fields">): string {
  const { user, organization, role, ...own } = fields;
  // A membership is identified by its user and organization: its own id may differ between equal mirrors.
  return user
    ? `${user} in ${organization} as ${role} ${JSON.stringify(own)}`
    : `${id} ${JSON.stringify({ ...own, role })}`;
}

const versionOf = ({ isDeleted, object, timestamp, svixId }: Message) =>
  [isDeleted ? 1 : 0, isDeleted ? 0 : object.updatedAt, timestamp, svixId] as const;

function isNewer(a: Message, b: Message): boolean {
  const [left, right] = [versionOf(a), versionOf(b)];
  for (const index of [0, 1, 2, 3] as const) {
    const [ofA, ofB] = [left[index], right[index]];
    if (ofA !== ofB) return ofA > ofB;
  }
  return false;
}

function newest(messages: Message[]): ClerkObject[] {
  const winners = new Map<string, Message>();
  for (const message of messages) {
    const best = winners.get(message.object.id);
    if (!best || isNewer(message, best)) winners.set(message.object.id, message);
  }
  return [...winners.values()].filter(({ isDeleted }) => !isDeleted).map(({ object }) => object);
}

function show(objects: ClerkObject[]): View {
  const ids = new Set(objects.map(({ id }) => id));
  const isShown = ({ fields: { user, organization } }: ClerkObject) =>
    [user, organization].every((above) => above === undefined || ids.has(String(above)));
  return objects.filter(isShown).map(line).sort();
}

/**
 * Returns the rows that a correct mirror has after it has received these messages, whatever their order and their number of
 * copies.
 */
export const afterMessages = (messages: Message[]): View => show(newest(messages));

/** Returns the rows that a correct mirror has after a reconciliation: the objects that exist at Clerk. */
export const afterReconciliation = ({ remaining }: Simulation): View => show(remaining);
