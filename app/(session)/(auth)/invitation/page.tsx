import { redirect } from "next/navigation";
import { z } from "zod";
import { paths, welcomePath } from "@/lib/paths";

const text = z.string().optional().catch(undefined);
const parameters = z.object({
  organization: z
    .string()
    .regex(/^org_\w+$/)
    .optional()
    .catch(undefined),
  __clerk_ticket: text,
  __clerk_status: text,
});

/**
 * Clerk redirects here from the link in an invitation e-mail, after it has checked the link's ticket. This page redirects to
 * sign-up or sign-in. If the user was signed in and has joined the organization, redirects to the home page, which welcomes them.
 */
export default async function InvitationPage({ searchParams }: PageProps<"/invitation">) {
  const { organization, ...clerk } = parameters.parse(await searchParams);
  const { __clerk_ticket: ticket, __clerk_status: status } = clerk;
  if (status !== "complete" && ticket !== undefined) {
    const form = status === "sign_up" ? paths.signUp : paths.signIn;
    redirect(`${form}?${new URLSearchParams({ __clerk_ticket: ticket })}`);
  }
  redirect(organization === undefined ? paths.home : welcomePath(organization));
}
