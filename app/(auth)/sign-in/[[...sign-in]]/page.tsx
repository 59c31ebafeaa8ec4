import { redirect } from "next/navigation";
import { destinationOf } from "@/components/auth-destination";
import { env } from "@/lib/env";
import { currentViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

/** Who is signed in already goes on; the form is in the layout. */
export default async function SignInPage({ searchParams }: { searchParams: Promise<unknown> }) {
  const { after } = destinationOf(await searchParams, env().appUrl, paths.signUp);
  const { viewer } = await currentViewer();
  if (viewer) redirect(after);
  return null;
}
