import { ButtonAnchor } from "@/components/ui/button";
import { ButtonLink } from "@/components/ui/button-link";
import { type FragmentOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { FeedFields } from "./feed-fields";

/** Returns the next steps in the sample product that the home page suggests to a new user. */
export function socialSteps(viewer: FragmentOf<typeof FeedFields>) {
  const { profile, wishlist } = readFragment(FeedFields, viewer);
  return [
    {
      title: "Choose a handle",
      text: "It is the address of your public page, and others follow you by it.",
      action: <ButtonLink href={paths.profileSettings}>Choose your handle</ButtonLink>,
      isDone: profile?.isHandleChosen ?? false,
    },
    {
      title: "Look at the countries",
      text: "Add those that you want to visit to your wishlist.",
      action: <ButtonAnchor href={paths.countries}>See the countries</ButtonAnchor>,
      isDone: wishlist.totalCount > 0,
    },
  ];
}
