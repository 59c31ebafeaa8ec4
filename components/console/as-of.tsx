import { Button } from "@/components/ui/button";
import { ButtonLink } from "@/components/ui/button-link";
import { Fact, Facts } from "@/components/ui/facts";
import { JsonView } from "@/components/ui/json-view";
import { Time } from "@/components/ui/time";
import { visibleText } from "@/lib/format";
import { fieldLabel } from "./field-label";
import { Section } from "./section";

const minute = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
  timeZone: "UTC",
});

/** A bar which says that the page shows a past state, with a link to the current state. */
export function AsOfBar({ asOf, nowHref }: { asOf: string; nowHref: string }) {
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-between gap-3 rounded-card bg-wait-quiet px-4 py-2 text-wait"
    >
      <p>
        <span className="font-strong">As of {minute.format(Date.parse(asOf))} UTC.</span> Read-only:
        Clerk owns the object, and nothing can be restored from here.
      </p>
      <ButtonLink href={nowHref}>Back to now</ButtonLink>
    </div>
  );
}

/** A form that opens the page as of a time. It works without a script. */
export function AsOfForm({ path }: { path: string }) {
  return (
    <form action={path} className="flex flex-wrap items-center gap-2">
      <label className="flex items-center gap-2 text-ink-soft">
        View as of (UTC)
        <input
          type="datetime-local"
          name="asOf"
          required
          className="h-8 rounded-control border border-line-strong bg-surface px-2 text-ink"
        />
      </label>
      <Button type="submit">View</Button>
    </form>
  );
}

const isJson = (value: unknown) => typeof value === "object" && value !== null;
const TIME = /_at$/;

function FactValue({ name, value }: { name: string; value: unknown }) {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (TIME.test(name) && typeof value === "string") return <Time value={value} />;
  return visibleText(String(value));
}

/** Shows the columns of a past state, except null values and empty lists. JSON columns are shown as indented JSON. */
export function AsOfState({ state }: { state: Record<string, unknown> }) {
  const entries = Object.entries(state);
  const facts = entries.filter(([, value]) => !isJson(value) && value !== null);
  const documents = entries.filter(([, value]) => isJson(value) && JSON.stringify(value) !== "[]");
  return (
    <>
      <Facts>
        {facts.map(([name, value]) => (
          <Fact key={name} name={fieldLabel(name)}>
            <FactValue name={name} value={value} />
          </Fact>
        ))}
      </Facts>
      {documents.map(([name, value]) => (
        <Section key={name} title={fieldLabel(name)}>
          <JsonView value={value} label={fieldLabel(name)} />
        </Section>
      ))}
    </>
  );
}

export function isState(state: unknown): state is Record<string, unknown> {
  return typeof state === "object" && state !== null && !Array.isArray(state);
}
