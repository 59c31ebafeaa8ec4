"use client";

import { useMutation } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Time } from "@/components/ui/time";
import { graphql } from "@/lib/document";
import { formatCount } from "@/lib/format";

const verifyMutation = graphql(`
  mutation VerifyErasureReceipts {
    verifyErasureReceipts {
      fault
    }
  }
`);

type Receipts = { count: number; hash: string; fault: string | null; verifiedAt: string | null };

function State({ count, hash, fault, verifiedAt }: Receipts) {
  if (fault !== null) {
    return (
      <p role="alert" className="rounded-card bg-bad-quiet px-4 py-3 text-pretty text-bad">
        The chain of receipts is broken. {fault} Compare it with an earlier export of{" "}
        <code>npm run erasure:receipts</code>.
      </p>
    );
  }
  if (count === 0) return <p className="text-ink-soft">No receipts yet.</p>;
  return (
    <p className="text-pretty text-ink-soft">
      {formatCount(count)} {count === 1 ? "receipt" : "receipts"}: none is missing or changed.{" "}
      {verifiedAt ? (
        <>
          The whole chain was verified <Time value={verifiedAt} />, and what came later just now.
        </>
      ) : (
        "The whole chain was verified just now."
      )}{" "}
      The newest hash, for publication, is <code className="text-xs break-all">{hash}</code>
    </p>
  );
}

/** The state of the chain of receipts, and a button that verifies all of it. */
export function ErasureReceipts(receipts: Receipts) {
  const router = useRouter();
  const [verify, { loading }] = useMutation(verifyMutation);
  const [failure, setFailure] = useState<string | null>(null);
  const run = async () => {
    setFailure(null);
    try {
      await verify();
      router.refresh();
    } catch {
      setFailure("The receipts were not verified. Try again.");
    }
  };
  return (
    <div className="flex flex-col items-start gap-3">
      <State {...receipts} />
      {(receipts.count > 0 || receipts.fault !== null) && (
        <Button onClick={() => void run()} disabled={loading}>
          {loading ? "Verifying" : "Verify all receipts"}
        </Button>
      )}
      <p role="alert" className="text-md text-bad empty:hidden">
        {failure}
      </p>
    </div>
  );
}
