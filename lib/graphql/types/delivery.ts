import type { Prisma } from "../../generated/prisma/client";
import {
  type DeliveryList,
  deliveryLists,
  inDeliveryList,
} from "../../sync/monitoring/delivery-lists";
import { findUnreadObjects, type UnreadObject } from "../../sync/monitoring/unread-objects";
import { builder } from "../builder";
import { viewerDbOf } from "../context";
import { enumValues } from "./sync-state";

const LATEST = 8;
/** The maximum number of rows in a list of the page Health. `totalCount` counts all rows. */
const LISTED = 100;

/** The columns of a delivery that the API returns. Never the body. */
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

const DeliveryListName = builder.enumType("DeliveryListName", {
  description: "Deliveries that an admin may have to act on, as SyncState counts them.",
  values: enumValues(deliveryLists),
});

const ListedDeliveries = builder
  .objectRef<{ totalCount: number; newest: DeliveryRow[] }>("ListedDeliveries")
  .implement({
    authScopes: { admin: true },
    fields: (t) => ({
      totalCount: t.exposeInt("totalCount", { nullable: false }),
      newest: t.expose("newest", {
        type: [ReceivedDelivery],
        nullable: false,
        description: `The newest ${LISTED}.`,
      }),
    }),
  });

builder.queryField("listedDeliveries", (t) =>
  t.field({
    type: ListedDeliveries,
    nullable: false,
    authScopes: { admin: true },
    args: { list: t.arg({ type: DeliveryListName, required: true }) },
    resolve: async (_root, { list }: { list: DeliveryList }, context) => {
      const where = inDeliveryList(list);
      const db = viewerDbOf(context);
      const totalCount = await db.delivery.count({ where });
      const newest = await db.delivery.findMany({
        select: deliverySelect,
        where,
        orderBy: [{ receivedAt: "desc" }, { svixId: "desc" }],
        take: LISTED,
      });
      return { totalCount, newest };
    },
  }),
);

const UnreadObjectType = builder.objectRef<UnreadObject>("UnreadObject").implement({
  description: "An object at Clerk that the newest reconciliation could not read entirely.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    table: t.exposeString("table", { nullable: false, description: "Such as users." }),
    isPartial: t.exposeBoolean("isPartial", {
      nullable: false,
      description: "True if the rest of it is mirrored.",
    }),
    paths: t.exposeStringList("paths", {
      nullable: false,
      description: "The attributes that could not be read; never their values.",
    }),
  }),
});

builder.queryField("unreadObjects", (t) =>
  t.field({
    type: [UnreadObjectType],
    nullable: false,
    description: "The first 1,000; SyncState.unreadAtClerk counts all.",
    authScopes: { admin: true },
    resolve: () => findUnreadObjects(),
  }),
);
