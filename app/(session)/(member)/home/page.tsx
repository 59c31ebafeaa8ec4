import { Home } from "@/components/member/home";
import { homeQuery } from "@/components/member/home-query";
import { MemberPage } from "@/components/member/member-page";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { firstQueryAt, query } from "@/lib/query/query";

export const metadata = { title: "Home" };

export default async function HomePage() {
  const drawing = await drawOrReport(async () => {
    const dataReadAt = firstQueryAt();
    await requireViewer(paths.home);
    const { data } = await query({ query: homeQuery });
    return <Home drawn={data.viewer} dataReadAt={dataReadAt} />;
  });
  return <MemberPage {...drawing} />;
}
