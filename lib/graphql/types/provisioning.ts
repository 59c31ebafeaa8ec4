import { retryProvisioning } from "../../identity/provision-retry";
import { failedProvisionings } from "../../sync/monitoring/delivery-lists";
import { builder } from "../builder";
import { viewerDbOf } from "../context";
import { graphQLError } from "../errors";
import { isStorable } from "./storable-text";

const ProvisioningFailure = builder.prismaObject("Provisioning", {
  name: "ProvisioningFailure",
  description:
    "A user who has signed in and could not be read from Clerk yet. Retried automatically.",
  authScopes: { admin: true },
  fields: (t) => ({
    userId: t.exposeID("userId", { nullable: false }),
    attempts: t.exposeInt("attempts", { nullable: false }),
    error: t.exposeString("error", {
      description: "The class of the last failure, such as timeout.",
    }),
    failedAt: t.expose("failedAt", { type: "DateTime" }),
    retryAt: t.expose("claimedUntil", { type: "DateTime" }),
  }),
});

builder.queryField("provisioningFailures", (t) =>
  t.prismaField({
    type: [ProvisioningFailure],
    nullable: false,
    description: "The most recent 100; SyncState.provisioning counts all.",
    authScopes: { admin: true },
    resolve: (select, _root, _args, context) =>
      viewerDbOf(context).provisioning.findMany({
        ...select,
        where: failedProvisionings,
        orderBy: [{ failedAt: "desc" }, { userId: "asc" }],
        take: 100,
      }),
  }),
);

builder.mutationField("retryProvisioning", (t) =>
  t.boolean({
    nullable: false,
    description: "Reads one user from Clerk now. True when the user is mirrored afterwards.",
    authScopes: { administer: true },
    args: { userId: t.arg.id({ required: true }) },
    resolve: async (_root, { userId }, { authentication: { viewer } }) => {
      const isMirrored = isStorable(userId)
        ? await retryProvisioning(userId, viewer?.user.id ?? "")
        : null;
      if (isMirrored === null)
        throw graphQLError("BAD_USER_INPUT", "There is no failed provisioning for this user id.");
      return isMirrored;
    },
  }),
);
