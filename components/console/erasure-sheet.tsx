import { ButtonAnchor } from "@/components/ui/button";
import { Fact } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { JsonView } from "@/components/ui/json-view";
import { SheetFacts, SideSheet } from "@/components/ui/side-sheet";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { deletionReasons } from "./archive-words";
import { Named } from "./audit-table";
import { TimeCell } from "./cells";
import { CopyLink } from "./copy-link";
import { ErasureStateBadge, erasedKind } from "./erasures-table";
import { UndoErasure } from "./undo-erasure";

export const ErasureSheetFields = graphql(`
  fragment ErasureSheetFields on ErasureDetail {
    receiptLine
    receiptToken
    erasure {
      id
      kind
      subjectId
      step
      reason
      cause
      requestedBy
      requestedByName
      requestedAt
      deletedAt
      nextAt
      erasedAt
      isPaused
      receipt
      counts {
        table
        rows
      }
      acknowledgements {
        handler
        state
      }
    }
  }
`);

/** The texts for what led to the deletion here. */
const causes: Record<string, string> = {
  webhook: "Clerk’s webhook",
  provisioning: "A request to Clerk",
  account: "The account page",
  reconciliation: "A reconciliation",
  backfill: "The first copy from Clerk",
  replay: "A replay",
  restore: "A restored backup",
};

/** Shows one erasure in the side sheet of the list: its step, what it erased, and its receipt. */
export function ErasureSheet(props: {
  detail: FragmentOf<typeof ErasureSheetFields>;
  closeHref: string;
}) {
  const { receiptLine, receiptToken, erasure } = readFragment(ErasureSheetFields, props.detail);
  const { id, subjectId, kind, step, isPaused, counts, acknowledgements, cause } = erasure;
  return (
    <SideSheet rowId={id} title={`Erasure of ${subjectId}`} closeHref={props.closeHref}>
      {step === "held" && (
        <div className="flex flex-wrap items-center justify-between gap-3 rounded-card bg-warn-quiet px-4 py-3 text-warn">
          <p className="flex-1 text-pretty">
            {isPaused
              ? "Paused by the brake. Nothing is erased until an admin releases it."
              : "Held back. Nothing is erased before the next step."}
          </p>
          <UndoErasure id={subjectId} />
        </div>
      )}
      <SheetFacts>
        <Fact name="State">
          <ErasureStateBadge step={step} isPaused={isPaused} />
        </Fact>
        <Fact name={`${erasedKind(kind)} id`}>
          <IdChip id={subjectId} isWhole />
        </Fact>
        <Fact name="Reason">{deletionReasons[erasure.reason] ?? erasure.reason}</Fact>
        <Fact name="Requested by">
          <Named id={erasure.requestedBy} name={erasure.requestedByName} />
        </Fact>
        <Fact name="Requested">
          <TimeCell value={erasure.requestedAt} />
        </Fact>
        <Fact name="Learned from">{causes[cause] ?? (cause || null)}</Fact>
        <Fact name="Deleted">
          <TimeCell value={erasure.deletedAt} />
        </Fact>
        <Fact name="Next step">
          <TimeCell value={erasure.nextAt} />
        </Fact>
        <Fact name="Erased">
          <TimeCell value={erasure.erasedAt} />
        </Fact>
      </SheetFacts>
      {counts.length > 0 && (
        <Rows
          title="Erased rows"
          rows={counts.map(({ table, rows }) => [table.replaceAll("_", " "), formatCount(rows)])}
        />
      )}
      {acknowledgements.length > 0 && (
        <Rows
          title="Handlers of the deletion"
          rows={acknowledgements.map(({ handler, state }) => [handler, state])}
        />
      )}
      {kind === "user" && step !== "undone" && (
        <section aria-label="Link for the person" className="flex flex-col gap-1.5">
          <h3 className="text-md font-strong">Link for the person</h3>
          <p className="text-sm text-pretty text-ink-soft">
            It shows the receipt, without a sign-in.{" "}
            {erasure.requestedBy === subjectId
              ? "The person got it when they deleted their account."
              : "The person gets no message: pass the link on."}
          </p>
          <CopyLink href={paths.erasureReceipt(receiptToken)} />
        </section>
      )}
      {receiptLine !== null && erasure.receipt !== null && (
        <section
          aria-label={`Receipt ${formatCount(erasure.receipt)}`}
          className="flex flex-col gap-1.5"
        >
          <h3 className="text-md font-strong">Receipt {formatCount(erasure.receipt)}</h3>
          <JsonView value={JSON.parse(receiptLine)} label="Receipt as JSON" />
          {/* The copy is indented. Only the file has the exact bytes that the hash covers. */}
          <ButtonAnchor
            href={`data:application/json,${encodeURIComponent(receiptLine)}`}
            download={`erasure-receipt-${erasure.receipt}.json`}
            className="self-start"
          >
            Download the receipt
          </ButtonAnchor>
        </section>
      )}
    </SideSheet>
  );
}

function Rows({ title, rows }: { title: string; rows: [string, string][] }) {
  return (
    <section aria-label={title} className="flex flex-col gap-1.5">
      <h3 className="text-md font-strong">{title}</h3>
      <ul className="rounded-control border border-line px-3 py-2 text-sm text-ink-soft">
        {rows.map(([name, value]) => (
          <li key={name} className="flex justify-between gap-3 py-0.5">
            <span className="wrap-anywhere">{name}</span>
            <span className="tabular-nums">{value}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
