import { Avatar } from "@/components/ui/avatar";

export type Greeting = {
  organizationName: string;
  organizationImageUrl: string | null;
  inviterName: string | null;
};

/** Shows the organization of an invitation and who sent it. Renders nothing without an invitation. */
export function InvitationGreeting({ greeting }: { greeting: Greeting | null }) {
  if (!greeting) return null;
  const { organizationName, organizationImageUrl, inviterName } = greeting;
  return (
    <div className="mb-6 flex items-center gap-4">
      <Avatar
        name={organizationName}
        imageUrl={organizationImageUrl}
        shape="organization"
        size="medium"
      />
      <p className="min-w-0 text-pretty wrap-anywhere">
        {inviterName ? (
          <>
            <bdi>{inviterName}</bdi> invites you to{" "}
          </>
        ) : (
          "You are invited to "
        )}
        <strong className="font-strong">
          <bdi>{organizationName}</bdi>
        </strong>
      </p>
    </div>
  );
}
