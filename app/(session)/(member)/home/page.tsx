import { Suspense } from "react";
import { Home } from "@/components/member/home";
import { homeQuery } from "@/components/member/home-query";
import { HomeSkeleton } from "@/components/member/home-skeleton";
import { MemberPage } from "@/components/member/member-page";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { firstQueryAt, PreloadQuery } from "@/lib/query/query";

export const metadata = { title: "Home" };

export default async function HomePage() {
  const drawing = await drawOrReport(async () => {
    const dataReadAt = firstQueryAt();
    await requireViewer(paths.home);
    return (
      <PreloadQuery query={homeQuery}>
        <Suspense fallback={<HomeSkeleton />}>
          <Home dataReadAt={dataReadAt} />
        </Suspense>
      </PreloadQuery>
    );
  });
  return <MemberPage {...drawing} />;
}
