"use client";

import { useClerk, type useSession } from "@clerk/nextjs";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { paths } from "@/lib/paths";

const EVERY_MS = 15_000;

function minutesLeft(expireAt: Date, now: number): string {
  const minutes = Math.ceil((expireAt.getTime() - now) / 60_000);
  return minutes <= 0 ? "The session ends now." : `Ends in ${minutes} min.`;
}

type Session = NonNullable<ReturnType<typeof useSession>["session"]>;

/**
 * A bar on every page of an impersonated session, which an admin opened in a user's name. Shows the user, the time left and a
 * button to end the session.
 */
export function ImpersonationBar({ session }: { session: Session }) {
  const { signOut } = useClerk();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const { user, expireAt, id } = session;
  const name = user?.fullName || user?.primaryEmailAddress?.emailAddress || user?.id;
  return (
    <section
      aria-label="Impersonation"
      className="sticky top-0 z-20 flex flex-wrap items-center justify-between gap-x-4 gap-y-2 bg-warn-quiet px-4 py-2 text-sm text-warn"
    >
      <p>
        <span className="font-strong">
          You see the app as <bdi>{name}</bdi>.
        </span>{" "}
        You cannot change their data. {minutesLeft(expireAt, now)}
      </p>
      <Button onClick={() => signOut({ sessionId: id, redirectUrl: paths.console })}>Exit</Button>
    </section>
  );
}
