import { z } from "zod";
import { ConsolePage } from "@/components/console/console-page";
import { DeadEffectRow, DeadEffectsTable } from "@/components/console/dead-effects-table";
import { EffectHandlerRow, EffectHandlersTable } from "@/components/console/effect-handlers-table";
import { FeedEndpointRow, FeedEndpointsTable } from "@/components/console/feed-endpoints-table";
import { Section } from "@/components/console/section";
import { Chip } from "@/components/ui/chip";
import { EmptyState } from "@/components/ui/empty-state";
import { graphql } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Effects" };

const effectsQuery = graphql(
  `
    query Effects($handler: String) {
      effectHandlers {
        name
        dead
        ...EffectHandlerRow
      }
      deadEffects(handler: $handler) {
        ...DeadEffectRow
      }
      feedEndpoints {
        ...FeedEndpointRow
      }
    }
  `,
  [EffectHandlerRow, DeadEffectRow, FeedEndpointRow],
);

/** Parses `?handler=`. A missing, empty, repeated or overlong value becomes null. */
const parameters = z.object({ handler: z.string().min(1).max(100).nullable().catch(null) });

export default async function EffectsPage(props: { searchParams: Promise<unknown> }) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.effects);
    const { handler } = parameters.parse(await props.searchParams);
    const known = /^[\w:-]+$/.test(handler ?? "") ? handler : null;
    const { data } = await query({ query: effectsQuery, variables: { handler: known } });
    const { effectHandlers, deadEffects, feedEndpoints } = data;
    const dead = effectHandlers
      .filter(({ name }) => known === null || name === known)
      .reduce((sum, each) => sum + each.dead, 0);
    return (
      <div className="flex flex-col gap-8">
        <h1 className="text-lg">Effects</h1>
        <Section title="Handlers" count={effectHandlers.length}>
          {effectHandlers.length > 0 ? (
            <EffectHandlersTable handlers={effectHandlers} />
          ) : (
            <EmptyState>
              No handler is registered. Add one in lib/effects/handlers.ts: see docs/effects.md.
            </EmptyState>
          )}
        </Section>
        <Section title="Dead letters" count={dead}>
          {known && (
            <div>
              <Chip
                href={paths.effects}
                label={`Handler: ${known}`}
                removes={`Remove filter: handler ${known}`}
              />
            </div>
          )}
          {deadEffects.length > 0 ? (
            <>
              <p className="max-w-prose text-pretty text-ink-soft">
                These jobs failed in every attempt. Later jobs of the same objects have run. Correct
                the handler, then run them again.
              </p>
              <DeadEffectsTable effects={deadEffects} />
              {dead > deadEffects.length && (
                <p className="text-ink-soft">
                  The newest {formatCount(deadEffects.length)} of {formatCount(dead)} are shown.
                </p>
              )}
            </>
          ) : (
            <EmptyState>No dead letters. Every job has run, or is still retried.</EmptyState>
          )}
        </Section>
        <Section title="Change feed" count={feedEndpoints.length}>
          {feedEndpoints.length > 0 ? (
            <FeedEndpointsTable endpoints={feedEndpoints} />
          ) : (
            <EmptyState>
              No endpoint receives the change feed. Add one with npm run feed -- add NAME URL.
            </EmptyState>
          )}
        </Section>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}
