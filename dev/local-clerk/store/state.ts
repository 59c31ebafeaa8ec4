// The state of an instance: collections in memory and a journal on disk. The state survives kill -9. The writes of one `change`
// are atomic: when its function throws, none of them is kept.

import { join } from "node:path";
import type { z } from "zod";
import { Collection, type Identified } from "./collection";
import { Journal, type Operation } from "./journal";
import { makeFolder } from "./make-folder";
import { limitHeapGrowth } from "./memory";
import {
  clientSchema,
  invitationSchema,
  mailSchema,
  membershipSchema,
  organizationSchema,
  sessionSchema,
  signInSchema,
  signUpSchema,
  ticketSchema,
  userSchema,
} from "./records";
import {
  appInvitationSchema,
  clockSchema,
  identifierRuleSchema,
  imageSchema,
  instanceDomainSchema,
  jwtTemplateSchema,
  markSchema,
  organizationDomainSchema,
  permissionSchema,
  redirectUrlSchema,
  roleSchema,
  settingsSchema,
  suggestionSchema,
  waitlistSchema,
} from "./records-instance";
import {
  apiKeySchema,
  m2mTokenSchema,
  machineSchema,
  oauthApplicationSchema,
} from "./records-machines";
import { dispatchSchema, endpointSchema, messageSchema } from "./records-webhooks";

type Written = { operation: Operation; undo: () => void };
/** The writes of the current change so far, and the callbacks to run after its commit. */
type Change = { written: Written[]; callbacks: (() => void)[] };
type Stored = {
  restore(value: unknown): void;
  forget(id: string): void;
  all(): IterableIterator<Identified>;
  readonly size: number;
};

const dayMs = 86_400_000;
/** A journal with fewer operations than this is compacted at every start. */
const compactionThreshold = 20_000;
/** A running process compacts the journal when it has this many times more operations than records. */
const maxGrowthFactor = 4;

export class State {
  readonly #journal: Journal;
  readonly #collections = new Map<string, Stored>();
  #change: Change | null = null;
  /** The number of operations in the journal. */
  #operations: number;

  readonly users = this.#collection("users", userSchema);
  readonly organizations = this.#collection("organizations", organizationSchema);
  readonly memberships = this.#collection("memberships", membershipSchema);
  readonly invitations = this.#collection("invitations", invitationSchema);
  readonly clients = this.#collection("clients", clientSchema);
  readonly sessions = this.#collection("sessions", sessionSchema);
  readonly signIns = this.#collection("signIns", signInSchema);
  readonly signUps = this.#collection("signUps", signUpSchema);
  readonly tickets = this.#collection("tickets", ticketSchema);
  readonly mails = this.#collection("mails", mailSchema);
  readonly messages = this.#collection("messages", messageSchema);
  readonly dispatches = this.#collection("dispatches", dispatchSchema);
  readonly endpoints = this.#collection("endpoints", endpointSchema);
  readonly marks = this.#collection("marks", markSchema);
  readonly clocks = this.#collection("clocks", clockSchema);
  readonly settings = this.#collection("settings", settingsSchema);
  readonly permissions = this.#collection("permissions", permissionSchema);
  readonly roles = this.#collection("roles", roleSchema);
  readonly jwtTemplates = this.#collection("jwtTemplates", jwtTemplateSchema);
  readonly appInvitations = this.#collection("appInvitations", appInvitationSchema);
  readonly organizationDomains = this.#collection("organizationDomains", organizationDomainSchema);
  readonly suggestions = this.#collection("suggestions", suggestionSchema);
  readonly waitlist = this.#collection("waitlist", waitlistSchema);
  readonly identifierRules = this.#collection("identifierRules", identifierRuleSchema);
  readonly redirectUrls = this.#collection("redirectUrls", redirectUrlSchema);
  readonly instanceDomains = this.#collection("instanceDomains", instanceDomainSchema);
  readonly images = this.#collection("images", imageSchema);
  readonly apiKeys = this.#collection("apiKeys", apiKeySchema);
  readonly machines = this.#collection("machines", machineSchema);
  readonly m2mTokens = this.#collection("m2mTokens", m2mTokenSchema);
  readonly oauthApplications = this.#collection("oauthApplications", oauthApplicationSchema);

