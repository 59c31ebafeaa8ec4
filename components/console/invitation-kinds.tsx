import { paths } from "@/lib/paths";
import { type SubPage, SubPages } from "./sub-pages";

const kinds: SubPage[] = [
  { name: "organizations", label: "To organizations", href: paths.invitations },
  { name: "app", label: "To the app", href: paths.appInvitations },
];

/** The two lists of invitations. */
export function InvitationKinds({ current }: { current: "organizations" | "app" }) {
  return <SubPages label="Kinds of invitations" pages={kinds} current={current} />;
}
