"use client";

import { useMutation } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { Unknown } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table, TableRow } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { ProvisioningFailureRow } from "./provisioning-failure-row";

const retryMutation = graphql(`
  mutation RetryProvisioning($userId: ID!) {
    retryProvisioning(userId: $userId)
  }
`);

const columns: Column[] = [
  { name: "Person" },
  { name: "Why" },
  { name: "Tries", isNumber: true, isWideOnly: true },
  { name: "Next try", isWideOnly: true },
  { name: "Order", isNumber: true },
];

const reasons: Record<string, string> = {
  not_found: "Clerk does not know them",
  rate_limited: "Clerk asked to slow down",
  timeout: "Clerk did not answer in time",
  clerk: "Clerk failed",
  data: "What Clerk says of them cannot be stored",
  database: "The database failed",
};

/** People who called before the mirror had them, and whom it could not fetch; each can be tried again at once. */
export function ProvisioningFailures(props: {
  failures: FragmentOf<typeof ProvisioningFailureRow>[];
}) {
  return (
    <Table caption="People not fetched yet" columns={columns}>
      {props.failures.map((masked) => {
        const { userId, error, attempts, retryAt } = readFragment(ProvisioningFailureRow, masked);
        return (
          <TableRow
            key={userId}
            columns={columns}
            cells={[
              <IdChip key="person" id={userId} />,
              reasons[error ?? ""] ?? "Unknown",
              formatCount(attempts),
              retryAt ? <Time key="next" value={retryAt} /> : <Unknown key="next" />,
              <Retry key="retry" userId={userId} />,
            ]}
          />
        );
      })}
    </Table>
  );
}

function Retry({ userId }: { userId: string }) {
  const router = useRouter();
  const [retry, { loading, error, data }] = useMutation(retryMutation, {
    variables: { userId },
    // Whether it worked is seen in the list, which is drawn again either way.
    onCompleted: () => router.refresh(),
    onError: () => router.refresh(),
  });
  const hasFailed = error !== undefined || data?.retryProvisioning === false;
  return (
    <span className="flex items-center justify-end gap-3">
      <span role="status">{loading ? "Trying…" : hasFailed && "It did not work this time"}</span>
      <Button disabled={loading} onClick={() => retry()}>
        Try again
      </Button>
    </span>
  );
}
