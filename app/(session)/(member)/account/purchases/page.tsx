import { Purchases, PurchasesFields } from "@/components/account/purchases";
import { graphql } from "@/lib/document";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { query } from "@/lib/query/query";

export const metadata = { title: "Purchases" };

const purchasesQuery = graphql(
  `
    query AccountPurchases {
      viewer {
        id
        ...PurchasesFields
      }
    }
  `,
  [PurchasesFields],
);

export default async function PurchasesPage() {
  await requireViewer(paths.accountPurchases);
  return <Purchases viewer={(await query({ query: purchasesQuery })).data.viewer} />;
}
