// Tickets that are used, revoked, expired, invented or sent to the wrong operation are refused with Clerk's error codes.

import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { kofi, northwind } from "../testing/seeded";
import { sharedTest as test } from "../testing/test";

test("every kind of ticket is refused when it is used, revoked, expired, invented, or sent to the wrong operation", async ({
  site,
  control,
  clock,
  backend,
}) => {
  const open = async (ticket: string, operation = "sign_ins") => {
    const form = { strategy: "ticket", ticket, password: "correct-horse-77" };
    const browser = site.newBrowser();
    return (await browser.post(`/client/${operation}`, form)).code;
  };
  const given = { userId: kofi.id, expiresInSeconds: 60 };
  const { signInTokens, actorTokens, invitations, organizations } = backend;
  const signInToken = () => signInTokens.createSignInToken(given);
  const actorToken = async () => {
    const { id, token } = await actorTokens.create({ ...given, actor: { sub: "support" } });
    return { id, token: token ?? "" };
  };
  const newAddress = () => `guest-${randomUUID().slice(0, 8)}@example.com`;
  const ticketIn = (url: string | null | undefined) =>
    new URL(url ?? "").searchParams.get("ticket") ?? "";
  const invitation = async () => {
    const { id, url } = await invitations.createInvitation({ emailAddress: newAddress() });
    return { id, token: ticketIn(url) };
  };
  const membership = async () => {
    const emailAddress = newAddress();
    const invitation = { organizationId: northwind.id, emailAddress, role: "org:member" };
    const { id } = await organizations.createOrganizationInvitation(invitation);
    return {
      id,
      token: ticketIn((await control.outbox.latest(emailAddress))?.link),
    };
  };
  const kinds = [
    {
      make: signInToken,
      revoke: (id: string) => signInTokens.revokeSignInToken(id),
      operation: "sign_ins",
      codes: ["sign_in_token_already_used_code", "sign_in_token_revoked_code"],
    },
    {
      make: actorToken,
      revoke: (id: string) => actorTokens.revoke(id),
      operation: "sign_ins",
      codes: ["actor_token_already_used_code", "actor_token_revoked_code"],
    },
    {
      make: invitation,
      revoke: (id: string) => invitations.revokeInvitation(id),
      operation: "sign_ups",
      codes: ["invitation_already_accepted", "revoked_invitation"],
    },
    {
      make: membership,
      revoke: (invitationId: string) =>
        organizations.revokeOrganizationInvitation({ organizationId: northwind.id, invitationId }),
      operation: "sign_ups",
      codes: ["organization_invitation_already_accepted", "organization_invitation_revoked_code"],
    },
  ];
  for (const { make, revoke, operation, codes } of kinds) {
    const [used, revoked] = [await make(), await make()];
    expect(await open(used.token, operation)).toBeUndefined();
    await revoke(revoked.id);
    expect([await open(used.token, operation), await open(revoked.token, operation)]).toEqual(
      codes,
    );
  }
  expect(await open((await signInToken()).token, "sign_ups")).toBe(
    "sign_in_token_not_in_sign_in_code",
  );
  expect(await open((await actorToken()).token, "sign_ups")).toBe(
    "actor_token_not_in_sign_in_code",
  );
  expect(await open("made-up")).toBe("ticket_invalid_code");
  const late = [await signInToken(), await membership()];
  const orphan = await organizations.createOrganization({ name: "Orphan", createdBy: kofi.id });
  const address = newAddress();
  const wanted = { organizationId: orphan.id, emailAddress: address, role: "org:member" };
  await organizations.createOrganizationInvitation(wanted);
  const link = (await control.outbox.latest(address))?.link;
  await organizations.deleteOrganization(orphan.id);
  expect(await open(ticketIn(link), "sign_ups")).toBe(
    "organization_invitation_to_deleted_organization",
  );
  clock.advance(366 * 86_400_000);
  expect(await open(late[0]?.token ?? "")).toBe("ticket_expired_code");
  expect(await open(late[1]?.token ?? "", "sign_ups")).toBe("ticket_expired_code");
});
