import { Badge } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { Skeleton, SkeletonRows } from "@/components/ui/skeleton";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatDuration } from "@/lib/format";
import { paths } from "@/lib/paths";
import { fieldLabel } from "./field-label";

export const TimelineFields = graphql(`
  fragment TimelineFields on TimelineEntry {
    id
    objectTable
    userId
    organizationId
    userName
    organizationName
    isDeletion
    isFirst
    isLate
    occurredAt
    receivedAt
    deliveryId
    runId
    changes {
      field
      before
      after
    }
  }
`);

type Entry = ResultOf<typeof TimelineFields>;

const nouns: Record<string, string> = {
  users: "User",
  organizations: "Organization",
  memberships: "Membership",
};

function whatHappened({ objectTable, isDeletion, isFirst, changes }: Entry): string {
  const noun = nouns[objectTable] ?? objectTable;
  if (isDeletion) return `${noun} deleted`;
  if (isFirst) return `${noun}: first known state`;
  if (changes.length === 0) return `${noun} sent again without a change`;
  return `${noun} changed`;
}

/** Shows a value of a diff on at most three lines. A value that is not a string is shown as JSON. */
function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <span className="text-ink-faint">empty</span>;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <span dir="auto" className="line-clamp-3 font-mono text-xs wrap-anywhere" title={text}>
      {text}
    </span>
  );
}

function Changes({ changes }: { changes: Entry["changes"] }) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full table-fixed text-left">
        <caption className="sr-only">What changed</caption>
        <thead className="text-xs text-ink-faint">
          <tr>
            <th scope="col" className="w-36 py-1 pr-3 font-normal">
              Field
            </th>
            <th scope="col" className="py-1 pr-3 font-normal">
              Before
            </th>
            <th scope="col" className="py-1 font-normal">
              After
            </th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ field, before, after }) => (
            <tr key={field} className="border-t border-line align-top">
              <th scope="row" className="py-1 pr-3 font-normal text-ink-soft" title={field}>
                {fieldLabel(field)}
              </th>
              <td className="py-1 pr-3">
                <Value value={before} />
              </td>
              <td className="py-1">
                <Value value={after} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Shows the source of the version: a delivery, a reconciliation, or provisioning (a read from Clerk's API). */
function Source({ deliveryId, runId }: Entry) {
  if (deliveryId)
    return (
      <>
        by delivery{" "}
        <Link href={paths.delivery(deliveryId)} className="font-mono text-xs hover:underline">
          {deliveryId}
        </Link>
      </>
    );
  return <>{runId ? `by reconciliation ${runId}` : "read from Clerk’s API"}</>;
}

/** Returns the URL of the object's page as of the time of this version. */
function asOfHref(path: string, { occurredAt }: Entry): string {
  return `${path}?${new URLSearchParams({ asOf: occurredAt })}`;
}

/** Of a membership: the link to its user on the page of an organization, and to its organization on the page of a user. */
function OtherSide({ entry, path }: { entry: Entry; path: string }) {
  const { objectTable, userId, organizationId, userName, organizationName } = entry;
  if (objectTable !== "memberships") return null;
  const sides = [
    userId && { href: paths.user(userId), name: userName ?? userId },
    organizationId && {
      href: paths.organization(organizationId),
      name: organizationName ?? organizationId,
    },
  ];
  const side = sides.find((each) => each && each.href !== path);
  if (!side) return null;
  return (
    <Link href={side.href} dir="auto" className="text-sm hover:underline">
      {side.name}
    </Link>
  );
}

/**
 * Lists the stored versions of an object, newest first, each with what changed and how Rollcall learned of it. `path` is the path
 * of the object's page.
 */
export function Timeline(props: { entries: FragmentOf<typeof TimelineFields>[]; path: string }) {
  const { path } = props;
  const entries = readFragment(TimelineFields, props.entries);
  if (entries.length === 0)
    return (
      <EmptyState>
        No version is stored. Rollcall keeps one for each change, until the object is deleted.
      </EmptyState>
    );
  return (
    <ol className="flex flex-col rounded-card border border-line bg-surface">
      {entries.map((entry) => {
        const delay = Date.parse(entry.receivedAt) - Date.parse(entry.occurredAt);
        return (
          <li
            key={entry.id}
            className="flex flex-col gap-2 border-b border-line px-4 py-3 last:border-b-0"
          >
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <h3 className="text-sm">{whatHappened(entry)}</h3>
              <OtherSide entry={entry} path={path} />
              {entry.isLate && <Badge tone="warn">Arrived late, not applied</Badge>}
              <span className="text-ink-soft">
                At Clerk <Time value={entry.occurredAt} />
                {", known here "}
                {delay < 0 ? "at once" : `after ${formatDuration(delay)}`} <Source {...entry} />
              </span>
              <Link
                href={asOfHref(path, entry)}
                className="ml-auto text-accent hover:underline max-sm:ml-0"
              >
                View as of then
              </Link>
            </div>
            {entry.changes.length > 0 &&
              (entry.isFirst ? (
                <details>
                  <summary className="w-fit text-ink-soft">
                    {entry.changes.length} fields with a value
                  </summary>
                  <Changes changes={entry.changes} />
                </details>
              ) : (
                <Changes changes={entry.changes} />
              ))}
          </li>
        );
      })}
    </ol>
  );
}

export function TimelineSkeleton() {
  return (
    <SkeletonRows count={3}>
      <div className="flex flex-1 flex-col gap-3">
        <Skeleton className="h-4 w-72 max-w-full" />
        <Skeleton className="h-3 w-full" />
      </div>
    </SkeletonRows>
  );
}
