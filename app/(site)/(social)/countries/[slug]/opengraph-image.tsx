import { notFound } from "next/navigation";
import { contentType, sharePicture, size } from "@/components/social/share-picture";
import { graphql } from "@/lib/document";
import { query } from "@/lib/query/query";

export { contentType, size };
export const alt = "The name of the country";

const pictureQuery = graphql(`
  query CountryPicture($slug: String!) {
    country(slug: $slug) {
      id
      name
      capital
      continent
    }
  }
`);

export default async function CountryPicture({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  const { country } = (await query({ query: pictureQuery, variables: { slug } })).data;
  if (!country) notFound();
  const { id, name, capital, continent } = country;
  return sharePicture({
    title: name,
    lines: [continent, capital && `Capital: ${capital}`],
    mark: id,
  });
}
