"use client";

import { useMutation } from "@apollo/client/react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { ButtonLink } from "@/components/ui/button-link";
import { Time } from "@/components/ui/time";
import { graphql } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";

const ConfirmDialog = dynamic(() =>
  import("@/components/ui/confirm-dialog").then((m) => m.ConfirmDialog),
);

const releaseMutation = graphql(`
  mutation ReleaseErasureBrake($reason: String!) {
    releaseErasureBrake(reason: $reason)
  }
`);

type EngagedBrake = { engagedAt: string; deletions: number; waiting: number };

/** Shows that the brake has paused the erasures, with a button that releases the brake. */
export function ErasureBrake({ engagedAt, deletions, waiting }: EngagedBrake) {
  const router = useRouter();
  const [isOpen, setIsOpen] = useState(false);
  const [release] = useMutation(releaseMutation);
  const run = async (reason: string): Promise<string | null> => {
    try {
      await release({ variables: { reason } });
      setIsOpen(false);
      router.refresh();
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : "The request failed.";
    }
  };
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 rounded-card bg-warn-quiet px-4 py-3 text-warn">
      <p className="text-pretty">
        Erasures were paused <Time value={engagedAt} />: {formatCount(deletions)} deletions within
        an hour. {formatCount(waiting)} {waiting === 1 ? "waits" : "wait"}. None of them has access.
        Undo what was deleted by mistake, then release the rest.
      </p>
      <div className="flex gap-2">
        <ButtonLink href={`${paths.erasures}?state=paused`}>Show them</ButtonLink>
        <Button onClick={() => setIsOpen(true)}>Release…</Button>
      </div>
      {isOpen && (
        <ConfirmDialog
          title={waiting === 1 ? "Release 1 erasure?" : `Release ${formatCount(waiting)} erasures?`}
          text="Their data is erased, each after its holdback. That cannot be undone."
          confirm={{ label: "Release", busyLabel: "Releasing" }}
          isDestructive
          reason="required"
          onCancel={() => setIsOpen(false)}
          onConfirm={({ reason }) => run(reason)}
        />
      )}
    </div>
  );
}
