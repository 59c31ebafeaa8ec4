import { Badge, type Tone } from "@/components/ui/badge";
import { Unknown } from "@/components/ui/facts";
import { roleName } from "@/lib/format";

type UserState = "active" | "locked" | "banned" | "deleted";

const states: Record<UserState, { word: string; tone: Tone }> = {
  active: { word: "Active", tone: "plain" },
  locked: { word: "Locked", tone: "warn" },
  banned: { word: "Banned", tone: "bad" },
  deleted: { word: "Deleted", tone: "neutral" },
};

/** Returns the state to show. A ban takes precedence over a lock, because a lock expires. */
export function userState(person: {
  isBanned: boolean | null;
  isLocked: boolean | null;
  isDeleted?: boolean;
}): UserState {
  if (person.isDeleted) return "deleted";
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

/** `name`: the role's own name, if Clerk has sent it. */
export function RoleBadge({ role, name }: { role: string | null; name: string | null }) {
  return <Badge tone={role === "org:admin" ? "neutral" : "plain"}>{roleName(role, name)}</Badge>;
}

type InvitationStatus = "PENDING" | "ACCEPTED" | "REVOKED" | "EXPIRED";

const statuses: Record<InvitationStatus, { word: string; tone: Tone }> = {
  PENDING: { word: "Pending", tone: "wait" },
  ACCEPTED: { word: "Accepted", tone: "plain" },
  REVOKED: { word: "Revoked", tone: "neutral" },
  EXPIRED: { word: "Expired", tone: "warn" },
};

export function InvitationStatusBadge({ status }: { status: InvitationStatus | null }) {
  if (!status) return <Unknown />;
  const { word, tone } = statuses[status];
  return <Badge tone={tone}>{word}</Badge>;
}

export function VerifiedBadge({ isVerified }: { isVerified: boolean }) {
  return isVerified ? (
    <Badge tone="plain">Verified</Badge>
  ) : (
    <Badge tone="warn">Not verified</Badge>
  );
}

/** Outcomes that may need an admin's attention have a colour. All others are plain. */
const outcomes = new Map<string, { word: string; tone: Tone }>([
  ["applied", { word: "Applied", tone: "plain" }],
  ["stale", { word: "Stale", tone: "plain" }],
  ["ignored", { word: "Ignored", tone: "plain" }],
  ["discarded", { word: "Discarded", tone: "neutral" }],
  ["pending", { word: "Pending", tone: "wait" }],
  ["quarantined", { word: "Quarantined", tone: "warn" }],
  ["unreadable", { word: "Unreadable", tone: "warn" }],
  ["dead", { word: "Dead letter", tone: "bad" }],
]);

export function DeliveryOutcomeBadge({ outcome }: { outcome: string }) {
  const { word, tone } = outcomes.get(outcome) ?? { word: outcome, tone: "plain" };
  return <Badge tone={tone}>{word}</Badge>;
}

type EffectState = "pending" | "failing" | "done" | "dead";

const effectStates: Record<EffectState, { word: string; tone: Tone }> = {
  pending: { word: "Pending", tone: "wait" },
  failing: { word: "Failing", tone: "warn" },
  done: { word: "Done", tone: "plain" },
  dead: { word: "Dead letter", tone: "bad" },
};

/** Returns the state of an effect. A failing effect has had failed attempts and will be retried; a dead effect will not. */
export function effectState(job: {
  attempts: number;
  doneAt: string | null;
  deadAt: string | null;
}): EffectState {
  if (job.doneAt) return "done";
  if (job.deadAt) return "dead";
  return job.attempts > 0 ? "failing" : "pending";
}

export function EffectStateBadge({ state }: { state: EffectState }) {
  const { word, tone } = effectStates[state];
  return <Badge tone={tone}>{word}</Badge>;
}
