import type { ReactNode } from "react";
import { ButtonLink } from "@/components/ui/button-link";
import { EmptyState } from "@/components/ui/empty-state";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { CrumbName } from "./breadcrumbs";

/** Layout of the page Sync: the overall verdict, the stages of the pipeline, plots, reconciliations, the figures. */
export function SyncPage(props: {
  verdict: ReactNode;
  acts?: ReactNode;
  pipeline: ReactNode;
  plots: ReactNode;
  runs: ReactNode;
  figures: ReactNode;
}) {
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <h1 className="text-lg">Sync</h1>
          {props.acts}
        </div>
        {props.verdict}
      </div>
      <section aria-labelledby="pipeline" className="flex max-w-4xl flex-col gap-3">
        <h2 id="pipeline" className="text-base">
          From Clerk to Rollcall
        </h2>
        {props.pipeline}
      </section>
      {props.plots}
      {props.runs}
      <section aria-labelledby="figures" className="flex max-w-4xl flex-col gap-3">
        <h2 id="figures" className="text-base">
          Figures
        </h2>
        {props.figures}
      </section>
    </div>
  );
}

/**
 * The layout of a page that lists rows which the health report counts: title, count, explanation, and the table, or `empty` when
 * there are no rows.
 */
export function HealthListPage(props: {
  title: string;
  count: number;
  shown: number;
  about: string;
  empty: string;
  table: ReactNode;
}) {
  const { title, count, shown, about, empty, table } = props;
  return (
    <div className="flex flex-col gap-4">
      <CrumbName name={title} />
      <h1 className="flex items-baseline gap-2.5 text-lg">
        {title}
        <span className="text-md font-normal text-ink-faint tabular-nums">
          {formatCount(count)}
        </span>
      </h1>
      <p className="max-w-prose text-pretty text-ink-soft">{about}</p>
      {shown > 0 ? (
        table
      ) : (
        <EmptyState action={<ButtonLink href={paths.sync}>Back to sync</ButtonLink>}>
          {empty}
        </EmptyState>
      )}
      {shown < count && (
        <p className="text-ink-soft">
          {formatCount(shown)} of {formatCount(count)} are shown.
        </p>
      )}
    </div>
  );
}
