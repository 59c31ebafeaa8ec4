"use client";

import { useMutation } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { TimeCell } from "./cells";
import { ProvisioningFailureRow } from "./provisioning-failure-row";

const retryMutation = graphql(`
  mutation RetryProvisioning($userId: ID!) {
    retryProvisioning(userId: $userId)
  }
`);

const reasons: Record<string, string> = {
  not_found: "Clerk has no such user",
  rate_limited: "Clerk’s rate limit was reached",
  timeout: "Clerk did not answer in time",
  clerk: "Clerk answered with an error",
  data: "Clerk’s data for this user cannot be stored",
  database: "The database did not store the user",
};

const columns: Column<ResultOf<typeof ProvisioningFailureRow>>[] = [
  { header: "Person", width: "w-44", cell: ({ userId }) => <IdChip id={userId} /> },
  {
    header: "Reason",
    width: "w-40 md:w-60",
    cell: ({ error }) => reasons[error ?? ""] ?? "Unknown",
  },
  {
    header: "Attempts",
    width: "w-24",
    isRightAligned: true,
    isWideOnly: true,
    cell: ({ attempts }) => formatCount(attempts),
  },
  {
    header: "Next attempt",
    width: "w-36",
    isWideOnly: true,
    cell: ({ retryAt }) => <TimeCell value={retryAt} />,
  },
  {
    header: "Retry",
    width: "w-32 md:w-64",
    isRightAligned: true,
    cell: ({ userId }) => <Retry userId={userId} />,
  },
];

/**
 * Lists the users whose provisioning failed: they made a request before they were mirrored, and Rollcall could not fetch or store
 * them.
 */
export function ProvisioningFailures(props: {
  failures: FragmentOf<typeof ProvisioningFailureRow>[];
}) {
  const rows = readFragment(ProvisioningFailureRow, props.failures);
  return (
    <Table
      caption="Profiles still loading"
      columns={columns}
      rows={rows}
      keyOf={({ userId }) => userId}
    />
  );
}

function Retry({ userId }: { userId: string }) {
  const router = useRouter();
  const [retry, { loading, error, data }] = useMutation(retryMutation, {
    variables: { userId },
    // A successful retry removes the row. A failed one may change the row's reason and number of attempts.
    onCompleted: () => router.refresh(),
    onError: () => router.refresh(),
  });
  const hasFailed = error !== undefined || data?.retryProvisioning === false;
  return (
    <span className="flex items-center justify-end gap-3 max-md:flex-col max-md:items-end max-md:gap-1">
      <span role="status">{loading ? "Trying…" : hasFailed && "Failed again"}</span>
      <Button disabled={loading} onClick={() => retry()}>
        Try again
      </Button>
    </span>
  );
}
