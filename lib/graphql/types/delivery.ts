import type { Prisma } from "../../generated/prisma/client";
import { builder } from "../builder";
import { viewerDbOf } from "../context";

const LATEST = 8;

/** Of a row of the inbox, what is shown; never its body. */
export const deliverySelect = {
  svixId: true,
  type: true,
  objectId: true,
  outcome: true,
  receivedAt: true,
} satisfies Prisma.DeliverySelect;

type Shown = Prisma.DeliveryGetPayload<{ select: typeof deliverySelect }>;

export const ReceivedDelivery = builder.objectRef<Shown>("ReceivedDelivery").implement({
  description: "A row of the inbox, in short.",
  authScopes: { admin: true },
  fields: (t) => ({
    svixId: t.exposeID("svixId", { nullable: false }),
    type: t.exposeString("type"),
    objectId: t.exposeID("objectId"),
    outcome: t.exposeString("outcome", { nullable: false }),
    receivedAt: t.expose("receivedAt", { type: "DateTime", nullable: false }),
  }),
});

builder.queryField("latestDeliveries", (t) =>
  t.field({
    type: [ReceivedDelivery],
    nullable: false,
    description: `The newest ${LATEST} of the inbox.`,
    authScopes: { admin: true },
    resolve: (_root, _args, context) =>
      viewerDbOf(context).delivery.findMany({
        select: deliverySelect,
        orderBy: [{ receivedAt: "desc" }, { svixId: "desc" }],
        take: LATEST,
      }),
  }),
);
