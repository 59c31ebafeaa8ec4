import type { ReactNode } from "react";
import { Avatar } from "@/components/ui/avatar";
import { Link } from "@/components/ui/link";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { FollowButton } from "./follow-button";

export const PersonRowFields = graphql(`
  fragment PersonRowFields on Profile {
    id
    handle
    name
    imageUrl
    isPrivate
    isOwn
    isBlocked
    followState
  }
`);

/** A person in a list, with a Follow button. If `actions` is given, its buttons replace the Follow button. */
export function PersonRow(props: {
  person: FragmentOf<typeof PersonRowFields>;
  actions?: (person: { id: string; name: string }) => ReactNode;
}) {
  const person = readFragment(PersonRowFields, props.person);
  const { id, handle, name, imageUrl, isPrivate, isOwn, isBlocked, followState } = person;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 border-b border-line p-4 last:border-b-0">
      <Avatar name={name} imageUrl={imageUrl} size="medium" />
      <div className="min-w-0 flex-1 basis-40">
        <Link href={paths.person(handle)} className="font-strong wrap-anywhere hover:underline">
          <bdi>{name}</bdi>
        </Link>
        <p className="text-md wrap-anywhere text-ink-soft">@{handle}</p>
      </div>
      <div className="flex gap-2">
        {props.actions?.({ id, name }) ??
          (!isOwn && !isBlocked && (
            <FollowButton
              profileId={id}
              name={name}
              isPrivate={isPrivate}
              followState={followState}
            />
          ))}
      </div>
    </li>
  );
}
