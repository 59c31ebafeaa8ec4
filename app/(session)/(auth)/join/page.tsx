import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { Join } from "@/components/auth-flows/join";
import { ownForm } from "@/components/auth-flows/own-form";
import { AuthCard } from "@/components/clerk/auth-card";
import { InvitationGreeting } from "@/components/clerk/invitation-greeting";
import { env } from "@/lib/env";
import { currentViewer, hasPendingSession } from "@/lib/identity/current-viewer";
import { tasksPath } from "@/lib/paths";
import { findInvitationGreeting } from "@/lib/query/invitation-greeting";

export const metadata = { title: "Create an account" };

export default async function JoinPage({ searchParams }: PageProps<"/join">) {
  const { signedInPath, form } = ownForm({
    purpose: "signUp",
    searchParams: await searchParams,
    headers: await headers(),
    origin: env().appUrl,
  });
  const legalUrls = { terms: env().termsUrl, privacy: env().privacyUrl };
  const asking = await currentViewer();
  if (asking.viewer && signedInPath) redirect(signedInPath);
  // A pending session has a session task: Clerk's form shows it, and then continues to `afterPath`.
  if (signedInPath && (await hasPendingSession())) redirect(tasksPath(form.afterPath));
  const isRefused = !asking.viewer && (asking.reason === "revoked" || asking.reason === "invalid");
  return (
    <AuthCard isRefused={isRefused}>
      <InvitationGreeting greeting={await findInvitationGreeting(await searchParams)} />
      <Join {...form} legalUrls={legalUrls} />
    </AuthCard>
  );
}
