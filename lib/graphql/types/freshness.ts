/** The query `freshness`: how far the mirror may be behind Clerk. The same is in a response's `extensions` on request. */
import { type Freshness, findFreshness } from "../../sync/monitoring/freshness";
import { builder } from "../builder";

const FreshnessType = builder.objectRef<Freshness>("Freshness").implement({
  description: "How far the mirror may be behind Clerk.",
  authScopes: { viewer: true },
  fields: (t) => ({
    asOf: t.expose("asOf", {
      type: "DateTime",
      description:
        "Everything that Clerk changed before this time is in the mirror, as far as deliveries show. Null before the first event.",
    }),
    lagMs: t.exposeFloat("lagMs", { description: "The time since `asOf`, in ms." }),
  }),
});

builder.queryField("freshness", (t) =>
  t.field({
    type: FreshnessType,
    nullable: false,
    description: "How far the mirror may be behind Clerk, read before the other fields' data.",
    authScopes: { viewer: true },
    resolve: () => findFreshness(),
  }),
);
