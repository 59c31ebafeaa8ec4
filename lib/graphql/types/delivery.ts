import type { Prisma } from "../../generated/prisma/client";
import { builder } from "../builder";
import { viewerDbOf } from "../context";

const LATEST = 8;

/** The columns of a delivery that the API shows. Never the body. */
export const deliverySelect = {
  svixId: true,
  type: true,
  objectId: true,
  outcome: true,
  unread: true,
  receivedAt: true,
} satisfies Prisma.DeliverySelect;

type DeliveryRow = Prisma.DeliveryGetPayload<{ select: typeof deliverySelect }>;

export const ReceivedDelivery = builder.objectRef<DeliveryRow>("ReceivedDelivery").implement({
  description: "A webhook delivery in the inbox, without its body.",
  authScopes: { admin: true },
  fields: (t) => ({
    svixId: t.exposeID("svixId", { nullable: false }),
    type: t.exposeString("type"),
    objectId: t.exposeID("objectId"),
    outcome: t.exposeString("outcome", { nullable: false }),
    unread: t.exposeString("unread", {
      description: "Paths of attributes that could not be read; they are null in the mirror.",
    }),
    receivedAt: t.expose("receivedAt", { type: "DateTime", nullable: false }),
  }),
});

builder.queryField("latestDeliveries", (t) =>
  t.field({
    type: [ReceivedDelivery],
    nullable: false,
    description: `The newest ${LATEST} deliveries.`,
    authScopes: { admin: true },
    resolve: (_root, _args, context) =>
      viewerDbOf(context).delivery.findMany({
        select: deliverySelect,
        orderBy: [{ receivedAt: "desc" }, { svixId: "desc" }],
        take: LATEST,
      }),
  }),
);
