/** Adds users and organizations to the mirror for a test, by sending signed webhooks to the real route. */
import { POST } from "@/app/api/webhooks/clerk/route";
import { event, membershipJson, organizationJson, userJson } from "./clerk-payloads";
import { svixHeaders } from "./sign";

export async function deliver(payload: object): Promise<void> {
  const body = JSON.stringify(payload);
  const headers = svixHeaders(body, process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "");
  const url = "https://rollcall.test/api/webhooks/clerk";
  const response = await POST(new Request(url, { method: "POST", body, headers }));
  if (response.status !== 200) throw new Error(`the webhook was answered with ${response.status}`);
}

type Fields = Record<string, unknown>;

export const mirrorUser = (id: string, fields: Fields = {}) =>
  deliver(event("user.created", userJson({ id, ...fields })));

export const mirrorAdmin = (id: string) => mirrorUser(id, { public_metadata: { role: "admin" } });

export const mirrorOrganization = (id: string, fields: Fields = {}) =>
  deliver(event("organization.created", organizationJson({ id, ...fields })));

export const mirrorMembership = (id: string, userId: string, organizationId: string) =>
  deliver(event("organizationMembership.created", membershipJson({ id, userId, organizationId })));
