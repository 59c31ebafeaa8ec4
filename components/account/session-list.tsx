"use client";

import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { SessionFields } from "./session-fields";

const endMutation = graphql(`
  mutation EndSession($id: ID!) {
    endSession(id: $id)
  }
`);

const endOthersMutation = graphql(`
  mutation EndOtherSessions {
    endOtherSessions
  }
`);

/**
 * Lists the viewer's sessions. Hides a session as soon as the user has ended it, because Clerk's event reaches the mirror a
 * moment later.
 */
export function SessionList({ sessions }: { sessions: FragmentOf<typeof SessionFields>[] }) {
  const [end, ending] = useMutation(endMutation);
  const [endOthers, endingOthers] = useMutation(endOthersMutation);
  const [endedIds, setEndedIds] = useState<readonly string[]>([]);
  const [outcome, setOutcome] = useState<{ text: string; isFailure?: boolean } | null>(null);
  const isBusy = ending.loading || endingOthers.loading;
  const open = sessions
    .map((each) => readFragment(SessionFields, each))
    .filter(({ id }) => !endedIds.includes(id));
  const others = open.filter(({ isCurrent }) => !isCurrent);

  const run = async (work: () => Promise<string[]>) => {
    if (isBusy) return;
    setOutcome(null);
    try {
      const ids = await work();
      setEndedIds((before) => [...before, ...ids]);
      setOutcome({ text: ids.length === 1 ? "Session ended." : `${ids.length} sessions ended.` });
    } catch {
      setOutcome({
        text: "Clerk did not answer, so the session may be open. Try again.",
        isFailure: true,
      });
    }
  };

  return (
    <div className="flex flex-col gap-4">
      <ul className="rounded-card border border-line bg-surface">
        {open.map(({ id, isCurrent, isImpersonated, device, place, lastActiveAt, createdAt }) => (
          <li
            key={id}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line p-4 last:border-b-0"
          >
            <div className="min-w-0 flex-1 basis-56">
              <p className="flex flex-wrap items-center gap-x-2 wrap-anywhere">
                <bdi>{device ?? "Unknown device"}</bdi>
                {isCurrent && <Badge tone="good">This device</Badge>}
                {isImpersonated && <Badge tone="warn">Opened by the team</Badge>}
              </p>
              <p className="flex flex-wrap gap-x-3 text-md text-ink-soft">
                {place && <bdi>{place}</bdi>}
                {createdAt && (
                  <span>
                    Signed in <Time value={createdAt} />
                  </span>
                )}
                {lastActiveAt && (
                  <span>
                    Last active <Time value={lastActiveAt} />
                  </span>
                )}
              </p>
            </div>
            {!isCurrent && (
              <Button
                disabled={isBusy}
                onClick={() =>
                  run(async () => (await end({ variables: { id } })).data?.endSession ?? [])
                }
              >
                End session
              </Button>
            )}
          </li>
        ))}
      </ul>
      <div className="flex min-h-8 flex-wrap items-center gap-4">
        {others.length > 1 && (
          <Button
            disabled={isBusy}
            onClick={() => run(async () => (await endOthers()).data?.endOtherSessions ?? [])}
          >
            End all other sessions
          </Button>
        )}
        <p role="status" className={outcome?.isFailure ? "text-bad" : "text-good"}>
          {outcome?.text}
        </p>
      </div>
    </div>
  );
}
