/** Clerk, as far as the proof needs it: plays a history, keeps what is true in the end, and says what it would send. */
import { buriedJson, event } from "../testing/clerk-payloads";
import { type Fields, jsonOf, type Table, type Thing } from "./clerk-objects";
import type { Action, Fate, History } from "./history";

/** One message: what it says, under which stamps, and what will become of it. */
export type Message = {
  svixId: string;
  type: string;
  thing: Thing;
  isDeleted: boolean;
  /** ms; whole seconds where the event carried seconds. */
  timestamp: number;
  body: string;
  fate: Fate;
};

export type Played = { messages: Message[]; alive: Thing[] };

const nouns = {
  users: ["user", "user"],
  organizations: ["organization", "org"],
  memberships: ["organizationMembership", "orgmem"],
  invitations: ["organizationInvitation", "orginv"],
} as const;

const START = 1_790_000_000_000;

/** `key` keeps the ids of two histories apart. */
export function play({ actions, fates, timestampsIn }: History, key: string): Played {
  const alive = new Map<string, Thing>();
  const slots = new Map<string, string>();
  const emails = new Map<number, string>();
  const messages: Message[] = [];
  let now = START;
  let made = 0;
  let keepsStamp = false;

  function say(verb: string, thing: Thing): void {
    const fate = fates[messages.length % fates.length];
    if (!fate) throw new Error("a history has at least one fate");
    const isDeleted = verb === "deleted";
    const type = `${nouns[thing.table][0]}.${verb}`;
    const at = now + fate.lag;
    const timestamp = timestampsIn === "s" ? Math.floor(at / 1_000) * 1_000 : at;
    const isBare = isDeleted && thing.table !== "memberships";
    const data = isBare ? buriedJson(thing.id) : jsonOf(thing);
    const stamp = timestampsIn === "s" ? timestamp / 1_000 : timestamp;
    const svixId = `msg_${String(fate.rank).padStart(2, "0")}_${key}_${messages.length}`;
    const body = JSON.stringify(event(type, data, stamp));
    messages.push({ svixId, type, thing, isDeleted, timestamp, body, fate });
  }
  function create(table: Table, fields: Fields): Thing {
    const id = `${nouns[table][1]}_${key}x${made++}`;
    const thing = { table, id, createdAt: now, updatedAt: now, fields };
    alive.set(id, thing);
    say("created", thing);
    return thing;
  }
  function change(thing: Thing, fields: Fields, verb = "updated"): void {
    const updatedAt = keepsStamp ? thing.updatedAt : now;
    const changed = { ...thing, updatedAt, fields: { ...thing.fields, ...fields } };
    alive.set(thing.id, changed);
    say(verb, changed);
  }
  function remove(thing: Thing, isAnnounced = true): void {
    alive.delete(thing.id);
    if (isAnnounced) say("deleted", thing);
  }
  function inSlot(slot: string, make: () => Thing): Thing {
    const known = alive.get(slots.get(slot) ?? "");
    if (known) return known;
    const thing = make();
    slots.set(slot, thing.id);
    return thing;
  }
  const fresh = (word: string) => `${word}${made++}-${key}`;
  const find = (table: Table, fields: Fields) =>
    [...alive.values()].find(
      (thing) =>
        thing.table === table &&
        Object.entries(fields).every(([name, value]) => thing.fields[name] === value),
    );
  const user = (who: number) =>
    inSlot(`user ${who}`, () => {
      const email = emails.get(who) ?? `${fresh("person")}@example.test`;
      emails.set(who, email);
      const names = { name: fresh("Ada"), username: fresh("ada") };
      return create("users", { ...names, email, banned: false });
    });
  const organization = (where: number) =>
    inSlot(`organization ${where}`, () =>
      create("organizations", { name: fresh("Acme"), slug: fresh("acme") }),
    );
  const membership = (person: Thing, place: Thing, role = "org:member") =>
    find("memberships", { user: person.id, organization: place.id }) ??
    create("memberships", { user: person.id, organization: place.id, role });
  /** Clerk announces a deletion; whether also that of the memberships below it differs. */
  function removeWithMemberships(thing: Thing, isAnnounced: boolean): void {
    const column = thing.table === "users" ? "user" : "organization";
    for (;;) {
      const below = find("memberships", { [column]: thing.id });
      if (!below) break;
      remove(below, isAnnounced);
    }
    for (;;) {
      // There is no event for an invitation that goes with its organization.
      const below = find("invitations", { organization: thing.id });
      if (!below) break;
      remove(below, false);
    }
    remove(thing);
  }
  function swap(a: Thing, b: Thing, name: string): void {
    if (a.id === b.id) return;
    const [ours = null, theirs = null] = [a.fields[name], b.fields[name]];
    change(a, { [name]: theirs });
    change(b, { [name]: ours });
  }

  function act({ kind, who, where, variant }: Action): void {
    const other = (who + 1 + (variant % 2)) % 3;
    const isOdd = variant % 2 === 1;
    switch (kind) {
      case "update user": {
        const email = `${fresh("new")}@example.test`;
        const choices: Fields[] = [{ name: fresh("Bea") }, { username: fresh("bea") }, { email }];
        const choice = choices[variant] ?? { username: null };
        const person = user(who);
        if (choice.email) emails.set(who, email);
        change(person, choice);
        break;
      }
      case "create organization":
        membership(user(who), organization(where), "org:admin");
        break;
      case "join":
        membership(user(who), organization(where));
        break;
      case "rename organization":
        change(organization(where), { name: fresh("Beta"), slug: fresh("beta") });
        break;
      case "swap e-mails": {
        const [mine, theirs] = [user(who), user(other)];
        emails.set(who, String(theirs.fields.email)).set(other, String(mine.fields.email));
        swap(mine, theirs, "email");
        break;
      }
      case "swap usernames":
        swap(user(who), user(other), "username");
        break;
      case "swap slugs":
        swap(organization(0), organization(1), "slug");
        break;
      case "ban or unban":
        change(user(who), { banned: !user(who).fields.banned });
        break;
      case "change role": {
        const role = isOdd ? "org:admin" : "org:guest";
        change(membership(user(who), organization(where)), { role });
        break;
      }
      case "leave":
        remove(membership(user(who), organization(where)));
        break;
      case "leave and re-join":
        remove(membership(user(who), organization(where)));
        membership(user(who), organization(where), isOdd ? "org:admin" : "org:member");
        break;
      case "invite": {
        const fields = { email: `${fresh("guest")}@example.test`, role: "org:member" };
        const place = organization(where).id;
        create("invitations", { ...fields, organization: place, status: "pending" });
        break;
      }
      case "answer invitation": {
        const open = find("invitations", { status: "pending" });
        const verb = isOdd ? "accepted" : "revoked";
        if (open) change(open, { status: verb }, verb);
        break;
      }
      case "delete user":
        removeWithMemberships(user(who), isOdd);
        break;
      case "delete organization":
        removeWithMemberships(organization(where), isOdd);
        break;
      case "delete and re-create user":
        removeWithMemberships(user(who), isOdd);
        user(who);
        break;
    }
  }

  for (const action of actions) {
    now += action.after;
    keepsStamp = action.keepsStamp;
    act(action);
  }
  return { messages, alive: [...alive.values()] };
}
