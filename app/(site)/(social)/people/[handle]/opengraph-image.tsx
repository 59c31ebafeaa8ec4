import { notFound } from "next/navigation";
import { contentType, firstDrawable, sharePicture, size } from "@/components/social/share-picture";
import { graphql } from "@/lib/document";
import { query } from "@/lib/query/query";

export { contentType, size };
export const alt = "The name of the profile";

const pictureQuery = graphql(`
  query ProfilePicture($handle: String!) {
    profile(handle: $handle) {
      id
      handle
      name
      isReadable
      wishlist {
        totalCount
      }
    }
  }
`);

export default async function ProfilePicture({ params }: { params: Promise<{ handle: string }> }) {
  const { handle } = await params;
  const { profile } = (await query({ query: pictureQuery, variables: { handle } })).data;
  if (!profile) notFound();
  const { totalCount } = profile.wishlist;
  const title = firstDrawable(profile.name);
  return sharePicture({
    title: title ?? `@${profile.handle}`,
    lines: [
      title && `@${profile.handle}`,
      profile.isReadable && totalCount > 0
        ? `${totalCount} ${totalCount === 1 ? "country" : "countries"} on the wishlist`
        : null,
    ],
  });
}
