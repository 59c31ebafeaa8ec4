/** The figures of the console's Overview. */
import {
  type Buckets,
  findActive,
  findEvents,
  findGrowth,
  findOpenActs,
} from "../../console/figures";
import { builder } from "../builder";

const FigureBuckets = builder.objectRef<Buckets>("FigureBuckets").implement({
  description: "Counts in buckets of equal length, the oldest first. The last one is under way.",
  authScopes: { admin: true },
  fields: (t) => ({
    start: t.expose("start", { type: "DateTime", nullable: false }),
    values: t.exposeIntList("values", { nullable: false }),
    countedSince: t.expose("countedSince", {
      type: "DateTime",
      description: "Rows before this time are not counted, as there are too many. Null if all are.",
    }),
  }),
});

type OpenActs = Awaited<ReturnType<typeof findOpenActs>>;

const OpenActCounts = builder.objectRef<OpenActs>("OpenActCounts").implement({
  description: "Acts that need an admin.",
  authScopes: { admin: true },
  fields: (t) => ({
    pausedBulk: t.exposeInt("paused", {
      nullable: false,
      description: "Bulk acts that wait for Clerk.",
    }),
    unanswered: t.exposeInt("unanswered", {
      nullable: false,
      description: "Acts of the last day of which it is not known whether Clerk did them.",
    }),
    withoutWebhook: t.exposeInt("held", {
      nullable: false,
      description: "Acts that Clerk did over 10 minutes ago, and whose webhook has not come.",
    }),
  }),
});

const Figures = builder.objectRef<object>("ConsoleFigures").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    signUpsPerDay: t.field({
      type: FigureBuckets,
      nullable: false,
      description: "Users created on each of the last 90 days (UTC), also those deleted since.",
      resolve: async () => (await findGrowth()).users,
    }),
    organizationsPerDay: t.field({
      type: FigureBuckets,
      nullable: false,
      resolve: async () => (await findGrowth()).organizations,
    }),
    lastActivePerDay: t.field({
      type: FigureBuckets,
      nullable: false,
      description: "Users by the day of their last activity, in the last 30 days.",
      resolve: () => findActive(),
    }),
    eventsPerHour: t.field({
      type: FigureBuckets,
      nullable: false,
      description: "Deliveries received in each of the last 48 hours.",
      resolve: async () => (await findEvents()).all,
    }),
    failuresPerHour: t.field({
      type: FigureBuckets,
      nullable: false,
      description: "Those of them that failed: dead letters, unreadable, of another instance.",
      resolve: async () => (await findEvents()).failed,
    }),
    openActs: t.field({
      type: OpenActCounts,
      nullable: false,
      resolve: () => findOpenActs(),
    }),
  }),
});

builder.queryField("consoleFigures", (t) =>
  t.field({
    type: Figures,
    nullable: false,
    description: "The figures of the Overview. They may be 15 seconds old.",
    authScopes: { admin: true },
    resolve: () => ({}),
  }),
);
