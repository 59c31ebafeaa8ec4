import { Badge, type Tone } from "@/components/ui/badge";
import { roleName } from "@/lib/format";

type UserState = "active" | "locked" | "banned";

const states: Record<UserState, { word: string; tone: Tone }> = {
  active: { word: "Active", tone: "plain" },
  locked: { word: "Locked", tone: "warn" },
  banned: { word: "Banned", tone: "bad" },
};

/** A ban takes precedence over a lock, which expires. */
export function userState(person: {
  isBanned: boolean | null;
  isLocked: boolean | null;
}): UserState {
  if (person.isBanned) return "banned";
  return person.isLocked ? "locked" : "active";
}

export function UserStateBadge({ state }: { state: UserState }) {
  const { word, tone } = states[state];
  return <Badge tone={tone}>{word}</Badge>;
}

export function PlatformAdminBadge() {
  return <Badge tone="neutral">Platform admin</Badge>;
}

export function RoleBadge({ role }: { role: string | null }) {
  return <Badge tone={role === "org:admin" ? "neutral" : "plain"}>{roleName(role)}</Badge>;
}
