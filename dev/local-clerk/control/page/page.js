// The control page: users, sent mail, sessions and webhooks. It polls the overview, and redraws when the overview changes.

import { connectActions } from "./actions.js";
import { ago, at, button, el, fill, get, link, post } from "./dom.js";

const statusLabels = {
  delivered: "Delivered",
  pending: "Pending",
  failed: "Failed",
  dropped: "Dropped",
};
const statusClasses = { delivered: "good", pending: "wait", failed: "bad", dropped: "bad" };
let lastDrawn = "";
let now = Date.now();

const postThenRefresh = (path, body) => () => post(path, body).then(refresh);

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
    ...(isLink ? [link("Open link", mail.link, `Open the link sent to ${mail.to}`)] : []),
    ago(mail.createdAt, now),
  );
}

function userRow(person) {
  const names = el("div", "", el("div", "name", person.name), el("div", "quiet", person.email));
  return el("li", "", names, el("span", "quiet", person.note), ago(person.createdAt, now));
}

function organizationRow({ name, slug, members }) {
  const shown = members.slice(0, 5).map((each) => `${each.name} (${each.role.toLowerCase()})`);
  const more = members.length - shown.length;
  const list = [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
  const names = el("div", "", el("div", "name", name), el("div", "quiet", list || "No members"));
  return el("li", "", names, el("span", "quiet mono", slug));
}

function sessionRow(session) {
  const { id, name, browser, actor } = session;
  const where = actor ? `${browser}, impersonated by ${actor}` : browser;
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

const endSession = (sessionId, how) => postThenRefresh("/sessions/end", { sessionId, how });

function messageRow(message) {
  const { id, type, status, nextAt, attempts } = message;
  const results = attempts.map((each) => each.error || each.status).join(", ");
  const isScheduled = status === "pending" && nextAt > now;
  const next = isScheduled ? `next attempt at ${new Date(nextAt).toLocaleTimeString()}` : "";
  return el(
    "li",
    "",
    el("div", "", el("div", "name", type), el("div", "quiet mono", id)),
    el("span", "quiet", [results, next].filter(Boolean).join(", ")),
    el("span", `state ${statusClasses[status]}`, statusLabels[status]),
    button("Resend", `Resend ${type} ${id}`, postThenRefresh("/webhooks/replay", { id })),
    ago(message.createdAt, now),
  );
}

function describeWebhookFaults({ delayMs, shuffleWithinMs, duplicate, drop }) {
  const faults = [
    delayMs && `delayed by ${delayMs} ms`,
    shuffleWithinMs && `shuffled within ${shuffleWithinMs} ms`,
    duplicate && `${Math.round(duplicate * 100)} % sent twice`,
    drop && `${Math.round(drop * 100)} % dropped`,
  ].filter(Boolean);
  return faults.length ? `Active: ${faults.join(", ")}.` : "No webhook faults.";
}

function describeApiFault({ api, path, latencyMs, outcome, times }) {
  const name = api === "fapi" ? "Frontend API" : "Backend API";
  const response =
    { answer: "responds", timeout: "does not respond" }[outcome] ?? `responds with ${outcome}`;
  const delay = latencyMs ? ` after ${latencyMs} ms` : "";
  return `${name}${path ? ` (${path})` : ""} ${response}${delay}${times ? `, ${times} ×` : ""}`;
}

function drawPayers(users) {
  const payer = at("payer");
  const chosen = payer.value;
  payer.replaceChildren(...users.map((each) => new Option(each.name, each.id)));
  if (users.some((each) => each.id === chosen)) payer.value = chosen;
}

function draw(overview) {
  now = overview.now;
  at("app").replaceChildren(`Stands in for Clerk at ${overview.appUrl}`);
  const password = el("span", "mono", overview.password);
  at("password").replaceChildren("Password of every seeded user: ", password);
  at("people-count").textContent = overview.usersCount.toLocaleString();
  at("organizations-count").textContent = overview.organizationsCount.toLocaleString();
  at("sessions-count").textContent = `${overview.sessions.length} active`;
  at("messages-count").textContent = `${overview.messagesCount} to ${overview.webhookUrl}`;
  at("webhook-faults").textContent = describeWebhookFaults(overview.disturbances);
  at("api-faults").textContent = overview.faults.length
    ? `Active: ${overview.faults.map(describeApiFault).join("; ")}.`
    : "No API faults.";
  at("clock").textContent = `The clock shows ${new Date(overview.now).toLocaleString()}.`;
  at("pause").textContent = overview.isPaused ? "Resume" : "Pause";
  at("pause").onclick = () =>
    overview.isPaused
      ? postThenRefresh("/webhooks/resume", { order: at("order").value })()
      : postThenRefresh("/webhooks/pause")();
  drawPayers(overview.users);
  fill("mails", overview.mails.map(mailRow), "No messages yet. Codes and links appear here.");
  fill("people", overview.users.map(userRow), "No users yet.");
  fill("organizations", overview.organizations.map(organizationRow), "No organizations yet.");
  fill("sessions", overview.sessions.map(sessionRow), "No active sessions.");
  fill("messages", overview.messages.map(messageRow), "No webhooks yet.");
}

async function refresh() {
  try {
    const overview = await get("/overview.json");
    at("connection").textContent = "";
    const { now: _now, ...rest } = overview;
    // Redraws once a minute even without a change, to update the relative times.
    const text = JSON.stringify({ ...rest, minute: Math.floor(overview.now / 60_000) });
    if (text === lastDrawn) return;
    lastDrawn = text;
    draw(overview);
  } catch {
    at("connection").textContent = "The local Clerk is not running.";
  }
}

await refresh();
setInterval(() => {
  if (!document.hidden) refresh();
}, 1_500);
await connectActions(refresh);
