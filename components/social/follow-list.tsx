import type { ComponentProps, ReactNode } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { Pager } from "@/components/ui/pager";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { PersonRow } from "./person-row";

/** The page with one list of a profile: its followers, or the people that it follows. */
export function FollowList(props: {
  title: string;
  profile: { handle: string; name: string; isReadable: boolean };
  totalCount: number;
  people: { id: string; person: ComponentProps<typeof PersonRow>["person"] }[];
  actions?: ComponentProps<typeof PersonRow>["actions"];
  empty: ReactNode;
  pages: ComponentProps<typeof Pager>;
}) {
  const { title, profile, totalCount, people, actions, empty, pages } = props;
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-8">
      <Link
        href={paths.person(profile.handle)}
        className="self-start text-md wrap-anywhere text-ink-soft hover:text-ink hover:underline"
      >
        <bdi>{profile.name}</bdi>
      </Link>
      <h1 className="text-xl">
        {title}{" "}
        {totalCount > 0 && (
          <span className="text-ink-faint tabular-nums">{formatCount(totalCount)}</span>
        )}
      </h1>
      {people.length > 0 ? (
        <ul className="rounded-card border border-line bg-surface">
          {people.map(({ id, person }) => (
            <PersonRow key={id} person={person} actions={actions} />
          ))}
        </ul>
      ) : (
        <EmptyState>
          {profile.isReadable
            ? empty
            : `This profile is private. Only followers whom ${profile.name} accepts see this list.`}
        </EmptyState>
      )}
      <Pager {...pages} />
    </div>
  );
}
