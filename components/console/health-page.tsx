import type { ReactNode } from "react";

/** Layout of the health page: the overall verdict, the stages of the pipeline, the figures. */
export function HealthPage(props: { verdict: ReactNode; pipeline: ReactNode; figures: ReactNode }) {
  return (
    <div className="flex max-w-4xl flex-col gap-6">
      <div className="flex flex-col gap-2">
        <h1 className="text-lg">Health</h1>
        {props.verdict}
      </div>
      <section aria-labelledby="pipeline" className="flex flex-col gap-3">
        <h2 id="pipeline" className="text-base">
          From Clerk to Rollcall
        </h2>
        {props.pipeline}
      </section>
      <section aria-labelledby="figures" className="flex flex-col gap-3">
        <h2 id="figures" className="text-base">
          Figures
        </h2>
        {props.figures}
      </section>
    </div>
  );
}
