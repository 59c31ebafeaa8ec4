import { classNames } from "@/components/ui/class-names";
import { Link } from "@/components/ui/link";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { Age } from "./age";
import { Remedy } from "./remedy";

/** The fields for a one-line summary of the sync, which shows only the verdict (the first finding). */
export const SyncStateLine = graphql(`
  fragment SyncStateLine on SyncState {
    findings {
      code
      state
      parts {
        text
        at
      }
    }
  }
`);

export const SyncStateFindings = graphql(`
  fragment SyncStateFindings on SyncState {
    findings {
      code
      state
      parts {
        text
        at
      }
      remedy
      href
    }
  }
`);

type Finding = ResultOf<typeof SyncStateFindings>["findings"][number];

const dots: Record<Finding["state"], { colour: string; word: string }> = {
  GOOD: { colour: "bg-good", word: "Good" },
  WAIT: { colour: "bg-wait", word: "Waiting" },
  WARN: { colour: "bg-warn", word: "Warning" },
  BAD: { colour: "bg-bad", word: "Problem" },
};

/**
 * Shows the findings about the sync, the most severe first and in bold. Each has its remedy, and a link to the rows that it
 * counts. With `isOnlyProblems`, leaves out the findings whose state is neither `BAD` nor `WARN`.
 */
export function SyncState(props: {
  state: FragmentOf<typeof SyncStateFindings>;
  isOnlyProblems?: boolean;
}) {
  const all = readFragment(SyncStateFindings, props.state).findings;
  const findings = props.isOnlyProblems
    ? all.filter(({ state }) => state === "BAD" || state === "WARN")
    : all;
  return (
    <ul className="flex flex-col gap-4">
      {findings.map((finding, index) => (
        <li key={finding.code} className="flex gap-2.5">
          <Dot state={finding.state} className="mt-[0.45rem] size-2.5" />
          <div className="flex min-w-0 flex-col gap-1">
            <p className={classNames("max-w-prose text-pretty", index === 0 && "font-strong")}>
              <Sentence parts={finding.parts} />
            </p>
            {finding.remedy && (
              <p className="max-w-prose text-pretty text-ink-soft">
                <Remedy text={finding.remedy} />
              </p>
            )}
            {finding.href && (
              <Link
                href={finding.href}
                className="w-fit rounded-control text-accent hover:underline"
              >
                Show the list
              </Link>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** The state of the sync in the bar of every console page, as a link to the health page. Narrow screens show only the dot. */
export function SyncStateLink({ state }: { state: FragmentOf<typeof SyncStateLine> }) {
  const [verdict] = readFragment(SyncStateLine, state).findings;
  if (!verdict) return null;
  return (
    <Link
      href={paths.sync}
      className="flex h-8 max-w-96 min-w-8 items-center gap-2 rounded-control px-2 text-xs text-ink-soft hover:bg-sunken hover:text-ink max-md:justify-center"
    >
      <Dot state={verdict.state} className="size-2" />
      <span className="truncate max-md:sr-only">
        <Sentence parts={verdict.parts} />
      </span>
    </Link>
  );
}

function Sentence({ parts }: { parts: Finding["parts"] }) {
  return parts.map(({ text, at }, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence, never reordered
    at ? <Age key={index} value={at} /> : text,
  );
}

function Dot({ state, className }: { state: Finding["state"]; className: string }) {
  const { colour, word } = dots[state];
  return (
    <>
      <span aria-hidden="true" className={classNames("shrink-0 rounded-full", colour, className)} />
      <span className="sr-only">{word}:</span>
    </>
  );
}
