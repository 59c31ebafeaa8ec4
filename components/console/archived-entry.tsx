"use client";

import { useMutation } from "@apollo/client/react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Fact, Facts } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table } from "@/components/ui/table";
import { TextField } from "@/components/ui/text-field";
import { Time } from "@/components/ui/time";
import { graphql } from "@/lib/document";
import { formatAmount } from "@/lib/format";
import type { OpenedEntry } from "./archive-entry-fields";
import { archiveFailure } from "./archive-failure";
import { archiveActions, deletionReasons } from "./archive-words";
import { TextCell, TimeCell } from "./cells";

const ConfirmDialog = dynamic(() =>
  import("@/components/ui/confirm-dialog").then((file) => file.ConfirmDialog),
);

const noteMutation = graphql(`
  mutation AddArchiveNote($id: ID!, $text: String!) {
    addArchiveNote(id: $id, text: $text) {
      id
    }
  }
`);

const holdMutation = graphql(`
  mutation HoldArchiveEntry($id: ID!, $reason: String!) {
    holdArchiveEntry(id: $id, reason: $reason) {
      heldAt
    }
  }
`);

const releaseMutation = graphql(`
  mutation ReleaseArchiveEntry($id: ID!, $reason: String!) {
    releaseArchiveEntry(id: $id, reason: $reason) {
      heldAt
    }
  }
`);

const purgeMutation = graphql(`
  mutation PurgeArchiveEntry($id: ID!, $reason: String!) {
    purgeArchiveEntry(id: $id, reason: $reason)
  }
`);

type Purchase = OpenedEntry["purchases"][number];
type Act = OpenedEntry["acts"][number];

const tables: Record<string, string> = {
  payment_attempts: "Payment",
  subscriptions: "Subscription",
  subscription_items: "Plan",
};

const purchaseColumns: Column<Purchase>[] = [
  {
    header: "Purchase",
    width: "w-28 md:w-36",
    cell: ({ table, plans }) => (
      <>
        <span className="text-ink">{tables[table] ?? table}</span>
        {plans && (
          <span className="block truncate text-xs text-ink-faint" title={plans}>
            {plans}
          </span>
        )}
      </>
    ),
  },
  {
    header: "Amount",
    width: "w-24 md:w-28",
    isRightAligned: true,
    cell: ({ amount, currency }) =>
      amount === null ? <TextCell text={null} /> : formatAmount(amount, currency),
  },
  { header: "Status", width: "w-20 md:w-24", cell: ({ status }) => <TextCell text={status} /> },
  {
    header: "Created",
    width: "w-32",
    isWideOnly: true,
    cell: ({ createdAt }) => <TimeCell value={createdAt} />,
  },
  { header: "Id", width: "w-44", isWideOnly: true, cell: ({ id }) => <IdChip id={id} /> },
];

const actColumns: Column<Act>[] = [
  {
    header: "Act",
    width: "w-24 md:w-36",
    cell: ({ action }) => archiveActions[action] ?? action,
  },
  { header: "Reason", width: "w-28 md:w-48", cell: ({ reason }) => <TextCell text={reason} /> },
  {
    header: "By",
    width: "w-40",
    isWideOnly: true,
    cell: ({ actor, actorName }) => <TextCell text={actorName ?? actor} />,
  },
  { header: "When", width: "w-24 md:w-28", cell: ({ at }) => <TimeCell value={at} /> },
];

type Dialog = "hold" | "release" | "purge";

const dialogs: Record<
  Dialog,
  { title: string; text: string; label: string; busyLabel: string; consequences?: string[] }
> = {
  hold: {
    title: "Set a legal hold?",
    text: "The entry is kept beyond its purge date, and nobody can purge it, until the hold is released.",
    label: "Set hold",
    busyLabel: "Setting hold",
  },
  release: {
    title: "Release the legal hold?",
    text: "If the purge date has passed, the worker purges the entry within a day.",
    label: "Release hold",
    busyLabel: "Releasing hold",
  },
  purge: {
    title: "Purge this entry now?",
    text: "This cannot be undone. The law may require these records until the purge date.",
    consequences: [
      "The purchases, the notes and their key are destroyed.",
      "A refund inquiry finds nothing afterwards.",
    ],
    label: "Purge",
    busyLabel: "Purging",
  },
};

