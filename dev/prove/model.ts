/**
 * What a right mirror shows: the whole specification. Of each object the message with the greatest
 * (deleted, updated_at, timestamp, svix-id); a membership shows when its user and organization do too, an invitation when
 * its organization does.
 */
import type { Thing } from "./clerk-objects";
import type { Message, Played } from "./simulate-clerk";

/** One line for each thing a reader sees, sorted. */
export type View = string[];

/** What `view` shows beyond `other`; a line that it shows twice, and `other` once, is beyond it once. */
export function beyond(view: View, other: View): View {
  const left = [...other];
  return view.filter((text) => {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

export function line({ id, fields }: Pick<Thing, "id" | "fields">): string {
  const { user, organization, role, ...own } = fields;
  // By whom and where, not by its own id: that is what a reader sees of a membership.
  return user
    ? `${user} in ${organization} as ${role}`
    : `${id} ${JSON.stringify({ ...own, role })}`;
}

const clock = ({ isDeleted, thing, timestamp, svixId }: Message) =>
  [isDeleted ? 1 : 0, isDeleted ? 0 : thing.updatedAt, timestamp, svixId] as const;

function isNewer(a: Message, b: Message): boolean {
  const [left, right] = [clock(a), clock(b)];
  for (const index of [0, 1, 2, 3] as const) {
    const [mine, theirs] = [left[index], right[index]];
    if (mine !== theirs) return mine > theirs;
  }
  return false;
}

function newest(messages: Message[]): Thing[] {
  const winners = new Map<string, Message>();
  for (const message of messages) {
    const best = winners.get(message.thing.id);
    if (!best || isNewer(message, best)) winners.set(message.thing.id, message);
  }
  return [...winners.values()].filter(({ isDeleted }) => !isDeleted).map(({ thing }) => thing);
}

function show(things: Thing[]): View {
  const ids = new Set(things.map(({ id }) => id));
  const isShown = ({ fields: { user, organization } }: Thing) =>
    [user, organization].every((above) => above === undefined || ids.has(String(above)));
  return things.filter(isShown).map(line).sort();
}

/** After these messages, in whatever order and number they came. */
export const afterMessages = (messages: Message[]): View => show(newest(messages));

/** After a reconciliation: what is true at Clerk. */
export const afterReconciliation = ({ alive }: Played): View => show(alive);
