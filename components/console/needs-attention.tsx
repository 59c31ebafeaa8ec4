import { Link } from "@/components/ui/link";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { SyncState, SyncStateFindings } from "./sync-state";

export const OpenActsFields = graphql(`
  fragment OpenActsFields on OpenActCounts {
    pausedBulk
    unanswered
    withoutWebhook
  }
`);

const plural = (count: number, one: string, many: string) =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** What needs an admin, each with a link to it: problems of the sync, and acts that did not end. */
export function NeedsAttention(props: {
  state: FragmentOf<typeof SyncStateFindings>;
  openActs: FragmentOf<typeof OpenActsFields>;
}) {
  const { findings } = readFragment(SyncStateFindings, props.state);
  const { pausedBulk, unanswered, withoutWebhook } = readFragment(OpenActsFields, props.openActs);
  const hasProblem = findings.some(({ state }) => state === "BAD" || state === "WARN");
  const acts = [
    {
      count: pausedBulk,
      href: paths.bulkActs,
      text: `${plural(pausedBulk, "bulk act is", "bulk acts are")} paused, because Clerk does not answer. The worker tries again every minute.`,
    },
    {
      count: unanswered,
      href: paths.audit,
      text: `Of ${plural(unanswered, "act", "acts")} of the last day it is not known whether Clerk did it. Check before you do it again.`,
    },
    {
      count: withoutWebhook,
      href: paths.sync,
      text: `Clerk did ${plural(withoutWebhook, "act", "acts")} over 10 minutes ago, and the webhook has not come.`,
    },
  ].filter(({ count }) => count > 0);
  return (
    <section aria-labelledby="attention" className="flex flex-col gap-3">
      <h2 id="attention" className="text-base">
        Needs attention
      </h2>
      {hasProblem && <SyncState state={props.state} isOnlyProblems />}
      {acts.map(({ href, text }) => (
        <p key={href} className="max-w-prose text-pretty">
          {text}{" "}
          <Link href={href} className="rounded-control text-accent hover:underline">
            Show
          </Link>
        </p>
      ))}
      {!hasProblem && acts.length === 0 && (
        <p className="text-ink-soft">Nothing needs you now. Events arrive and are applied.</p>
      )}
    </section>
  );
}
