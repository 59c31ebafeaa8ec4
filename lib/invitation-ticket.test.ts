import { expect, test } from "vitest";
import { invitationOfTicket } from "./invitation-ticket";

const ticketOf = (claims: unknown) =>
  `${btoa("{}")}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
const invited = { st: "organization_invitation", sid: "orginv_1", oid: "org_ö?>" };

test("invitationOfTicket returns the ids of the invitation and its organization", () => {
  expect(invitationOfTicket(ticketOf(invited))).toEqual({
    invitationId: "orginv_1",
    organizationId: "org_ö?>",
  });
});

test.each([
  ["no ticket", undefined],
  ["an opaque ticket", "abc"],
  ["a broken payload", "a.%%%.c"],
  ["a payload that is no object", ticketOf("x")],
  ["a sign-in ticket", ticketOf({ ...invited, st: "sign_in_token" })],
  ["an invitation to the app", ticketOf({ ...invited, sid: "inv_1" })],
  ["an organization that is none", ticketOf({ ...invited, oid: "/evil" })],
])("invitationOfTicket returns null for %s", (_name, ticket) => {
  expect(invitationOfTicket(ticket)).toBeNull();
});
