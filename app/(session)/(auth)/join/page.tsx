import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { Join } from "@/components/auth-flows/join";
import { ownForm } from "@/components/auth-flows/own-form";
import { AuthCard } from "@/components/clerk/auth-card";
import { env } from "@/lib/env";
import { currentViewer } from "@/lib/identity/current-viewer";

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
  const isRefused = !asking.viewer && (asking.reason === "revoked" || asking.reason === "invalid");
  return (
    <AuthCard isRefused={isRefused}>
      <Join {...form} legalUrls={legalUrls} />
    </AuthCard>
  );
}
