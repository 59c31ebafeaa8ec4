"use client";

import { useMutation, useQuery } from "@apollo/client/react";
import { type FormEvent, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { Skeleton } from "@/components/ui/skeleton";
import { TextField } from "@/components/ui/text-field";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import type { ListViewProps } from "./list-names";

const SavedView = graphql(`
  fragment SavedView on ConsoleView {
    id
    name
    parameters
    isShared
    isOwn
    version
    updatedAt
    updatedBy
  }
`);

const viewsQuery = graphql(
  `
    query ConsoleViews($consoleList: ConsoleList!) {
      consoleViews(consoleList: $consoleList) {
        id
        ...SavedView
      }
    }
  `,
  [SavedView],
);

const createMutation = graphql(`
  mutation CreateConsoleView(
    $consoleList: ConsoleList!
    $name: String!
    $parameters: String!
    $isShared: Boolean!
  ) {
    createConsoleView(
      consoleList: $consoleList
      name: $name
      parameters: $parameters
      isShared: $isShared
    ) {
      message
    }
  }
`);

const updateMutation = graphql(`
  mutation UpdateConsoleView(
    $viewId: ID!
    $version: Int!
    $name: String!
    $parameters: String!
    $isShared: Boolean!
  ) {
    updateConsoleView(
      viewId: $viewId
      version: $version
      name: $name
      parameters: $parameters
      isShared: $isShared
    ) {
      message
    }
  }
`);

const deleteMutation = graphql(`
  mutation DeleteConsoleView($viewId: ID!, $version: Int!) {
    deleteConsoleView(viewId: $viewId, version: $version) {
      message
    }
  }
`);

type View = ResultOf<typeof SavedView>;

const FAILED = "This did not work. Try again.";

/** The saved views of a list. Opens a view, saves the list's current parameters as a view, and replaces or deletes a view. */
export function ViewsPanel({ list, path, kept, onDone }: ListViewProps & { onDone: () => void }) {
  const { data, error, refetch } = useQuery(viewsQuery, {
    variables: { consoleList: list },
    fetchPolicy: "network-only",
  });
  const [notice, setNotice] = useState<string | null>(null);
  const [create, { loading: isCreating }] = useMutation(createMutation);
  const [update] = useMutation(updateMutation);
  const [remove] = useMutation(deleteMutation);
  const parameters = new URLSearchParams(kept).toString();

  /**
   * Waits for a mutation, shows its error message if it failed, and queries the views again. Resolves to true if it succeeded.
   */
  const done = async (act: Promise<string | null | undefined>): Promise<boolean> => {
    const message = await act.catch(() => FAILED);
    setNotice(message ?? null);
    await refetch().catch(() => undefined);
    return !message;
  };
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const variables = {
      ...{ consoleList: list, name: String(fields.get("name")), parameters },
      isShared: fields.get("shared") === "on",
    };
    const isSaved = await done(
      create({ variables }).then((result) => result.data?.createConsoleView.message),
    );
    if (isSaved) form.reset();
  };
  const replace = ({ id, version, name, isShared }: View) =>
    done(
      update({ variables: { viewId: id, version, name, parameters, isShared } }).then(
        (result) => result.data?.updateConsoleView.message,
      ),
    );
  const discard = ({ id, version }: View) =>
    done(
      remove({ variables: { viewId: id, version } }).then(
        (result) => result.data?.deleteConsoleView.message,
      ),
    );
  return (
    <div className="flex flex-col gap-4">
      {notice && (
        <p role="alert" className="rounded-control bg-warn-quiet px-3 py-2 text-warn">
          {notice}
        </p>
      )}
      {error ? (
        <p role="alert">The saved views could not be read. Close this panel and open it again.</p>
      ) : data ? (
        <Views
          views={data.consoleViews}
          path={path}
          parameters={parameters}
          onOpen={onDone}
          onReplace={replace}
          onDelete={discard}
        />
      ) : (
        <Skeleton className="h-9 w-full" />
      )}
      <form
        aria-label="Save this view"
        onSubmit={save}
        className="flex flex-wrap items-end gap-3 border-t border-line pt-4"
      >
        <TextField label="Save the list as it is now" name="name" maxLength={80} required />
        <label className="flex h-8 items-center gap-2">
          <input type="checkbox" name="shared" className="size-4 accent-[var(--rc-accent)]" />
          Share with all platform admins
        </label>
        <Button type="submit" variant="primary" disabled={isCreating}>
          Save view
        </Button>
      </form>
    </div>
  );
}

function Views(props: {
  views: FragmentOf<typeof SavedView>[];
  path: string;
  /** The list's current parameters. */
  parameters: string;
  onOpen: () => void;
  onReplace: (view: View) => void;
  onDelete: (view: View) => void;
}) {
  const { path, parameters, onOpen, onReplace, onDelete } = props;
  const views = readFragment(SavedView, props.views);
  if (views.length === 0)
    return <p className="text-ink-soft">No saved views of this list yet. Save one below.</p>;
  return (
    <ul aria-label="Saved views" className="flex flex-col">
      {views.map((view) => {
        const isCurrent = view.parameters === parameters;
        return (
          <li
            key={view.id}
            className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-1 last:border-b-0"
          >
            <Link
              href={view.parameters ? `${path}?${view.parameters}` : path}
              aria-current={isCurrent ? "true" : undefined}
              onClick={onOpen}
              dir="auto"
              className="truncate rounded-control font-strong text-ink hover:underline"
            >
              {view.name}
            </Link>
            {view.isShared && <Badge tone="neutral">Shared</Badge>}
            <span className="text-xs text-ink-faint">
              {view.updatedBy}, <Time value={view.updatedAt} />
            </span>
            <span className="ml-auto flex gap-1">
              {!isCurrent && (
                <Button variant="quiet" onClick={() => onReplace(view)}>
                  Replace with this list
                </Button>
              )}
              <Button
                variant="quiet"
                aria-label={`Delete the view ${view.name}`}
                onClick={() => onDelete(view)}
              >
                Delete
              </Button>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
