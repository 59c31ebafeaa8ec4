import { Brand } from "@/components/brand";
import { ReturnToSignInOnError } from "@/components/clerk/return-to-sign-in-on-error";
import { CountriesLink } from "@/components/social/countries-link"; // sample product
import { ButtonAnchor } from "@/components/ui/button";
import { ButtonLink } from "@/components/ui/button-link";
import { currentViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

const features = [
  {
    title: "Your own copy",
    text: "Every user, organization and membership from Clerk, as rows in your Postgres. Signed webhooks keep them up to date, even when they arrive out of order.",
  },
  {
    title: "An API with access rules built in",
    text: "GraphQL that verifies Clerk’s session on every request and returns only what that person may see.",
  },
  {
    title: "An admin console",
    text: "Search people and organizations, see who is a member of what, and copy an id with one click.",
  },
];

export default async function LandingPage() {
  const { viewer } = await currentViewer();
  return (
    <div className="mx-auto flex min-h-dvh max-w-5xl flex-col px-6">
      {!viewer && <ReturnToSignInOnError />}
      <header className="flex h-16 items-center justify-between">
        <Brand href={paths.landing} />
        <nav aria-label="Site" className="-mr-3 flex">
          <CountriesLink /> {/* sample product */}
          {!viewer && (
            <ButtonLink href={paths.signIn} variant="quiet">
              Sign in
            </ButtonLink>
          )}
        </nav>
      </header>
      <main id="main" tabIndex={-1} className="flex flex-1 flex-col justify-center gap-16 py-16">
        <div className="flex max-w-2xl flex-col items-start gap-6">
          <h1 className="text-[clamp(2rem,6vw,3.25rem)] leading-[1.08] tracking-[-0.03em]">
            Clerk signs people in. Rollcall keeps your own copy.
          </h1>
          <p className="max-w-xl text-pretty text-ink-soft sm:text-lg">
            Every user and organization in your Postgres, a GraphQL API with access rules built in,
            and an admin console.
          </p>
          {viewer ? (
            // A plain link loads a new document, for which the middleware refreshes the session: this page has no script of Clerk's.
            <ButtonAnchor href={paths.home} variant="primary" size="large">
              Go to home
            </ButtonAnchor>
          ) : (
            <div className="flex flex-wrap gap-3">
              <ButtonLink href={paths.signUp} variant="primary" size="large">
                Create an account
              </ButtonLink>
              <ButtonLink href={paths.signIn} size="large">
                Sign in
              </ButtonLink>
            </div>
          )}
        </div>
        <ul className="grid border-t border-line sm:grid-cols-3 sm:gap-10">
          {features.map(({ title, text }) => (
            <li
              key={title}
              className="flex flex-col gap-2 border-line py-6 max-sm:border-b sm:pt-6"
            >
              <h2 className="text-base">{title}</h2>
              <p className="text-md text-pretty text-ink-soft">{text}</p>
            </li>
          ))}
        </ul>
      </main>
    </div>
  );
}
