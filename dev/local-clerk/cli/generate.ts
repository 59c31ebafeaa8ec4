// `local-clerk generate`: adds generated users and organizations to a local Clerk that is already running.

import { controlClient } from "../control/client";
import { readRunningUrl } from "../running-url";
import { UserError } from "../user-error";

type GenerateOptions = {
  users: number;
  organizations: number;
  sendsWebhooks: boolean;
  dataDir: string;
  url?: string;
};

export async function generateData(options: GenerateOptions): Promise<number> {
  const url = options.url ?? readRunningUrl(options.dataDir);
  if (url === null || !(await isListening(url))) {
    const place = options.url ?? options.dataDir;
    throw new UserError(
      `No local Clerk is running (looked at ${place}). Start it first, or name another one with --url.`,
    );
  }
  const { users, organizations, sendsWebhooks } = options;
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
