/** Alerts by e-mail, sent to a small SMTP server. */
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { database } from "../../db";
import { sendAlerts } from "./alerts";
import type { Finding } from "./finding";
import { findHealth } from "./health";
import { sendMail } from "./smtp";

type Received = { commands: string[]; message: string };

/** A server that records what it is sent. `refuse` is the command that it answers with 550. */
const received: Received[] = [];
let refuse: string | null = null;
let offersTls = false;

function serve(socket: Socket) {
  const mail: Received = { commands: [], message: "" };
  let isData = false;
  let buffer = "";
  const say = (text: string) => socket.write(`${text}\r\n`);
  say("220 mail.test ESMTP");
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    buffer += chunk.toString();
    for (;;) {
      const end = buffer.indexOf(isData ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const text = buffer.slice(0, end);
      buffer = buffer.slice(end + (isData ? 5 : 2));
      if (isData) {
        mail.message = text;
        received.push(mail);
        isData = false;
        say("250 queued");
        continue;
      }
      mail.commands.push(text);
      const verb = text.split(" ")[0] ?? "";
      if (verb === refuse) say("550 no");
      else if (verb === "EHLO")
        say(`250-mail.test\r\n${offersTls ? "250-STARTTLS\r\n" : ""}250 AUTH PLAIN`);
      else if (verb === "STARTTLS") say("454 TLS not available");
      else if (verb === "AUTH") say("235 ok");
      else if (verb === "DATA") {
        isData = true;
        say("354 go on");
      } else say(verb === "QUIT" ? "221 bye" : "250 ok");
    }
  });
}

const server = createServer(serve);
let url = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  url = `smtp://rollcall:s%40cret@127.0.0.1:${port}`;
  process.env.ALERT_EMAIL_TO = "ops@example.com, oncall@example.com";
  process.env.SMTP_URL = url;
});

afterAll(() => {
  process.env.ALERT_EMAIL_TO = "";
  process.env.SMTP_URL = "";
  server.close();
});

beforeEach(async () => {
  received.length = 0;
  refuse = null;
  offersTls = false;
  await database().pool.query("DELETE FROM sync_facts WHERE name LIKE 'alerts%'");
});

const finding = (code: string, text: string): Finding => ({
  ...{ code, state: "bad", sentence: [text], remedy: "Run `npm run doctor`." },
  ...{ href: "/admin/sync", since: null },
});
const check = (...findings: Finding[]) =>
  sendAlerts(async () => ({ ...(await findHealth()), findings, databaseFault: null }));

const textOf = ({ message }: Received) =>
  Buffer.from(message.split("\r\n\r\n")[1] ?? "", "base64").toString();

test("a problem is mailed once to every address, with its remedy and a link, and its end once", async () => {
  await check(finding("a", "Clerk’s webhooks do not arrive."));
  await check(finding("a", "Clerk’s webhooks do not arrive."));
  expect(received).toHaveLength(1);
  const [mail] = received;
  if (!mail) throw new Error("no mail");
  expect(mail.commands.slice(0, 6)).toEqual([
    "EHLO rollcall.invalid",
    `AUTH PLAIN ${Buffer.from("\0rollcall\0s@cret").toString("base64")}`,
    "MAIL FROM:<ops@example.com>",
    "RCPT TO:<ops@example.com>",
    "RCPT TO:<oncall@example.com>",
    "DATA",
  ]);
  expect(mail.message).toMatch(/^From: Rollcall <ops@example\.com>\r$/m);
  expect(mail.message).toMatch(/^To: ops@example\.com, oncall@example\.com\r$/m);
  expect(mail.message).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(mail.message).toMatch(/\r\nSubject: =\?utf-8\?[BQ]\?/i);
  expect(textOf(mail)).toMatch(
    /🔴 Clerk’s webhooks do not arrive\.\r\nRun `npm run doctor`\.\r\nhttp\S+\/admin\/sync/,
  );
  await check();
  await check();
  expect(received).toHaveLength(2);
  expect(received[1] && textOf(received[1])).toContain("🟢 This is over");
});

test.each(["AUTH", "MAIL", "RCPT", "DATA"])(
  "a mail that the server refuses at %s is sent again at the next check",
  async (verb) => {
    refuse = verb;
    await check(finding("a", "Late."));
    expect(received).toHaveLength(0);
    refuse = null;
    await check(finding("a", "Late."));
    expect(received).toHaveLength(1);
  },
);

test("when the server offers TLS and then refuses it, no password is sent", async () => {
  offersTls = true;
  const mail = { from: "a@example.com", to: ["b@example.com"], subject: "x", text: "y" };
  await expect(sendMail(url, mail, 5_000)).rejects.toThrow("STARTTLS: the server answered 454");
  expect(received).toHaveLength(0);
});

test("a text with long lines, dots and line breaks arrives as it was, and a subject cannot add a header", async () => {
  const text = `${"x".repeat(5_000)}\n.\n..\nFrom the end`;
  const mail = { from: "a@example.com", to: ["b@example.com"], text };
  await sendMail(url, { ...mail, subject: "Rollcall\r\nBcc: eve@example.com" }, 5_000);
  const [found] = received;
  expect(found && textOf(found)).toBe(text.replaceAll("\n", "\r\n"));
  expect(found?.message).toContain("\r\nSubject: Rollcall Bcc: eve@example.com\r\n");
  const lines = found?.message.split("\r\n") ?? [];
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78);
});

test("a server that does not answer ends in an error in time", async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(silent.address());
  const mail = { from: "a@example.com", to: ["b@example.com"], subject: "x", text: "y" };
  await expect(sendMail(`smtp://127.0.0.1:${port}`, mail, 200)).rejects.toThrow("in time");
  silent.close();
});