  readonly usersByEmail = this.users.lookup((user) =>
    user.emails.map((email) => email.address.toLowerCase()),
  );
  readonly usersByUsername = this.users.lookup(({ username }) =>
    username ? [username.toLowerCase()] : [],
  );
  readonly usersByPhone = this.users.lookup((user) => user.phones.map((phone) => phone.number));
  readonly usersByExternalAccount = this.users.lookup((user) =>
    user.externalAccounts.map((each) => `${each.provider}:${each.providerUserId}`),
  );
  readonly usersByIdentification = this.users.lookup((user) =>
    [...user.emails, ...user.phones, ...user.externalAccounts].map(({ id }) => id),
  );
  readonly usersByExternalId = this.users.lookup((user) =>
    user.externalId ? [user.externalId] : [],
  );
  readonly rolesByKey = this.roles.lookup((role) => [role.key]);
  readonly permissionsByKey = this.permissions.lookup((permission) => [permission.key]);
  readonly jwtTemplatesByName = this.jwtTemplates.lookup((template) => [template.name]);
  readonly invitationsByEmail = this.invitations.lookup((each) => [each.emailAddress]);
  readonly appInvitationsByEmail = this.appInvitations.lookup((each) => [each.emailAddress]);
  readonly waitlistByEmail = this.waitlist.lookup((each) => [each.emailAddress]);
  readonly domainsByOrganization = this.organizationDomains.lookup((each) => [each.organizationId]);
  readonly domainsByName = this.organizationDomains.lookup((each) => [each.name]);
  readonly suggestionsByOrganization = this.suggestions.lookup((each) => [each.organizationId]);
  readonly suggestionsByUser = this.suggestions.lookup((each) => [each.userId]);
  readonly dispatchesByMessage = this.dispatches.lookup((each) => [each.messageId]);
  readonly organizationsBySlug = this.organizations.lookup((organization) => [organization.slug]);
  readonly membershipsByUser = this.memberships.lookup((membership) => [membership.userId]);
  readonly membershipsByOrganization = this.memberships.lookup((membership) => [
    membership.organizationId,
  ]);
  readonly invitationsByOrganization = this.invitations.lookup((invitation) => [
    invitation.organizationId,
  ]);
  readonly clientsByToken = this.clients.lookup((client) => [client.token]);
  readonly ticketsByInvitation = this.tickets.lookup((ticket) =>
    ticket.invitationId ? [ticket.invitationId] : [],
  );
  readonly apiKeysBySubject = this.apiKeys.lookup((key) => [key.subject]);
  readonly apiKeysBySecret = this.apiKeys.lookup((key) => [key.secret]);
  readonly m2mTokensByMachine = this.m2mTokens.lookup((token) => [token.machineId]);
  readonly m2mTokensBySecret = this.m2mTokens.lookup((token) => [token.secret]);
  readonly usersInOrder = this.users.ordering((user) => user.createdAt);
  readonly organizationsInOrder = this.organizations.ordering((each) => each.createdAt);
  readonly membershipsInOrder = this.memberships.ordering((each) => each.createdAt);
  readonly sessionsByClient = this.sessions.lookup((session) => [session.clientId]);
  readonly sessionsByUser = this.sessions.lookup((session) => [session.userId]);
  readonly ticketsByToken = this.tickets.lookup((ticket) => [ticket.token]);

