/** The list of invitations to the app. Clerk sends no webhooks about them, so it is read from Clerk. */
import type { Invitation } from "@clerk/backend";
import { clerk } from "../clerk";
import { callClerk, refusalOf } from "./at-clerk";

export type AppInvitation = Invitation;

export type AppInvitationPage = {
  invitations: AppInvitation[];
  totalCount: number;
  /** Why Clerk did not give the list; null if it did. */
  error: string | null;
};

export const PAGE_SIZE = 50;
const MAX_QUERY = 254;
const MAX_OFFSET = 1_000_000;

type Given = {
  status: Invitation["status"] | null;
  /** A part of the e-mail address, or an id. */
  query: string | null;
  offset: number;
};

export async function findAppInvitations(given: Given): Promise<AppInvitationPage> {
  const { status, query, offset } = given;
  try {
    const { data, totalCount } = await callClerk(() =>
      clerk().invitations.getInvitationList({
        ...{ limit: PAGE_SIZE, offset: Math.min(Math.max(offset, 0), MAX_OFFSET) },
        ...(status && { status }),
        ...(query && { query: query.slice(0, MAX_QUERY) }),
      }),
    );
    return { invitations: data, totalCount, error: null };
  } catch (error) {
    return { invitations: [], totalCount: 0, error: refusalOf(error).message };
  }
}
