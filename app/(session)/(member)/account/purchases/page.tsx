import { Purchases, PurchasesFields } from "@/components/account/purchases";
import { MemberPage } from "@/components/member/member-page";
import { graphql } from "@/lib/document";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
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
  const drawing = await drawOrReport(async () => {
    await requireViewer(paths.accountPurchases);
    return <Purchases viewer={(await query({ query: purchasesQuery })).data.viewer} />;
  });
  return <MemberPage {...drawing} />;
}
