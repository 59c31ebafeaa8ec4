/**
 * Readers for exports of whole lists. A list's resolver passes a reader to the export. The reader reads the rows that the
 * operation's arguments select, in the list's order.
 */
import type { Prisma } from "../../generated/prisma/client";

export const exportedUser = {
  ...{ id: true, email: true, isEmailVerified: true, phoneNumber: true, username: true },
  ...{ firstName: true, lastName: true, externalId: true, isAdmin: true, isBanned: true },
  ...{ isLocked: true, deleted: true, twoFactorEnabled: true, sortName: true, sortEmail: true },
  ...{ sortUsername: true, sortPhone: true, sortExternalId: true, sortState: true },
  ...{ createdAt: true, updatedAt: true, lastActiveAt: true, lastSignInAt: true },
} satisfies Prisma.UserSelect;

export const exportedOrganization = {
  ...{ id: true, name: true, slug: true, createdBy: true, maxAllowedMemberships: true },
  ...{
    adminDeleteEnabled: true,
    membersCount: true,
    sortName: true,
    sortSlug: true,
    sortCreator: true,
    createdAt: true,
    updatedAt: true,
  },
} satisfies Prisma.OrganizationSelect;

export const exportedInvitation = {
  ...{ id: true, email: true, role: true, roleName: true, status: true, organizationId: true },
  ...{ inviterId: true, expiresAt: true, createdAt: true },
  ...{ sortEmail: true, sortStatus: true, sortRole: true },
} satisfies Prisma.InvitationSelect;

export const exportedMember = {
  ...{ id: true, role: true, roleName: true, createdAt: true, updatedAt: true, userId: true },
  sortRole: true,
  user: { select: exportedUser },
} satisfies Prisma.MembershipSelect;

export type UserLine = Prisma.UserGetPayload<{ select: typeof exportedUser }>;
export type OrganizationLine = Prisma.OrganizationGetPayload<{
  select: typeof exportedOrganization;
}>;
export type MemberLine = Prisma.MembershipGetPayload<{ select: typeof exportedMember }>;
export type InvitationLine = Prisma.InvitationGetPayload<{ select: typeof exportedInvitation }>;
export type AuditLine = {
  id: string;
  at: Date;
  actor: string;
  action: string;
  subject: string | null;
  detail: Prisma.JsonValue;
  sessionId: string | null;
};

type Pages<Line> = (size: number) => AsyncGenerator<Line[], void>;

export type ListReader =
  | { list: "users"; pages: Pages<UserLine> }
  | { list: "organizations"; pages: Pages<OrganizationLine> }
  | { list: "members"; pages: Pages<MemberLine> }
  | { list: "invitations"; pages: Pages<InvitationLine> }
  | { list: "audit"; pages: Pages<AuditLine> };
