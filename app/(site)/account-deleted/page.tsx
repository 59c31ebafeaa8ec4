import { Brand } from "@/components/brand";
import { ButtonAnchor } from "@/components/ui/button";
import { paths } from "@/lib/paths";

export const metadata = { title: "Account deleted" };

/** The page after a user has deleted their account. Needs no session, because the session has just ended. */
export default function AccountDeletedPage() {
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
