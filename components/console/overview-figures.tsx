import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatCount, formatListCount } from "@/lib/format";
import { LazyPlot } from "./lazy-plot";
import type { ListCount } from "./list-page";

const FigureBucketsFields = graphql(`
  fragment FigureBucketsFields on FigureBuckets {
    start
    values
    countedSince
  }
`);

export const OverviewFiguresData = graphql(
  `
    fragment OverviewFiguresData on ConsoleFigures {
      signUpsPerDay {
        ...FigureBucketsFields
      }
      organizationsPerDay {
        ...FigureBucketsFields
      }
      lastActivePerDay {
        ...FigureBucketsFields
      }
      eventsPerHour {
        ...FigureBucketsFields
      }
      failuresPerHour {
        ...FigureBucketsFields
      }
    }
  `,
  [FigureBucketsFields],
);

type Buckets = ResultOf<typeof FigureBucketsFields>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The sum of the last `count` buckets, with a mark if not all rows were counted. */
function sumOfLast({ values, countedSince }: Buckets, count: number): string {
  const sum = values.slice(-count).reduce((total, value) => total + value, 0);
  return countedSince && count === values.length ? `over ${formatCount(sum)}` : formatCount(sum);
}

/** The Overview's figures with their trends. */
export function OverviewFigures(props: {
  data: FragmentOf<typeof OverviewFiguresData>;
  people: ListCount;
  organizations: ListCount;
}) {
  const data = readFragment(OverviewFiguresData, props.data);
  const of = (buckets: FragmentOf<typeof FigureBucketsFields>) =>
    readFragment(FigureBucketsFields, buckets);
  const signUps = of(data.signUpsPerDay);
  const organizations = of(data.organizationsPerDay);
  const active = of(data.lastActivePerDay);
  const events = of(data.eventsPerHour);
  const failures = of(data.failuresPerHour);
  const cut = [signUps, organizations, active, events].some(
    ({ countedSince }) => countedSince !== null,
  );
  return (
    <section aria-labelledby="overview-figures" className="flex flex-col gap-3">
      <h2 id="overview-figures" className="text-base">
        Figures
      </h2>
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-card border border-line bg-line lg:grid-cols-5">
        <Figure
          name="People"
          value={formatListCount(props.people)}
          note={`${sumOfLast(signUps, 7)} signed up in 7 days`}
        />
        <Figure
          name="Organizations"
          value={formatListCount(props.organizations)}
          note={`${sumOfLast(organizations, 7)} created in 7 days`}
        />
        <Figure
          name="Active in 30 days"
          value={sumOfLast(active, 30)}
          note={`${sumOfLast(active, 7)} in 7 days, ${sumOfLast(active, 1)} today`}
        />
        <Figure
          name="Events in 24 hours"
          value={sumOfLast(events, 24)}
          note={`${sumOfLast(events, 1)} in this hour`}
        />
        <Figure
          name="Failures in 24 hours"
          value={sumOfLast(failures, 24)}
          note="Dead letters, unreadable, quarantined"
        />
      </dl>
      <div className="grid gap-4 lg:grid-cols-2">
        <LazyPlot
          {...{ title: "Sign-ups a day", kind: "bars", unit: "count", bucketMs: DAY_MS }}
          start={signUps.start}
          series={[{ name: "People", tone: "plain", values: signUps.values }]}
        />
        <LazyPlot
          {...{ title: "New organizations a day", kind: "bars", unit: "count", bucketMs: DAY_MS }}
          start={organizations.start}
          series={[{ name: "Organizations", tone: "plain", values: organizations.values }]}
        />
        <LazyPlot
          {...{ title: "People by last activity", kind: "bars", unit: "count", bucketMs: DAY_MS }}
          start={active.start}
          series={[{ name: "Last active", tone: "plain", values: active.values }]}
        />
        <LazyPlot
          {...{ title: "Events an hour", kind: "bars", unit: "count", bucketMs: HOUR_MS }}
          start={events.start}
          series={[
            {
              ...{ name: "Handled", tone: "plain" },
              values: events.values.map((count, hour) => count - (failures.values[hour] ?? 0)),
            },
            { name: "Failed", tone: "bad", values: failures.values },
          ]}
        />
      </div>
      <p className="text-xs text-ink-faint">
        Days and hours are in UTC; the last one is under way. Sign-ups include people who were
        deleted since. The last activity is as of a person’s last event: Clerk sends none for
        activity alone.
        {cut && " There are too many rows to count all: the oldest are missing in the plots."}
      </p>
    </section>
  );
}

function Figure({ name, value, note }: { name: string; value: string; note: string }) {
  return (
    <div className="flex flex-col gap-0.5 bg-surface p-4 last:max-lg:col-span-2">
      <dt className="text-xs text-ink-soft">{name}</dt>
      <dd className="text-lg tabular-nums">{value}</dd>
      <dd className="text-xs text-ink-faint tabular-nums">{note}</dd>
    </div>
  );
}
