import { retryProvisioning } from "../../identity/provision-retry";
import { builder } from "../builder";
import { viewerDbOf } from "../context";
import { graphQLError } from "../errors";
import { isStorable } from "./storable-text";

const ProvisioningFailure = builder.prismaObject("Provisioning", {
  name: "ProvisioningFailure",
  description:
    "A person who has called, and whom the mirror could not fetch from Clerk yet. Retried by itself.",
  authScopes: { admin: true },
  fields: (t) => ({
    userId: t.exposeID("userId", { nullable: false }),
    attempts: t.exposeInt("attempts", { nullable: false }),
    error: t.exposeString("error", { description: "The class of the last failure." }),
    failedAt: t.expose("failedAt", { type: "DateTime" }),
    retryAt: t.expose("claimedUntil", { type: "DateTime" }),
  }),
});

builder.queryField("provisioningFailures", (t) =>
  t.prismaField({
    type: [ProvisioningFailure],
    nullable: false,
    description: "The most recent 100.",
    authScopes: { admin: true },
    resolve: (select, _root, _args, context) =>
      viewerDbOf(context).provisioning.findMany({
        ...select,
        where: { failedAt: { not: null } },
        orderBy: { failedAt: "desc" },
        take: 100,
      }),
  }),
);

builder.mutationField("retryProvisioning", (t) =>
  t.boolean({
    nullable: false,
    description: "Fetches one person from Clerk now. True when the mirror has them afterwards.",
    authScopes: { administer: true },
    args: { userId: t.arg.id({ required: true }) },
    resolve: async (_root, { userId }, { authentication: { viewer } }) => {
      const isKnown = isStorable(userId)
        ? await retryProvisioning(userId, viewer?.user.id ?? "")
        : null;
      if (isKnown === null) throw graphQLError("BAD_USER_INPUT", "Nobody waits under this id.");
      return isKnown;
    },
  }),
);
