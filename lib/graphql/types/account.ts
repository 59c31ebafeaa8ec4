/** The viewer's own account: sessions, purchases, and the mutations that end sessions or delete the account. */
import { deleteAccount } from "../../account/delete-account";
import { endOwnSessions, openSession } from "../../account/sessions";
import { notDeleted } from "../../db";
import { findRefusingOrganizations, ONLY_ADMIN_ADVICE, OnlyAdmin } from "../../erasure/last-admin";
import { placeName, sessionDevice } from "../../format";
import { isReverified } from "../../identity/reverification";
import { builder } from "../builder";
import { type Context, viewerDbOf } from "../context";
import { graphQLError, requireSelf } from "../errors";
import { newestFirst } from "./keyset-pagination";
import { Viewer } from "./viewer";

const MAX_LISTED = 100;

export const Session = builder.prismaObject("Session", {
  description: "A session that has not ended.",
  authScopes: { viewer: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    isCurrent: t.boolean({
      nullable: false,
      description: "True for the session of this request.",
      resolve: ({ id }, _args, { authentication }) =>
        authentication.viewer?.claims.sessionId === id,
    }),
    isImpersonated: t.boolean({
      nullable: false,
      description: "True if the team opened it in the viewer's name.",
      resolve: ({ actorId }) => actorId !== null,
    }),
    device: t.string({
      description: "The browser and device of the sign-in, such as Chrome 128 on Macintosh.",
      resolve: (session) => sessionDevice(session),
    }),
    place: t.string({
      description: "The city and country that Clerk derived from the IP address of the sign-in.",
      resolve: ({ city, country }) => placeName(city, country),
    }),
    lastActiveAt: t.expose("lastActiveAt", { type: "DateTime" }),
    expireAt: t.expose("expireAt", { type: "DateTime" }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
  }),
});

export const Payment = builder.prismaObject("PaymentAttempt", {
  name: "Payment",
  description: "A payment, or an attempt that failed.",
  authScopes: { viewer: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    status: t.exposeString("status", { description: "pending, paid or failed." }),
    amount: t.float({
      description: "In the smallest unit of the currency.",
      resolve: ({ amount }) => (amount === null ? null : Number(amount)),
    }),
    currency: t.exposeString("currency"),
    plans: t.exposeStringList("plans", {
      nullable: false,
      description: "Names of the plans paid for.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
  }),
});

export const SubscriptionItem = builder.prismaObject("SubscriptionItem", {
  description: "A plan of a subscription.",
  authScopes: { viewer: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    planName: t.exposeString("planName"),
    status: t.exposeString("status"),
    isFreeTrial: t.exposeBoolean("isFreeTrial", { nullable: false }),
    interval: t.exposeString("interval", { description: "month or annual." }),
    amount: t.float({
      description: "In the smallest unit of the currency.",
      resolve: ({ amount }) => (amount === null ? null : Number(amount)),
    }),
    currency: t.exposeString("currency"),
    periodEnd: t.expose("periodEnd", { type: "DateTime" }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
  }),
});

/** @throws BAD_USER_INPUT if LAST_ADMIN_POLICY is `refuse` and an organization would keep members but lose its only admin */
async function requireOtherAdmins(userId: string): Promise<void> {
  const names = await findRefusingOrganizations(userId);
  if (names === null) return;
  throw graphQLError("BAD_USER_INPUT", `You are the only admin of ${names}. ${ONLY_ADMIN_ADVICE}`);
}

async function mayDelete(id: string, context: Context): Promise<boolean> {
  const select = { deleteSelfEnabled: true };
  const row = await viewerDbOf(context).user.findUnique({ where: { id }, select });
  return row?.deleteSelfEnabled !== false;
}

builder.objectFields(Viewer, (t) => ({
  isReverified: t.boolean({
    nullable: false,
    description:
      "The session verified a factor in the last 10 minutes: needed to download or delete the viewer's data.",
    resolve: ({ claims }) => isReverified(claims, Date.now() / 1000),
  }),
  mayDeleteAccount: t.boolean({
    nullable: false,
    description: "False if Clerk does not let the viewer delete their account.",
    resolve: ({ user }, _args, context) => mayDelete(user.id, context),
  }),
  sessions: t.prismaField({
    type: [Session],
    nullable: false,
    description: "The viewer's sessions that have not ended: the newest 100.",
    resolve: (select, { user }, _args, context) =>
      viewerDbOf(context).session.findMany({
        ...select,
        where: { userId: user.id, ...openSession },
        orderBy: newestFirst,
        take: MAX_LISTED,
      }),
  }),
  payments: t.prismaField({
    type: [Payment],
    nullable: false,
    description: "The viewer's own payments, not those of an organization: the newest 100.",
    resolve: (select, { user }, _args, context) =>
      viewerDbOf(context).paymentAttempt.findMany({
        ...select,
        where: { userId: user.id, ...notDeleted },
        orderBy: newestFirst,
        take: MAX_LISTED,
      }),
  }),
  subscriptionItems: t.prismaField({
    type: [SubscriptionItem],
    nullable: false,
    description: "The plans of the viewer's own subscription: the newest 100.",
    resolve: (select, { user }, _args, context) =>
      viewerDbOf(context).subscriptionItem.findMany({
        ...select,
        where: { userId: user.id, ...notDeleted },
        orderBy: newestFirst,
        take: MAX_LISTED,
      }),
  }),
}));

async function atClerk<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw graphQLError("UNAVAILABLE", "Clerk did not do this. Try again.", { cause });
  }
}

builder.mutationFields((t) => ({
  endSession: t.idList({
    nullable: false,
    description: "Ends one of the viewer's own sessions. Returns its id.",
    authScopes: { viewer: true },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      const { user } = requireSelf(context);
      const ended = await atClerk(() => endOwnSessions(user.id, (each) => each === id));
      if (ended.length === 0)
        throw graphQLError("BAD_USER_INPUT", "You have no session with this id.");
      return ended;
    },
  }),
  endOtherSessions: t.idList({
    nullable: false,
    description:
      "Ends all of the viewer's sessions but the one of this request. Returns their ids.",
    authScopes: { viewer: true },
    resolve: async (_root, _args, context) => {
      const { user, claims } = requireSelf(context);
      return atClerk(() => endOwnSessions(user.id, (each) => each !== claims.sessionId));
    },
  }),
  deleteAccount: t.id({
    nullable: false,
    description:
      "Deletes the viewer here at once, and at Clerk as soon as it answers. Needs a factor that was verified in the last 10 minutes. Returns the token that reads the receipt.",
    authScopes: { viewer: true },
    resolve: async (_root, _args, context) => {
      const { user, claims } = requireSelf(context);
      if (!isReverified(claims, Date.now() / 1000))
        throw graphQLError("REVERIFICATION_REQUIRED", "Confirm that it is you, and try again.");
      if (!(await mayDelete(user.id, context)))
        throw graphQLError("FORBIDDEN", "Your team has switched this off. Ask it to delete you.");
      await requireOtherAdmins(user.id);
      try {
        return await deleteAccount(user.id);
      } catch (error) {
        if (error instanceof OnlyAdmin) throw graphQLError("BAD_USER_INPUT", error.message);
        throw error;
      }
    },
  }),
}));
