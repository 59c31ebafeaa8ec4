"use client";

import { useMutation } from "@apollo/client/react";
import { type FormEvent, useEffect, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { TextField } from "@/components/ui/text-field";
import { graphql, readFragment } from "@/lib/document";
import { ArchiveEntryFields } from "./archive-entry-fields";
import { archiveFailure } from "./archive-failure";
import { ArchivedEntry } from "./archived-entry";

const lookUpMutation = graphql(
  `
    mutation LookUpArchive($search: String!, $reason: String!) {
      lookUpArchive(search: $search, reason: $reason) {
        ...ArchiveEntryFields
      }
    }
  `,
  [ArchiveEntryFields],
);

/**
 * Finds and decrypts entries of the archive. `search` is the initial text of the field: the key of the entry that was chosen in
 * the list. Decrypted data stays in this component's memory only.
 */
export function ArchiveLookup({ search }: { search: string }) {
  const heading = useId();
  const [failure, setFailure] = useState<string | null>(null);
  // Becomes true once React runs in the browser. Until then, the browser itself would submit the form and put the e-mail address
  // in the URL.
  const [isReady, setReady] = useState(false);
  useEffect(() => setReady(true), []);
  const [lookUp, { data, loading, reset }] = useMutation(lookUpMutation, {
    fetchPolicy: "no-cache",
  });

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (loading) return;
    const fields = new FormData(event.currentTarget);
    const given = (name: string) => String(fields.get(name) ?? "").trim();
    setFailure(null);
    reset();
    try {
      await lookUp({ variables: { search: given("search"), reason: given("reason") } });
    } catch (error) {
      setFailure(archiveFailure(error));
    }
  };

  const found = data && readFragment(ArchiveEntryFields, data.lookUpArchive);
  return (
    <section aria-labelledby={heading} className="flex flex-col gap-4">
      <h2 id={heading} className="text-base">
        Look up
      </h2>
      <form
        noValidate
        onSubmit={submit}
        className="grid items-start gap-4 rounded-card border border-line bg-surface p-4 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]"
      >
        <TextField
          key={search}
          name="search"
          label="Email address, id or key"
          defaultValue={search}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        <TextField
          name="reason"
          label="Reason"
          hint="Kept in the audit log. No names or addresses: a ticket number, for example."
          autoComplete="off"
          maxLength={200}
        />
        <Button
          type="submit"
          variant="primary"
          size="large"
          disabled={!isReady || loading}
          className="md:mt-6.5"
        >
          {loading ? "Looking up" : "Look up"}
        </Button>
        <p role="alert" className="text-md text-pretty text-bad empty:hidden md:col-span-3">
          {failure}
        </p>
      </form>
      <div role="status" className="flex flex-col gap-4">
        {found?.length === 0 && (
          <EmptyState>
            No entry. Only deleted people and organizations with purchases have one, until it is
            purged. Someone who was deleted before ARCHIVE_KEY was set is found by id only.
          </EmptyState>
        )}
        {found?.map((opened) => (
          <ArchivedEntry key={opened.entry.id} opened={opened} />
        ))}
      </div>
    </section>
  );
}
