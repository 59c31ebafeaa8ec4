import { auth } from "@clerk/nextjs/server";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { Enter } from "@/components/auth-flows/enter";
import { LinkOpened } from "@/components/auth-flows/link-opened";
import { ownForm } from "@/components/auth-flows/own-form";
import { AuthCard } from "@/components/clerk/auth-card";
import { env } from "@/lib/env";
import { currentViewer } from "@/lib/identity/current-viewer";
import { signInPath } from "@/lib/paths";

export const metadata = { title: "Sign in" };

export default async function EnterPage({ searchParams }: PageProps<"/enter">) {
  const { signedInPath, linkStatus, form, linkPath } = ownForm({
    purpose: "signIn",
    searchParams: await searchParams,
    headers: await headers(),
    origin: env().appUrl,
  });
  if (linkStatus !== undefined) {
    return <LinkOpened status={linkStatus} afterPath={form.afterPath} />;
  }
  const asking = await currentViewer();
  if (asking.viewer && signedInPath) redirect(signedInPath);
  const { sessionStatus } = await auth({ treatPendingAsSignedOut: false });
  // Clerk's form shows the task of a pending session, and continues from there.
  if (sessionStatus === "pending" && signedInPath) redirect(signInPath(form.afterPath));
  const isRefused = !asking.viewer && (asking.reason === "revoked" || asking.reason === "invalid");
  return (
    <AuthCard isRefused={isRefused}>
      <Enter {...form} linkPath={linkPath} />
    </AuthCard>
  );
}
