import type { ReactNode } from "react";

/** How the mirror is, from the whole to the parts: the verdict, the chain from Clerk to here, the figures. */
export function HealthPage(props: { verdict: ReactNode; chain: ReactNode; figures: ReactNode }) {
  return (
    <div className="flex max-w-4xl flex-col gap-6">
      <div className="flex flex-col gap-2">
        <h1 className="text-lg">Health</h1>
        {props.verdict}
      </div>
      <section aria-labelledby="chain" className="flex flex-col gap-3">
        <h2 id="chain" className="text-base">
          From Clerk to here
        </h2>
        {props.chain}
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
