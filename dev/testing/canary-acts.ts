/** What other admins do about the canary (canary-person.ts) at Clerk and in the console, where it could be stored with the canary's data. */
import { runBulk, startBulk } from "@/lib/acts/bulk";
import { performAct } from "@/lib/acts/perform";
import { createView } from "@/lib/console/views";
import { database } from "@/lib/db";
import { answerJson, type BackendApi } from "./backend-api";
import type { Canary } from "./canary-person";
import { clerkId, userJson } from "./clerk-payloads";
import { mirrorAdmin } from "./mirror";

/**
 * An admin invites the canary to its own organization, which Clerk refuses in words with the address. Then the admin deletes the
 * canary, which LAST_ADMIN_POLICY refuses, bans the canary and a friend for a reason that names the canary, and saves a search for
 * the address. `env().lastAdminPolicy` must be `refuse`.
 */
export async function leaveAdminTraces(canary: Canary, clerk: BackendApi): Promise<void> {
  const { id, friendId, organizationId, membershipId } = canary;
  const [address = ""] = canary.addresses;
  const adminId = clerkId("user");
  await mirrorAdmin(adminId);
  const metadata = { public_metadata: { role: "admin" } };
  clerk.users.push({ ...userJson({ id: adminId, ...metadata }), id: adminId, created_at: 1 });
  clerk.intercept = (response, url, request) => {
    if (request.method === "GET") return false;
    const banned = /users\/(\w+)\/ban$/.exec(url.pathname)?.[1];
    if (banned) return answerJson(response, 200, userJson({ id: banned, banned: true }));
    const error = { code: "already_a_member_in_organization", message: "is a member" };
    const long_message = `${address} is already a member of the organization.`;
    return answerJson(response, 422, { errors: [{ ...error, long_message }] });
  };
  await performAct({
    ...{ name: "organization.invite", objectId: organizationId },
    args: { email: address, role: "org:member" },
    ...{ reason: null, actorId: adminId, authority: { kind: "platform" } },
  });
  await database().pool.query(
    "UPDATE memberships SET role = CASE WHEN id = $1 THEN 'org:admin' ELSE 'org:member' END WHERE organization_id = $2",
    [membershipId, organizationId],
  );
  const reason = `complaint about ${canary.userObject.first_name}`;
  const both = { actorId: adminId, reason };
  for (const request of [
    { ...both, name: "user.delete", objectIds: [id], args: { deletionReason: "admin_action" } },
    { ...both, name: "user.ban", objectIds: [id, friendId], args: {} },
  ]) {
    const started = await startBulk(request);
    if (!(typeof started === "object" && "bulkId" in started))
      throw new Error("the bulk act was refused");
    await runBulk(started.bulkId, { pauseMs: 0 });
  }
  clerk.intercept = null;
  const parameters = `search=${encodeURIComponent(address)}`;
  await createView(adminId, "users", { name: "Complaints", parameters, isShared: true });
}
