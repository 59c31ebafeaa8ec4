import { cookies } from "next/headers";
import { z } from "zod";
import { HIDDEN_STEPS_COOKIE } from "@/components/member/first-run-cookie";
import { Home } from "@/components/member/home";
import { homeQuery } from "@/components/member/home-query";
import { MemberPage } from "@/components/member/member-page";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { firstQueryAt, query } from "@/lib/query/query";

export const metadata = { title: "Home" };

const parameters = z.object({ joined: z.string().startsWith("org_").nullable().catch(null) });

export default async function HomePage({ searchParams }: PageProps<"/home">) {
  const { joined } = parameters.parse(await searchParams);
  const areStepsHidden = (await cookies()).has(HIDDEN_STEPS_COOKIE);
  const drawing = await drawOrReport(async () => {
    const dataReadAt = firstQueryAt();
    await requireViewer(paths.home);
    const { data } = await query({ query: homeQuery });
    return (
      <Home
        drawn={data.viewer}
        dataReadAt={dataReadAt}
        joinedId={joined}
        areStepsHidden={areStepsHidden}
      />
    );
  });
  return <MemberPage {...drawing} />;
}
