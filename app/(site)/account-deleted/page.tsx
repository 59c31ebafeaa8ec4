import { z } from "zod";
import { ErasureReceipt, ErasureReceiptFields } from "@/components/account/erasure-receipt";
import { Brand } from "@/components/brand";
import { ButtonAnchor } from "@/components/ui/button";
import { graphql } from "@/lib/document";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Account deleted", referrer: "no-referrer" };

const parameters = z.object({ receipt: z.string().max(100).optional().catch(undefined) });

const receiptQuery = graphql(
  `
    query ErasureReceipt($token: ID!) {
      erasureReceipt(token: $token) {
        ...ErasureReceiptFields
      }
    }
  `,
  [ErasureReceiptFields],
);

async function drawReceipt(token: string) {
  const { erasureReceipt } = (await query({ query: receiptQuery, variables: { token } })).data;
  return <ErasureReceipt receipt={erasureReceipt} />;
}

/** Draws the receipt. The page must also render when the receipt cannot be read, because the deletion itself was successful. */
async function Receipt({ token }: { token: string }) {
  const drawn = await drawOrReport(() => drawReceipt(token));
  if ("children" in drawn) return drawn.children;
  return (
    <p className="text-ink-soft">
      The receipt cannot be read right now. Load this page again later.
    </p>
  );
}

/** The page after a user has deleted their account. Needs no session, because the session has just ended. */
export default async function AccountDeletedPage({ searchParams }: PageProps<"/account-deleted">) {
  const { receipt } = parameters.parse(await searchParams);
  return (
    <div className="flex min-h-dvh flex-col items-center px-4 py-8 sm:py-16">
      <Brand href={paths.landing} />
      <main
        id="main"
        tabIndex={-1}
        className="flex w-full max-w-md flex-1 flex-col items-start justify-center gap-4 pt-8 pb-16"
      >
        <h1 className="text-xl">Your account has been deleted</h1>
        <p className="text-pretty text-ink-soft">
          You are signed out, and it is not possible to sign in with this account any more. Your
          organizations stay, without you.
        </p>
        {receipt !== undefined && <Receipt token={receipt} />}
        <div className="mt-2 flex flex-wrap gap-3">
          <ButtonAnchor href={paths.landing} variant="primary" size="large">
            Go to the start page
          </ButtonAnchor>
          <ButtonAnchor href={paths.signUp} size="large">
            Create a new account
          </ButtonAnchor>
        </div>
      </main>
    </div>
  );
}
