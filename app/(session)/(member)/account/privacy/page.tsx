import { DeleteAccount } from "@/components/account/delete-account";
import { DownloadData } from "@/components/account/download-data";
import { MemberPage } from "@/components/member/member-page";
import { SocialDeleted, SocialKept } from "@/components/social/privacy-notes"; // part of the sample product
import { graphql } from "@/lib/document";
import { env } from "@/lib/env";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Your data" };

const privacyQuery = graphql(`
  query AccountPrivacy {
    viewer {
      id
      mayDeleteAccount
    }
  }
`);

/** A message is deleted with its partition, up to one interval after its retention. */
const DAYS_OF_INTERVAL = { day: 1, week: 7, month: 31 } as const;

const text = "max-w-xl text-pretty text-ink-soft";
const list = `${text} flex list-disc flex-col gap-2 pl-5`;

export default async function PrivacyPage() {
  const drawing = await drawOrReport(async () => {
    await requireViewer(paths.accountPrivacy);
    const { mayDeleteAccount } = (await query({ query: privacyQuery })).data.viewer;
    const { retentionDays, partitionInterval } = env();
    const days = retentionDays + DAYS_OF_INTERVAL[partitionInterval];
    return (
      <>
        <section aria-labelledby="kept" className="flex flex-col gap-4">
          <h2 id="kept" className="text-lg">
            What is kept about you
          </h2>
          <ul className={list}>
            <li>
              Your name, your picture, your e-mail addresses and phone numbers, and the accounts
              that you sign in with. They come from Clerk, and change here when you change them
              there.
            </li>
            <li>The organizations that you belong to, your roles, and invitations.</li>
            <li>Where you are signed in and since when, and your purchases.</li>
            <SocialKept /> {/* part of the sample product */}
            <li>
              Clerk’s messages about you and earlier states of your data, for at most {days} days.
              They repair this copy when something goes wrong.
            </li>
            <li>A log of what the team or you did to your account.</li>
          </ul>
          <p className={text}>No passwords, no card numbers and no codes: those stay at Clerk.</p>
        </section>
        <section aria-labelledby="download" className="flex flex-col gap-4">
          <h2 id="download" className="text-lg">
            Download your data
          </h2>
          <p className={text}>
            A zip file with everything that is kept about you: a page to read, and one JSON file for
            each table. You may be asked to confirm that it is you. Downloads are recorded.
          </p>
          <DownloadData />
        </section>
        <section aria-labelledby="delete" className="flex flex-col gap-4">
          <h2 id="delete" className="text-lg">
            Delete your account
          </h2>
          <p className={text}>You are signed out everywhere at once. This cannot be undone.</p>
          <ul className={list}>
            <li>
              Deleted: your sign-in at Clerk, your name, picture, addresses and numbers, your
              memberships and your sessions.
            </li>
            <SocialDeleted /> {/* part of the sample product */}
            <li>Kept: organizations that you created, with their other members.</li>
            <li>
              Kept, where the law asks for it: purchases. Of you there remains an id without a name.
            </li>
          </ul>
          {mayDeleteAccount ? (
            <DeleteAccount />
          ) : (
            <p className={text}>
              Deleting your own account is switched off here. Ask the team to delete it.
            </p>
          )}
        </section>
      </>
    );
  });
  return <MemberPage {...drawing} />;
}
