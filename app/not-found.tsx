import { Brand } from "@/components/brand";
import { ButtonLink } from "@/components/ui/button-link";
import { paths } from "@/lib/paths";

export const metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main
      id="main"
      tabIndex={-1}
      className="mx-auto flex min-h-dvh max-w-md flex-col items-start justify-center gap-6 p-6"
    >
      <Brand href={paths.landing} />
      <div className="flex flex-col gap-2">
        <h1 className="text-xl">Page not found</h1>
        <p className="text-pretty text-ink-soft">
          The address may be mistyped, or this account may not be allowed to see the page.
        </p>
      </div>
      <ButtonLink href={paths.landing} size="large">
        Go to home
      </ButtonLink>
    </main>
  );
}
