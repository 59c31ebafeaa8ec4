import { Badge, type Tone } from "@/components/ui/badge";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";

export const ActivityFields = graphql(`
  fragment ActivityFields on Act {
    id
    label
    state
    actorName
    objectName
    error
    requestedAt
  }
`);

const states: Record<ResultOf<typeof ActivityFields>["state"], { word: string; tone: Tone }> = {
  REQUESTED: { word: "Waiting for Clerk", tone: "wait" },
  SENT: { word: "Pending at Clerk", tone: "wait" },
  CONFIRMED: { word: "Done", tone: "plain" },
  REFUSED: { word: "Refused", tone: "bad" },
  UNANSWERED: { word: "Not known", tone: "warn" },
};

/** Lists what admins asked Clerk to do in this organization, newest first. */
export function OrganizationActivity(props: { acts: FragmentOf<typeof ActivityFields>[] }) {
  const acts = readFragment(ActivityFields, props.acts);
  if (acts.length === 0) return null;
  return (
    <section aria-labelledby="activity" className="flex flex-col gap-4">
      <h2 id="activity" className="text-lg">
        Activity
      </h2>
      <ul className="rounded-card border border-line bg-surface">
        {acts.map(({ id, label, state, actorName, objectName, error, requestedAt }) => (
          <li key={id} className="flex items-center gap-4 border-b border-line p-4 last:border-b-0">
            <div className="min-w-0 flex-1">
              <p className="wrap-anywhere">
                {label}
                {objectName && (
                  <>
                    {": "}
                    <bdi>{objectName}</bdi>
                  </>
                )}
              </p>
              <p className="text-md wrap-anywhere text-ink-soft">
                {actorName && (
                  <>
                    <bdi>{actorName}</bdi>
                    {" · "}
                  </>
                )}
                <Time value={requestedAt} />
                {error && ` · ${error}`}
              </p>
            </div>
            <Badge tone={states[state].tone}>{states[state].word}</Badge>
          </li>
        ))}
      </ul>
    </section>
  );
}
