import { SessionFields } from "@/components/account/session-fields";
import { SessionList } from "@/components/account/session-list";
import { MemberPage } from "@/components/member/member-page";
import { graphql } from "@/lib/document";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Sessions" };

const sessionsQuery = graphql(
  `
    query AccountSessions {
      viewer {
        id
        sessions {
          id
          ...SessionFields
        }
      }
    }
  `,
  [SessionFields],
);

export default async function SessionsPage() {
  const drawing = await drawOrReport(async () => {
    await requireViewer(paths.accountSessions);
    const { sessions } = (await query({ query: sessionsQuery })).data.viewer;
    return (
      <section aria-labelledby="sessions" className="flex flex-col gap-4">
        <div className="flex flex-col gap-1">
          <h2 id="sessions" className="text-lg">
            Sessions
          </h2>
          <p className="max-w-xl text-pretty text-ink-soft">
            Where you are signed in. End a session that you do not recognize: its access ends within
            seconds.
          </p>
        </div>
        <SessionList sessions={sessions} />
      </section>
    );
  });
  return <MemberPage {...drawing} />;
}
