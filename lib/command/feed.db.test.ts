/** Tests `npm run feed` with an HTTP server that receives the messages. */
import { execFile } from "node:child_process";
import { Webhook } from "svix";
import { afterAll, beforeEach, expect, test } from "vitest";
import { startFeedReceiver } from "@/dev/testing/feed-receiver";
import { database } from "../db";
import { UserError } from "../errors";
import { manageFeed } from "./feed";

const { pool, prisma } = database();
const receiver = await startFeedReceiver();
afterAll(() => receiver.close());
beforeEach(async () => {
  receiver.received.length = 0;
  receiver.answer = null;
  await pool.query("TRUNCATE feed_endpoints, effect_jobs, effect_subscribers");
});

const feed = (...args: string[]) => manageFeed(args);

type Ended = { code: number; output: string; errors: string };

function runProcess(...args: string[]): Promise<Ended> {
  const command = ["--import", "tsx", "lib/command/feed.ts", ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, (_error, output, errors) =>
      resolve({ code: child.exitCode ?? -1, output, errors }),
    );
  });
}

const secretIn = (output: string) => /whsec_[A-Za-z0-9+/]+=*/.exec(output)?.[0] ?? "none";

test("npm run feed adds an endpoint with a secret that is printed once, tests it, rotates its secret and removes it", async () => {
  const url = `${receiver.url}?token=hidden`;
  const added = await feed("add", "crm", url, "--allow-private", "--only", "user,membership");
  const secret = secretIn(added);
  const stored = await prisma.feedEndpoint.findUnique({ where: { name: "crm" } });
  expect(stored).toMatchObject({ url, secrets: [secret], kinds: ["user", "membership"] });
  expect(await prisma.effectSubscriber.count({ where: { handler: "feed:crm" } })).toBe(6);

  expect(await feed("list")).toBe(
    `crm  ${receiver.url}?…\n  user, membership · private address allowed\n  nothing sent yet`,
  );

  expect(await feed("send-test", "crm")).toBe("crm accepted the test message: it answered 204.");
  const [message] = receiver.received;
  expect(new Webhook(secret).verify(message?.body ?? "", message?.headers ?? {})).toMatchObject({
    type: "feed.test",
  });
  receiver.answer = (response) => response.writeHead(301, { location: "/" }).end();
  await expect(feed("send-test", "crm")).rejects.toThrow(
    "crm did not accept the test message: it answered 301, a redirect, which is not followed.",
  );

  const rotated = await feed("rotate", "crm");
  expect(secretIn(rotated)).not.toBe(secret);
  expect(rotated).toContain("npm run feed -- retire-old-secret crm");
  expect(await feed("list")).toContain("two secrets");
  await feed("retire-old-secret", "crm");
  expect((await prisma.feedEndpoint.findFirst())?.secrets).toEqual([secretIn(rotated)]);

  expect(await feed("remove", "crm")).toBe("crm is removed.");
  expect(await feed("list")).toBe("No endpoint yet. `npm run feed -- add NAME URL` adds one.");
});

test("npm run feed enable prints how many messages were not sent, and the printed command sends them", async () => {
  await feed("add", "crm", receiver.url, "--allow-private");
  expect(await feed("disable", "crm")).toBe("crm is disabled. Its messages are not sent.");
  await pool.query(
    `INSERT INTO effect_jobs (handler, object_table, object_id, change, cause, key, current, occurred_at, done_at)
     VALUES ('feed:crm', 'users', 'user_1', 'created', 'webhook', 'feed:crm:user_1:created', '{"id":"user_1"}', now(), now())`,
  );
  const enabled = await feed("enable", "crm");
  const [, command = ""] = /npm run feed -- (enable crm --replay-since \S+)/.exec(enabled) ?? [];
  expect(enabled).toContain("1 message from while it was disabled was not sent.");
  expect(await feed(...command.split(" "))).toMatch(
    /^crm is enabled\.\n1 message since \S+ will be sent again\.$/,
  );
  expect(await prisma.effectJob.count({ where: { doneAt: null } })).toBe(1);
});

test.each([
  [["add", "crm", "http://127.0.0.1/"], "Only an endpoint in your own network may use http://"],
  [["add", "crm", "https://localhost/"], "add --allow-private"],
  [["add", "crm", "https://169.254.169.254/", "--allow-private"], "Use another URL"],
  [["add", "CRM", "https://8.8.8.8/"], "A name has lower-case letters"],
  [["add", "crm", "https://8.8.8.8/", "--only", "session"], "The kinds are user, organization"],
  [["add", "crm", "https://8.8.8.8/", "--private-metadata"], "MIRROR_PRIVATE_METADATA=true"],
  [["enable", "crm", "--replay-since", "yesterday"], "yesterday is not a time"],
  [["rotate", "crm"], "No endpoint is named crm. There is none yet."],
  [["add", "crm"], "Usage: npm run feed"],
  [["list", "--only", "user"], "Usage: npm run feed"],
  [["constructor"], "Usage: npm run feed"],
])("npm run feed refuses the arguments %j, and says what to do", async (args, expected) => {
  const error: unknown = await feed(...args).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect(String(error)).toContain(expected);
  expect(await prisma.feedEndpoint.count()).toBe(0);
});

test("npm run feed -- add prints the secret of the endpoint once, and one line without a stack if the endpoint's name exists", async () => {
  const args = ["add", "crm", receiver.url, "--allow-private"];
  const added = await runProcess(...args);
  expect(added).toMatchObject({ code: 0, errors: "" });
  expect(added.output.match(/whsec_/g)).toHaveLength(1);
  expect(await runProcess(...args)).toEqual({
    code: 1,
    output: "",
    errors: "An endpoint named crm exists. Choose another name, or remove that one first.\n",
  });
  expect((await prisma.feedEndpoint.findFirst())?.secrets).toEqual([secretIn(added.output)]);
});
