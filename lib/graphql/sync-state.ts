/** How the mirror is, in short: what the console's bar says on every page. */
import { findHealth, type Health } from "../sync/health";
import { builder } from "./builder";

const SyncState = builder.objectRef<Health>("SyncState").implement({
  description: "How the copy of Clerk is doing.",
  authScopes: { admin: true },
  fields: (t) => ({
    newestAt: t.expose("lastDeliveryAt", {
      type: "DateTime",
      description: "When the newest delivery came that was settled.",
    }),
    waiting: t.exposeInt("pending", {
      nullable: false,
      description: "Deliveries that are recorded, and not applied yet.",
    }),
    setAside: t.int({
      nullable: false,
      description: "Deliveries that somebody has to look at.",
      resolve: ({ dead, quarantined }) => dead + quarantined,
    }),
    isWorkerAlive: t.exposeBoolean("isWorkerAlive", { nullable: false }),
  }),
});

builder.queryField("syncState", (t) =>
  t.field({
    type: SyncState,
    nullable: false,
    authScopes: { admin: true },
    resolve: () => findHealth(),
  }),
);
