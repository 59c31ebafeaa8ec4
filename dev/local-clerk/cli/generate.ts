// `local-clerk generate`: fills the local Clerk that is running with users and organizations.

import { controlClient } from "../control/client";
import { readRunningUrl } from "../running-url";
import { UserError } from "../user-error";

type Wanted = {
  users: number;
  organizations: number;
  sendsWebhooks: boolean;
  dataDir: string;
  url?: string;
};

export async function generateData(wanted: Wanted): Promise<number> {
  const url = wanted.url ?? readRunningUrl(wanted.dataDir);
  if (url === null || !(await isListening(url))) {
    const place = wanted.url ?? wanted.dataDir;
    throw new UserError(
      `No local Clerk is running (looked at ${place}). Start it first, or name another one with --url.`,
    );
  }
  const { users, organizations, sendsWebhooks } = wanted;
  const total = await controlClient(url).generate({ users, organizations, sendsWebhooks });
  console.log(
    `The local Clerk now has ${total.users} users, ${total.organizations} organizations and ${total.memberships} memberships: ${url}/__clerk/dev`,
  );
  return 0;
}

async function isListening(url: string): Promise<boolean> {
  return fetch(url, { redirect: "manual" }).then(
    () => true,
    () => false,
  );
}
