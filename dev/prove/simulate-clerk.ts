/** Simulates Clerk for one history: returns the messages it would send and the objects that exist at the end. */
import { deletedJson, event } from "../testing/clerk-payloads";
import { type ClerkObject, type Fields, jsonOf, type Table } from "./clerk-objects";
import type { Action, DeliveryPlan, History } from "./history";

/** One webhook message, its timestamps and its delivery plan. */
export type Message = {
  svixId: string;
  type: string;
  object: ClerkObject;
  isDeleted: boolean;
  /** The event's timestamp in ms. It is a multiple of 1,000 if the event carried seconds. */
  timestamp: number;
  body: string;
  plan: DeliveryPlan;
};

export type Simulation = { messages: Message[]; remaining: ClerkObject[] };

const nouns = {
  users: ["user", "user"],
  organizations: ["organization", "org"],
  memberships: ["organizationMembership", "orgmem"],
  invitations: ["organizationInvitation", "orginv"],
} as const;

const START = 1_790_000_000_000;

/** Simulates one history. `key` becomes part of every id, so that the objects of two histories in one database never collide. */
export function simulateClerk({ actions, plans, timestampsIn }: History, key: string): Simulation {
  const remaining = new Map<string, ClerkObject>();
  const slots = new Map<string, string>();
  const emails = new Map<number, string>();
  const messages: Message[] = [];
  let now = START;
  let createdCount = 0;
  let keepsStamp = false;

  function queueEvent(verb: string, object: ClerkObject): void {
    const plan = plans[messages.length % plans.length];
    if (!plan) throw new Error("a history has at least one delivery plan");
    const isDeleted = verb === "deleted";
    const type = `${nouns[object.table][0]}.${verb}`;
    const at = now + plan.lagMs;
    const timestamp = timestampsIn === "s" ? Math.floor(at / 1_000) * 1_000 : at;
    const isBare = isDeleted && object.table !== "memberships";
    const data = isBare ? deletedJson(object.id) : jsonOf(object);
    const stamp = timestampsIn === "s" ? timestamp / 1_000 : timestamp;
    const svixId = `msg_${String(plan.rank).padStart(2, "0")}_${key}_${messages.length}`;
    const body = JSON.stringify(event(type, data, stamp));
    messages.push({ svixId, type, object, isDeleted, timestamp, body, plan });
  }
  function create(table: Table, fields: Fields): ClerkObject {
    const id = `${nouns[table][1]}_${key}x${createdCount++}`;
    const object = { table, id, createdAt: now, updatedAt: now, fields };
    remaining.set(id, object);
    queueEvent("created", object);
    return object;
  }
  function change(object: ClerkObject, fields: Fields, verb = "updated"): void {
    const updatedAt = keepsStamp ? object.updatedAt : now;
    const changed = { ...object, updatedAt, fields: { ...object.fields, ...fields } };
    remaining.set(object.id, changed);
    queueEvent(verb, changed);
  }
  function remove(object: ClerkObject, sendsEvent = true): void {
    remaining.delete(object.id);
    if (sendsEvent) queueEvent("deleted", object);
  }
  function inSlot(slot: string, make: () => ClerkObject): ClerkObject {
    const known = remaining.get(slots.get(slot) ?? "");
    if (known) return known;
    const object = make();
    slots.set(slot, object.id);
    return object;
  }
  const fresh = (word: string) => `${word}${createdCount++}-${key}`;
  const find = (table: Table, fields: Fields) =>
    [...remaining.values()].find(
      (object) =>
        object.table === table &&
        Object.entries(fields).every(([name, value]) => object.fields[name] === value),
    );
  const user = (userSlot: number) =>
    inSlot(`user ${userSlot}`, () => {
      const email = emails.get(userSlot) ?? `${fresh("person")}@example.test`;
      emails.set(userSlot, email);
      const names = { name: fresh("Ada"), username: fresh("ada") };
      const own = { plan: fresh("plan"), phone: null, locale: null };
      return create("users", { ...names, email, banned: false, ...own });
    });
  const organization = (organizationSlot: number) =>
    inSlot(`organization ${organizationSlot}`, () =>
      create("organizations", { name: fresh("Acme"), slug: fresh("acme"), plan: fresh("plan") }),
    );
  const membership = (person: ClerkObject, place: ClerkObject, role = "org:member") =>
    find("memberships", { user: person.id, organization: place.id }) ??
    create("memberships", {
      user: person.id,
      organization: place.id,
      role,
      title: fresh("title"),
    });
  /**
   * Deletes a user with their memberships, or an organization with its memberships and invitations. If `sendsEvent` is true,
   * Clerk also sends an event for each membership.
   */
  function removeWithMemberships(object: ClerkObject, sendsEvent: boolean): void {
    const column = object.table === "users" ? "user" : "organization";
    for (;;) {
      const below = find("memberships", { [column]: object.id });
      if (!below) break;
      remove(below, sendsEvent);
    }
    for (;;) {
      // Clerk sends no event for an invitation that is deleted with its organization.
      const below = find("invitations", { organization: object.id });
      if (!below) break;
      remove(below, false);
    }
    remove(object);
  }
  function swap(a: ClerkObject, b: ClerkObject, name: string): void {
    if (a.id === b.id) return;
    const [ofA = null, ofB = null] = [a.fields[name], b.fields[name]];
    change(a, { [name]: ofB });
    change(b, { [name]: ofA });
  }

  function perform({ kind, userSlot, organizationSlot, variant }: Action): void {
    const other = (userSlot + 1 + (variant % 2)) % 3;
    const isOdd = variant % 2 === 1;
    switch (kind) {
      case "update user": {
        const email = `${fresh("new")}@example.test`;
        const choices: Fields[] = [{ name: fresh("Bea") }, { username: fresh("bea") }, { email }];
        const choice = choices[variant] ?? { username: null };
        const person = user(userSlot);
        if (choice.email) emails.set(userSlot, email);
        change(person, choice);
        break;
      }
      case "create organization":
        membership(user(userSlot), organization(organizationSlot), "org:admin");
        break;
      case "join":
        membership(user(userSlot), organization(organizationSlot));
        break;
      case "rename organization":
        change(organization(organizationSlot), { name: fresh("Beta"), slug: fresh("beta") });
        break;
      case "swap e-mails": {
        const [mine, theirs] = [user(userSlot), user(other)];
        emails.set(userSlot, String(theirs.fields.email)).set(other, String(mine.fields.email));
        swap(mine, theirs, "email");
        break;
      }
      case "swap usernames":
        swap(user(userSlot), user(other), "username");
        break;
      case "swap slugs":
        swap(organization(0), organization(1), "slug");
        break;
      case "ban or unban":
        change(user(userSlot), { banned: !user(userSlot).fields.banned });
        break;
      case "change attributes": {
        if (variant === 0) change(user(userSlot), { plan: fresh("plan"), locale: fresh("locale") });
        else if (variant === 1) change(user(userSlot), { phone: fresh("+1555") });
        else if (variant === 2) change(organization(organizationSlot), { plan: fresh("plan") });
        else
          change(membership(user(userSlot), organization(organizationSlot)), {
            title: fresh("title"),
          });
        break;
      }
      case "change role": {
        const role = isOdd ? "org:admin" : "org:guest";
        change(membership(user(userSlot), organization(organizationSlot)), { role });
        break;
      }
      case "leave":
        remove(membership(user(userSlot), organization(organizationSlot)));
        break;
      case "leave and re-join":
        remove(membership(user(userSlot), organization(organizationSlot)));
        membership(
          user(userSlot),
          organization(organizationSlot),
          isOdd ? "org:admin" : "org:member",
        );
        break;
      case "invite": {
        const fields = { email: `${fresh("guest")}@example.test`, role: "org:member" };
        const place = organization(organizationSlot).id;
        const plan = fresh("plan");
        create("invitations", { ...fields, organization: place, status: "pending", plan });
        break;
      }
      case "answer invitation": {
        const open = find("invitations", { status: "pending" });
        const verb = isOdd ? "accepted" : "revoked";
        if (open) change(open, { status: verb }, verb);
        break;
      }
      case "delete user":
        removeWithMemberships(user(userSlot), isOdd);
        break;
      case "delete organization":
        removeWithMemberships(organization(organizationSlot), isOdd);
        break;
      case "delete and re-create user":
        removeWithMemberships(user(userSlot), isOdd);
        user(userSlot);
        break;
    }
  }

  for (const action of actions) {
    now += action.delayMs;
    keepsStamp = action.keepsStamp;
    perform(action);
  }
  return { messages, remaining: [...remaining.values()] };
}
