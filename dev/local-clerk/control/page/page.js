// The page of the local Clerk: who is there, what was mailed, how webhooks go. It asks anew all the time.

import { ago, at, button, el, fill, get, link, post } from "./dom.js";
import { wireLevers } from "./levers.js";

const words = {
  delivered: "Delivered",
  pending: "Waiting",
  failed: "Given up",
  dropped: "Dropped",
};
const tones = { delivered: "good", pending: "wait", failed: "bad", dropped: "bad" };
let last = "";
let now = Date.now();

const pull = (path, body) => () => post(path, body).then(refresh);

function mailRow(mail) {
  const isLink = mail.link?.startsWith("http");
  const copy = () => navigator.clipboard.writeText(mail.code);
  return el(
    "li",
    "",
    el("div", "", el("div", "name", mail.to), el("div", "quiet", mail.subject)),
    ...(mail.channel === "sms" ? [el("span", "state wait", "SMS")] : []),
    ...(mail.code
      ? [el("span", "code", mail.code), button("Copy", `Copy the code ${mail.code}`, copy)]
      : []),
    ...(isLink ? [link("Open the link", mail.link, `Open the link mailed to ${mail.to}`)] : []),
    ago(mail.createdAt, now),
  );
}

function personRow(person) {
  const names = el("div", "", el("div", "name", person.name), el("div", "quiet", person.email));
  return el("li", "", names, el("span", "quiet", person.note), ago(person.createdAt, now));
}

function organizationRow({ name, slug, members }) {
  const who = members.map((each) => `${each.name} (${each.role.toLowerCase()})`).join(", ");
  const names = el("div", "", el("div", "name", name), el("div", "quiet", who || "No members"));
  return el("li", "", names, el("span", "quiet mono", slug));
}

function sessionRow(session) {
  const { id, name, browser, actor } = session;
  const where = actor ? `${browser}, acted for by ${actor}` : browser;
  return el(
    "li",
    "",
    el("div", "", el("div", "name", name), el("div", "quiet mono", id)),
    el("span", "quiet", where),
    button("Expire", `Expire the session ${id} of ${name}`, endSession(id, "expire")),
    button("Revoke", `Revoke the session ${id} of ${name}`, endSession(id, "revoke")),
    ago(session.lastActiveAt, now),
  );
}

const endSession = (sessionId, how) => pull("/sessions/end", { sessionId, how });

function messageRow(message) {
  const { id, type, status, nextAt, attempts } = message;
  const tries = attempts.map((each) => each.error || each.status).join(", ");
  const isLater = status === "pending" && nextAt > now;
  const next = isLater ? `next at ${new Date(nextAt).toLocaleTimeString()}` : "";
  return el(
    "li",
    "",
    el("div", "", el("div", "name", type), el("div", "quiet mono", id)),
    el("span", "quiet", [tries, next].filter(Boolean).join(", ")),
    el("span", `state ${tones[status]}`, words[status]),
    button("Send again", `Send ${type} ${id} again`, pull("/webhooks/replay", { id })),
    ago(message.createdAt, now),
  );
}

function describeDisturbances({ delayMs, shuffleWithinMs, duplicate, drop }) {
  const said = [
    delayMs && `${delayMs} ms late`,
    shuffleWithinMs && `shuffled within ${shuffleWithinMs} ms`,
    duplicate && `${Math.round(duplicate * 100)} % twice`,
    drop && `${Math.round(drop * 100)} % never`,
  ].filter(Boolean);
  return said.length ? `Now: ${said.join(", ")}.` : "Now: at once, in order, each once.";
}

function faultInWords({ api, path, latencyMs, outcome, times }) {
  const which = api === "fapi" ? "Frontend API" : "Backend API";
  const what = { answer: "answers", timeout: "never answers" }[outcome] ?? `answers ${outcome}`;
  const when = latencyMs ? ` after ${latencyMs} ms` : "";
  return `${which}${path ? ` (${path})` : ""} ${what}${when}${times ? `, ${times} ×` : ""}`;
}

function drawPayers(people) {
  const payer = at("payer");
  const chosen = payer.value;
  payer.replaceChildren(...people.map((each) => new Option(each.name, each.id)));
  if (people.some((each) => each.id === chosen)) payer.value = chosen;
}

function draw(o) {
  now = o.now;
  at("app").replaceChildren(`stands in for Clerk for ${o.appUrl}`);
  const secret = el("span", "mono", o.password);
  at("password").replaceChildren("Everybody from the seed has the password ", secret);
  at("people-count").textContent = o.peopleCount;
  at("organizations-count").textContent = o.organizationsCount;
  at("sessions-count").textContent = `${o.sessions.length} live`;
  at("messages-count").textContent = `${o.messagesCount} to ${o.webhookUrl}`;
  at("disturbances-now").textContent = describeDisturbances(o.disturbances);
  at("faults-now").textContent = o.faults.length
    ? `Now: ${o.faults.map(faultInWords).join("; ")}.`
    : "Now: no trouble.";
  at("clock-now").textContent = `It is ${new Date(o.now).toLocaleString()} here.`;
  at("pause").textContent = o.isPaused ? "Resume" : "Pause";
  at("pause").onclick = () =>
    pull(
      o.isPaused ? "/webhooks/resume" : "/webhooks/pause",
      o.isPaused ? { order: at("order").value } : {},
    )();
  drawPayers(o.people);
  fill("mails", o.mails.map(mailRow), "Nothing yet. Codes appear here when somebody asks for one.");
  fill("people", o.people.map(personRow), "Nobody is here yet.");
  fill("organizations", o.organizations.map(organizationRow), "No organizations yet.");
  fill("sessions", o.sessions.map(sessionRow), "Nobody is signed in.");
  fill("messages", o.messages.map(messageRow), "No webhooks yet.");
}

async function refresh() {
  try {
    const overview = await get("/overview.json");
    at("link").textContent = "";
    const { now: _now, ...rest } = overview;
    // The ages of what is shown are drawn anew with what is new, and each minute.
    const text = JSON.stringify({ ...rest, minute: Math.floor(overview.now / 60_000) });
    if (text === last) return;
    last = text;
    draw(overview);
  } catch {
    at("link").textContent = "The local Clerk does not answer.";
  }
}

await refresh();
setInterval(() => {
  if (!document.hidden) refresh();
}, 1_500);
await wireLevers(refresh);