  constructor(dataDir: string, now: number) {
    makeFolder(dataDir, 0o700);
    this.#journal = new Journal(join(dataDir, "journal.ndjson"));
    const read = this.#journal.replay((operation) => this.#apply(operation));
    if (read > compactionThreshold) limitHeapGrowth();
    dropAbandoned(this, now);
    // A large journal is compacted at the start only when that removes at least a third of its operations.
    this.#operations = read;
    if (read < compactionThreshold || read > this.#recordCount() * 1.5) this.#compact();
  }

  /**
   * Commits several writes together. The function is synchronous, so that no other request sees only a part of the writes. When
   * `write` throws, all its writes are rolled back. To keep a write although the request is refused, such as the count of failed
   * attempts, put that write outside the change. A nested change is committed with the outer change. If the nested change throws,
   * only its own writes are rolled back.
   */
  change<T>(write: () => T): T {
    const outer = this.#change;
    const change = outer ?? { written: [], callbacks: [] };
    const { written, callbacks } = change;
    const before = { written: written.length, callbacks: callbacks.length };
    this.#change = change;
    let result: T;
    try {
      result = write();
      if (!outer && written.length > 0) this.#append(written);
    } catch (error) {
      for (const { undo } of written.splice(before.written).reverse()) undo();
      callbacks.splice(before.callbacks);
      throw error;
    } finally {
      this.#change = outer;
    }
    if (outer) return result;
    this.#compactWhenGrown();
    for (const callback of callbacks) callback();
    return result;
  }

  /**
   * Runs the callback after the current change is committed, and never after a rollback. Outside a change, runs it immediately.
   */
  afterCommit(callback: () => void): void {
    if (this.#change) this.#change.callbacks.push(callback);
    else callback();
  }

  clear(): void {
    this.#journal.rewrite([]);
    this.#operations = 0;
    for (const stored of this.#collections.values()) {
      for (const { id } of [...stored.all()]) stored.forget(id);
    }
  }

  close(): void {
    this.#journal.close();
  }

  #collection<T extends Identified, Given>(
    name: string,
    schema: z.ZodType<T, Given>,
  ): Collection<T, Given> {
    const collection = new Collection(schema, {
      put: (record, undo) => this.#write({ operation: ["put", name, record], undo }),
      drop: (id, undo) => this.#write({ operation: ["drop", name, id], undo }),
    });
    this.#collections.set(name, collection);
    return collection;
  }

  #write(written: Written): void {
    if (this.#change) return void this.#change.written.push(written);
    try {
      this.#append([written]);
    } catch (error) {
      written.undo();
      throw error;
    }
    this.#compactWhenGrown();
  }

  #append(written: readonly Written[]): void {
    this.#journal.append(written.map(({ operation }) => operation));
    this.#operations += written.length;
  }

  #recordCount(): number {
    return [...this.#collections.values()].reduce((sum, each) => sum + each.size, 0);
  }

  #compact(): void {
    this.#operations = this.#recordCount();
    this.#journal.rewrite(this.#putOperations());
  }

  /**
   * Compacts a journal that has grown. Ignores a full disk, because the change is committed already and the long journal stays
   * valid.
   */
  #compactWhenGrown(): void {
    if (
      this.#operations < compactionThreshold ||
      this.#operations < this.#recordCount() * maxGrowthFactor
    )
      return;
    try {
      this.#compact();
    } catch {}
  }

  #apply(operation: Operation): void {
    const stored = this.#collections.get(operation[1]);
    if (!stored) throw new Error(`unknown collection "${operation[1]}"`);
    if (operation[0] === "put") stored.restore(operation[2]);
    else stored.forget(operation[2]);
  }

  *#putOperations(): Iterable<Operation> {
    for (const [name, stored] of this.#collections) {
      for (const record of stored.all()) yield ["put", name, record];
    }
  }
}

/** Drops abandoned sign-ins and sign-ups, and mail after 30 days. Runs at the start, before the journal is compacted. */
function dropAbandoned({ signIns, signUps, mails }: State, now: number): void {
  for (const each of [...signIns.all(), ...signUps.all()]) {
    if (each.abandonAt > now) continue;
    signIns.forget(each.id);
    signUps.forget(each.id);
  }
  for (const mail of mails.all()) if (mail.createdAt < now - 30 * dayMs) mails.forget(mail.id);
}
