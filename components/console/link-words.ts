import type { ResultOf } from "@/lib/document";
import type { LinkChainState } from "./link-chain";

export type ChainLink = ResultOf<typeof LinkChainState>["links"][number];

/** What each link is called, what is said of it when it is broken, and what one does then. */
export const linkWords: Record<
  ChainLink["name"],
  { name: string; broken: string; remedy: string }
> = {
  CLERK: {
    name: "Clerk takes a change",
    broken: "Clerk refused the canary’s change",
    remedy:
      "Check that CLERK_SECRET_KEY is that of this instance, and that the organization of CANARY_ORGANIZATION_ID still exists.",
  },
  SUBSCRIPTION: {
    name: "The endpoint is subscribed to it",
    broken: "Some events are not subscribed to",
    remedy:
      "Other events came, organization.updated did not. In Clerk’s dashboard, under Webhooks, subscribe the endpoint to all events.",
  },
  SENDER: {
    name: "Clerk sends it",
    broken: "Clerk sends nothing",
    remedy:
      "Clerk took the change and no webhook came. In Clerk’s dashboard, under Webhooks, see that the endpoint is there and enabled: after five days of failures it is switched off.",
  },
  ADDRESS: {
    name: "It finds us",
    broken: "Our address does not answer",
    remedy:
      "A GET of /api/webhooks/clerk at APP_URL must answer 405. Check APP_URL, its name and certificate, and what stands in front of the app.",
  },
  SIGNATURE: {
    name: "Its signature verifies",
    broken: "The signing secret is wrong",
    remedy:
      "Clerk’s own webhook was refused. CLERK_WEBHOOK_SIGNING_SECRET must be the endpoint’s signing secret; if it is, see that nothing on the way changes headers or body, and that this machine’s clock is right.",
  },
  WORKER: {
    name: "A worker looks after the rest",
    broken: "No worker runs",
    remedy:
      "What failed is not tried again, and nothing is reconciled. Set ROLLCALL_WORKER=in-app, run “npm run worker” beside the app, or let a scheduler call /api/cron every minute.",
  },
};
