import { Fact } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { JsonView } from "@/components/ui/json-view";
import { SheetFacts, SideSheet } from "@/components/ui/side-sheet";
import { Time } from "@/components/ui/time";
import { type FragmentOf, readFragment } from "@/lib/document";
import { AuditRow, Named } from "./audit-table";

/** Shows one entry of the audit log in the side sheet of the list. */
export function AuditSheet(props: { entry: FragmentOf<typeof AuditRow>; closeHref: string }) {
  const entry = readFragment(AuditRow, props.entry);
  return (
    <SideSheet rowId={entry.id} title={entry.action} closeHref={props.closeHref}>
      <SheetFacts>
        <Fact name="Actor">
          <Named id={entry.actor} name={entry.actorName} />
        </Fact>
        {entry.actorName && <Fact name="Actor id">{entry.actor}</Fact>}
        <Fact name="Subject">
          <Named id={entry.subject} name={entry.subjectName} />
        </Fact>
        {entry.subjectName && <Fact name="Subject id">{entry.subject}</Fact>}
        <Fact name="Reason">{entry.reason}</Fact>
        <Fact name="From session">
          {entry.sessionId && <IdChip id={entry.sessionId} isWhole />}
        </Fact>
        <Fact name="Time">
          <Time value={entry.at} />
        </Fact>
      </SheetFacts>
      <JsonView value={entry.detail} label="Details" />
    </SideSheet>
  );
}
