import { headers } from "next/headers";
import { Brand } from "@/components/brand";
import { AuthLink } from "@/components/clerk/auth-link";
import { clerkScriptUrls } from "@/components/clerk/clerk-scripts";
import { ReturnToSignInOnError } from "@/components/clerk/return-to-sign-in-on-error";
import { ConsolePicture } from "@/components/site/console-picture";
import { CountriesLink } from "@/components/social/countries-link"; // part of the sample product
import { ButtonAnchor } from "@/components/ui/button";
import { env } from "@/lib/env";
import { currentViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

const features = [
  {
    title: "Your own copy",
    text: "Every user, organization and membership from Clerk, as rows in your Postgres. Join them with your own tables.",
  },
  {
    title: "An API with access rules built in",
    text: "GraphQL that verifies Clerk’s session on every request and returns only what that person may see.",
  },
  {
    title: "An admin console",
    text: "Search people and organizations, see who is a member of what, and see at once whether the copy is up to date.",
  },
];

const promises = [
  {
    title: "Nothing acknowledged is lost",
    text: "Rollcall answers Clerk only when the webhook and its effect are committed. The proof kills the app and Postgres in the middle.",
    command: "npm run prove:kill",
  },
  {
    title: "Any order gives the same copy",
    text: "Webhooks arrive late, twice, out of order or never. The proof sends random histories, and compares each copy with Clerk.",
    command: "npm run prove",
  },
  {
    title: "No field without a rule",
    text: "Every field of the API says who may read it. A schema with a field that does not is not served.",
    command: "npx vitest run lib/graphql",
  },
];

export default async function LandingPage() {
  const { viewer } = await currentViewer();
  const { frontendApiHost, proxyUrl } = env();
  const scripts = {
    urls: clerkScriptUrls(frontendApiHost, proxyUrl),
    nonce: (await headers()).get("x-nonce") ?? undefined,
  };
  // A plain link loads a new document, for which the middleware refreshes the session: this page has no Clerk script.
  const open = (
    <ButtonAnchor href={paths.home} variant="primary" size="large">
      Open Rollcall
    </ButtonAnchor>
  );
  return (
    <div className="mx-auto max-w-6xl px-4 sm:px-6">
      {!viewer && <ReturnToSignInOnError />}
      <header className="flex h-16 items-center justify-between">
        <Brand href={paths.landing} />
        <nav aria-label="Site" className="-mr-3 flex">
          <CountriesLink /> {/* part of the sample product */}
          {!viewer && (
            <AuthLink href={paths.signIn} variant="quiet" scripts={scripts}>
              Sign in
            </AuthLink>
          )}
        </nav>
      </header>
      <main id="main" tabIndex={-1} className="flex flex-col gap-20 pt-12 pb-20 sm:gap-28 sm:pt-20">
        <div className="flex flex-col gap-12 sm:gap-16">
          <div className="flex max-w-3xl flex-col items-start gap-6">
            <h1 className="text-[clamp(2rem,6vw,3.25rem)] leading-[1.08] tracking-[-0.03em] text-balance">
              Clerk signs people in. Rollcall keeps your own copy.
            </h1>
            <p className="max-w-xl text-pretty text-ink-soft sm:text-lg">
              Every user and organization in your Postgres, a GraphQL API with access rules built
              in, and an admin console.
            </p>
            {viewer ? (
              open
            ) : (
              <div className="flex flex-wrap gap-3">
                <AuthLink href={paths.signUp} variant="primary" size="large" scripts={scripts}>
                  Create an account
                </AuthLink>
                <AuthLink href={paths.signIn} size="large" scripts={scripts}>
                  Sign in
                </AuthLink>
              </div>
            )}
          </div>
          <ConsolePicture />
        </div>
        <ul className="grid gap-8 sm:grid-cols-3 sm:gap-10">
          {features.map(({ title, text }) => (
            <li key={title} className="flex flex-col gap-2">
              <h2 className="text-base">{title}</h2>
              <p className="text-md text-pretty text-ink-soft">{text}</p>
            </li>
          ))}
        </ul>
        <section aria-labelledby="promises" className="flex flex-col gap-8">
          <div className="flex flex-col gap-2">
            <h2 id="promises" className="text-xl tracking-[-0.02em]">
              Three promises, each with a proof
            </h2>
            <p className="max-w-xl text-pretty text-ink-soft">
              Each has a command that fails when the promise is broken. Run it yourself.
            </p>
          </div>
          <ul className="grid gap-4 lg:grid-cols-3">
            {promises.map(({ title, text, command }) => (
              <li
                key={title}
                className="flex flex-col gap-2 rounded-card border border-line bg-surface p-6"
              >
                <h3 className="text-base">{title}</h3>
                <p className="flex-1 text-md text-pretty text-ink-soft">{text}</p>
                <code className="mt-3 text-sm">{command}</code>
              </li>
            ))}
          </ul>
        </section>
        <section
          aria-labelledby="start"
          className="grid gap-8 rounded-card border border-line bg-surface p-6 sm:p-10 lg:grid-cols-2 lg:items-center"
        >
          <div className="flex flex-col items-start gap-4">
            <h2 id="start" className="text-xl tracking-[-0.02em]">
              Two commands to try it
            </h2>
            <p className="max-w-xl text-pretty text-ink-soft">
              You need Node, and no Clerk account, no keys and no database: a local Clerk and a
              Postgres are included.
            </p>
          </div>
          <pre className="overflow-x-auto rounded-control bg-sunken p-5 text-md">
            <code>{"npm install\nnpm run dev"}</code>
          </pre>
        </section>
      </main>
    </div>
  );
}
