import { Brand } from "@/components/brand";
import { ReturnToSignInOnError } from "@/components/clerk/return-to-sign-in-on-error";
import { ButtonLink } from "@/components/ui/button";
import { currentViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

const roads = [
  {
    title: "Your own copy",
    text: "Every user, organization and membership that Clerk knows, as rows in your Postgres. Signed events keep them current, in whatever order they come.",
  },
  {
    title: "An API that knows who asks",
    text: "GraphQL that verifies Clerk’s session on every call and shows each person what is theirs.",
  },
  {
    title: "A console to look at it",
    text: "Search people and organizations, see who belongs where, and copy an id without leaving the keyboard.",
  },
];

export default async function LandingPage() {
  const { viewer } = await currentViewer();
  return (
    <div className="mx-auto flex min-h-dvh max-w-5xl flex-col px-6">
      {!viewer && <ReturnToSignInOnError />}
      <header className="flex h-16 items-center justify-between">
        <Brand href={paths.landing} />
        {!viewer && (
          <ButtonLink href={paths.signIn} variant="quiet" className="-mr-3">
            Sign in
          </ButtonLink>
        )}
      </header>
      <main id="main" tabIndex={-1} className="flex flex-1 flex-col justify-center gap-16 py-16">
        <div className="flex max-w-2xl flex-col items-start gap-6">
          <h1 className="text-[clamp(2rem,6vw,3.25rem)] leading-[1.08] tracking-[-0.03em]">
            Clerk signs people in. Rollcall makes them yours.
          </h1>
          <p className="max-w-xl text-pretty text-ink-soft sm:text-lg">
            A Postgres copy of every user and organization, a GraphQL API that knows who is asking,
            and a console for the people who answer for it.
          </p>
          {viewer ? (
            <ButtonLink href={paths.home} variant="primary" size="large">
              Go to your home
            </ButtonLink>
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
          {roads.map(({ title, text }) => (
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
