import { Tabs } from "@/components/ui/tabs";
import { paths } from "@/lib/paths";

const kinds = [
  { name: "organizations", label: "To organizations", href: paths.invitations },
  { name: "app", label: "To the app", href: paths.appInvitations },
];

/** The two lists of invitations. */
export function InvitationKinds({ current }: { current: "organizations" | "app" }) {
  return <Tabs label="Kinds of invitations" tabs={kinds} current={current} />;
}
