/**
 * Who is asking: headers to viewer, the one place that decides it. A viewer is a verified token *and* a live row of the
 * mirror; a failing database or Clerk is never taken for "signed out".
 */
import { createHash } from "node:crypto";
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { database, live } from "../db";
import { env } from "../env";
import { log } from "../log";
import { provisionUser } from "./provision";
import { type SessionClaims, type TokenRefusal, verifySessionToken } from "./session-token";

/** One statement: the person, their live memberships, and the live organizations of those. */
async function findPerson(userId: string) {
  return database().prisma.user.findUnique({
    where: { id: userId },
    include: {
      memberships: {
        where: { ...live, organization: live },
        include: { organization: true },
        orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      },
    },
    relationLoadStrategy: "join",
  });
}

type Person = NonNullable<Awaited<ReturnType<typeof findPerson>>>;

export type Viewer = {
  person: Person;
  /** The membership of the active organization; null when none is active, or the mirror does not know it (yet). */
  activeMembership: Person["memberships"][number] | null;
  isAdmin: boolean;
  /** Who acts in this person's name, when the session is an impersonation. */
  impersonatorId: string | null;
};

/** Why there is no viewer. `revoked`: the token is good, but the person is deleted or banned. */
export type Refusal = TokenRefusal | "revoked";

export type ViewerResult = { viewer: Viewer } | { viewer: null; reason: Refusal };

function cookieNamed(header: string | null, name: string): string | undefined {
  const pair = header?.split(/;\s*/).find((part) => part.startsWith(`${name}=`));
  return pair?.slice(name.length + 1) || undefined;
}

/**
 * The bearer token, else Clerk's session cookie. Clerk suffixes its cookies with 8 characters of the publishable key's
 * SHA-1, so that several apps can share a host. An Authorization header of another kind is refused, not passed over.
 */
function tokenOf(
  headers: Headers,
): { token: string } | { token: null; reason: "missing" | "invalid" } {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) return { token: null, reason: "invalid" };
    return token === "null" || token === "undefined"
      ? { token: null, reason: "missing" }
      : { token };
  }
  const suffix = createHash("sha1").update(env().publishableKey).digest("base64url").slice(0, 8);
  const cookies = headers.get("cookie");
  const token = cookieNamed(cookies, `__session_${suffix}`) ?? cookieNamed(cookies, "__session");
  return token ? { token } : { token: null, reason: "missing" };
}

const isStub = (person: Person) => !person.deleted && person.version === 0n;

async function findOrProvision(userId: string): Promise<Person | null> {
  const person = await findPerson(userId);
  if (person && !isStub(person)) return person;
  await provisionUser(userId);
  return findPerson(userId);
}

function viewerOf(person: Person, claims: SessionClaims): Viewer {
  return {
    person,
    activeMembership:
      person.memberships.find(
        (membership) => membership.organizationId === claims.organizationId,
      ) ?? null,
    isAdmin: person.isAdmin,
    impersonatorId: claims.impersonatorId,
  };
}

export async function findViewer(headers: Headers): Promise<ViewerResult> {
  const found = tokenOf(headers);
  if (found.token === null) return { viewer: null, reason: found.reason };
  const verdict = await verifySessionToken(found.token);
  if (!verdict.ok) return { viewer: null, reason: verdict.reason };
  try {
    const person = await findOrProvision(verdict.claims.userId);
    if (!person || person.deleted || person.isBanned) return { viewer: null, reason: "revoked" };
    return { viewer: viewerOf(person, verdict.claims) };
  } catch (error) {
    if (isClerkAPIResponseError(error) && error.status === 404)
      return { viewer: null, reason: "revoked" };
    log.error(
      "viewer unknown: the mirror or Clerk did not answer",
      { userId: verdict.claims.userId },
      error,
    );
    return { viewer: null, reason: "unavailable" };
  }
}
