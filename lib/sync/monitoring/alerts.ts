/**
 * Alerts: sends each problem that Health finds to a Slack-compatible webhook URL and by e-mail, once when the problem begins or gets
 * worse, and once when it is over. The state of the sent alerts is a row of `sync_facts` for each channel, so several workers send
 * each alert once.
 */
import { z } from "zod";
import { type Queryable, transaction } from "../../db";
import { type Env, env } from "../../env";
import { log } from "../../log";
import { paths } from "../../paths";
import type { Finding } from "./finding";
import type { Health } from "./health";
import { sendMail } from "./smtp";
import { sentenceText } from "./verdict";

/** The codes of findings that come and go with the load. They cause no alert. */
const MEASURED = new Set(["slow-database", "connections"]);

/** A finding that is missing in this many consecutive checks is over. A single check may miss a finding by chance. */
const MISSED_CHECKS = 2;

const DEADLINE_MS = 10_000;

const openShape = z.record(
  z.string(),
  z.object({ state: z.enum(["bad", "warn"]), sentence: z.string(), missed: z.number() }),
);
/** The problems that were reported and are not over, by the code of the finding. */
type Open = z.output<typeof openShape>;

const isProblem = ({ code, state }: Finding) =>
  (state === "bad" || state === "warn") && !MEASURED.has(code);

/** Returns the lines to send, and the open alerts after they were sent. Pure. */
export function decideAlerts(open: Open, { findings, at }: Pick<Health, "findings" | "at">) {
  const { appUrl } = env();
  const lines: string[] = [];
  const next: Open = {};
  for (const finding of findings.filter(isProblem)) {
    const { code, remedy, href } = finding;
    const state = finding.state === "bad" ? "bad" : "warn";
    const before = open[code];
    const sentence = sentenceText(finding.sentence, at);
    next[code] = { state, sentence, missed: 0 };
    if (before && !(before.state === "warn" && state === "bad")) continue;
    const mark = state === "bad" ? "🔴" : "🟠";
    lines.push(
      [`${mark} ${sentence}`, remedy, `${appUrl}${href ?? paths.sync}`].filter(Boolean).join("\n"),
    );
  }
  for (const [code, alert] of Object.entries(open)) {
    if (next[code]) continue;
    if (alert.missed + 1 < MISSED_CHECKS) next[code] = { ...alert, missed: alert.missed + 1 };
    else lines.push(`🟢 This is over: ${alert.sentence}\n${appUrl}${paths.sync}`);
  }
  return { lines, next };
}

/** Posts an alert. Resolves to true if the receiver accepted it. Logs a failure without the URL, which is a secret. */
async function post(url: string, text: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
      redirect: "error",
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    await response.body?.cancel();
    if (response.ok) return true;
    log.warn("alert not sent: the receiver refused it", { status: response.status });
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown";
    log.warn("alert not sent: ALERT_WEBHOOK_URL could not be reached", { error: name });
  }
  return false;
}

/** How the lines reach a person. Each channel has its own state, so that a failure of one does not repeat the other's alerts. */
type Channel = { fact: string; send: (lines: string[]) => Promise<boolean> };

async function mail(lines: string[], { to, from, smtpUrl }: NonNullable<Env["alertMail"]>) {
  const host = new URL(env().appUrl).host;
  const [first = ""] = lines;
  const more = lines.length > 1 ? ` (and ${lines.length - 1} more)` : "";
  try {
    await sendMail(
      smtpUrl,
      {
        ...{ from, to },
        subject: `Rollcall, ${host}: ${first.split("\n")[0]}${more}`,
        text: `${lines.join("\n\n")}\n`,
      },
      DEADLINE_MS,
    );
    return true;
  } catch (error) {
    // The message of a network error names the host and port, never the password.
    log.warn("alert not sent by e-mail: the SMTP server did not accept it", {}, error);
    return false;
  }
}

function channels(): Channel[] {
  const { appUrl, alertWebhookUrl, alertMail } = env();
  const title = `*Rollcall, ${new URL(appUrl).host}*`;
  return [
    ...(alertWebhookUrl
      ? [
          {
            fact: "alerts",
            send: (lines: string[]) => post(alertWebhookUrl, [title, ...lines].join("\n\n")),
          },
        ]
      : []),
    ...(alertMail
      ? [{ fact: "alerts by e-mail", send: (lines: string[]) => mail(lines, alertMail) }]
      : []),
  ];
}

async function lockOpen(db: Queryable, fact: string): Promise<Open> {
  await db.query("INSERT INTO sync_facts (name, value) VALUES ($1, '{}') ON CONFLICT DO NOTHING", [
    fact,
  ]);
  const { rows } = await db.query<{ value: unknown }>(
    "SELECT value FROM sync_facts WHERE name = $1 FOR UPDATE",
    [fact],
  );
  return openShape.safeParse(rows[0]?.value).data ?? {};
}

/**
 * Sends the alerts that are due. An alert that the receiver did not accept is sent again in the next check. Without
 * `ALERT_WEBHOOK_URL` and `ALERT_EMAIL_TO`, does nothing.
 */
export async function sendAlerts(readHealth: () => Promise<Health>): Promise<void> {
  const all = channels();
  if (all.length === 0) return;
  const health = await readHealth();
  if (health.databaseFault) return;
  for (const { fact, send } of all) {
    await transaction(async (db) => {
      const { lines, next } = decideAlerts(await lockOpen(db, fact), health);
      if (lines.length > 0 && !(await send(lines))) return;
      await db.query(
        "UPDATE sync_facts SET value = $2::jsonb, updated_at = now() WHERE name = $1",
        [fact, JSON.stringify(next)],
      );
    });
  }
}