/** Shows an entry of the archive with its decrypted content, and the buttons for acts on it. */
export function ArchivedEntry({ opened }: { opened: OpenedEntry }) {
  const router = useRouter();
  const { id, kind, reason, deletedAt, purgeAt } = opened.entry;
  const [heldAt, setHeldAt] = useState(opened.entry.heldAt);
  const [notes, setNotes] = useState(opened.notes);
  const [acts, setActs] = useState(opened.acts);
  const [isPurged, setPurged] = useState(false);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [hold] = useMutation(holdMutation);
  const [release] = useMutation(releaseMutation);
  const [purge] = useMutation(purgeMutation);

  const addAct = (action: string, given: string | null) =>
    setActs((before) => [
      { at: new Date().toISOString(), actor: "You", actorName: null, action, reason: given },
      ...before,
    ]);

  const runs: Record<Dialog, (reason: string) => Promise<void>> = {
    hold: async (given) => {
      const { data } = await hold({ variables: { id, reason: given } });
      setHeldAt(data?.holdArchiveEntry.heldAt ?? null);
      addAct("archive.held", given);
    },
    release: async (given) => {
      await release({ variables: { id, reason: given } });
      setHeldAt(null);
      addAct("archive.released", given);
    },
    purge: async (given) => {
      await purge({ variables: { id, reason: given } });
      setPurged(true);
    },
  };

  const confirm = async (act: Dialog, given: string): Promise<string | null> => {
    try {
      await runs[act](given);
    } catch (error) {
      return archiveFailure(error);
    }
    setDialog(null);
    router.refresh();
    return null;
  };

  if (isPurged) {
    return <p className="text-ink-soft">The entry and its key are destroyed.</p>;
  }
  return (
    <article
      aria-label={`Entry ${id}`}
      className="flex flex-col gap-5 rounded-card border border-line p-4"
    >
      <div className="flex flex-wrap items-center gap-3">
        <h3 className="mr-auto text-base">
          {kind === "user" ? "Deleted person" : "Deleted organization"}
        </h3>
        <div className="flex gap-3">
          <Button onClick={() => setDialog(heldAt ? "release" : "hold")}>
            {heldAt ? "Release hold" : "Set legal hold"}
          </Button>
          <Button onClick={() => setDialog("purge")} disabled={heldAt !== null}>
            Purge now
          </Button>
        </div>
      </div>
      {opened.problem && (
        <p className="text-pretty text-bad">The content cannot be read. {opened.problem}</p>
      )}
      <Facts>
        <Fact name="Key">
          <IdChip id={id} isWhole />
        </Fact>
        <Fact name="Reason">{deletionReasons[reason] ?? reason}</Fact>
        <Fact name="Deleted">
          <Time value={deletedAt} />
        </Fact>
        <Fact name="Purge">
          <Time value={purgeAt} />
        </Fact>
        <Fact name="Legal hold">
          {heldAt ? (
            <>
              <Badge tone="warn">Held</Badge> since <Time value={heldAt} />
            </>
          ) : (
            "None"
          )}
        </Fact>
      </Facts>
      {opened.purchases.length > 0 && (
        <Table
          caption="Purchases"
          columns={purchaseColumns}
          rows={opened.purchases}
          keyOf={({ table, id: row }) => `${table} ${row}`}
        />
      )}
      {opened.problem === null && (
        <Notes
          id={id}
          notes={notes}
          onAdded={(text) => {
            const at = new Date().toISOString();
            setNotes([...notes, { at, by: "You", byName: null, text }]);
            addAct("archive.noted", null);
          }}
        />
      )}
      <Table
        caption="History"
        columns={actColumns}
        rows={acts}
        keyOf={({ at, action }) => `${at} ${action}`}
      />
      {dialog && (
        <ConfirmDialog
          title={dialogs[dialog].title}
          text={dialogs[dialog].text}
          consequences={dialogs[dialog].consequences ?? []}
          confirm={{ label: dialogs[dialog].label, busyLabel: dialogs[dialog].busyLabel }}
          isDestructive={dialog === "purge"}
          reason="required"
          onCancel={() => setDialog(null)}
          onConfirm={({ reason: given }) => confirm(dialog, given)}
        />
      )}
    </article>
  );
}

function Notes(props: {
  id: string;
  notes: OpenedEntry["notes"];
  onAdded: (text: string) => void;
}) {
  const { id, notes, onAdded } = props;
  const [failure, setFailure] = useState<string | undefined>();
  const [add, { loading }] = useMutation(noteMutation);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (loading) return;
    const form = event.currentTarget;
    const text = String(new FormData(form).get("note") ?? "").trim();
    setFailure(undefined);
    try {
      await add({ variables: { id, text } });
    } catch (error) {
      setFailure(archiveFailure(error));
      return;
    }
    onAdded(text);
    form.reset();
  };

  return (
    <div className="flex flex-col gap-3">
      {notes.length > 0 && (
        <ul aria-label="Notes" className="flex flex-col gap-2">
          {notes.map(({ at, by, byName, text }) => (
            <li key={`${at} ${text}`} className="rounded-card bg-sunken px-3 py-2">
              <p className="text-pretty wrap-anywhere whitespace-pre-wrap">{text}</p>
              <p className="text-xs text-ink-faint">
                {byName ?? by} · <Time value={at} />
              </p>
            </li>
          ))}
        </ul>
      )}
      <form noValidate onSubmit={submit} className="flex items-start gap-3">
        <div className="flex-1">
          <TextField
            name="note"
            label="Note"
            hint="Encrypted with the entry, and destroyed with it."
            autoComplete="off"
            maxLength={1_000}
            error={failure}
          />
        </div>
        <Button type="submit" size="large" disabled={loading} className="mt-6.5">
          {loading ? "Adding" : "Add note"}
        </Button>
      </form>
    </div>
  );
}
