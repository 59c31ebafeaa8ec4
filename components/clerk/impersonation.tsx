"use client";

import { useSession } from "@clerk/nextjs";
import dynamic from "next/dynamic";

const Bar = dynamic(() => import("./impersonation-bar").then((module) => module.ImpersonationBar));

/** Shows the bar of an impersonated session. Only such a session loads the bar's script. */
export function Impersonation() {
  const { session } = useSession();
  return session?.actor ? <Bar session={session} /> : null;
}
