// The control page: sent messages, people, sessions and webhooks. It polls the overview, and redraws when the overview changes.

import { connectActions } from "./actions.js";
import { at, copyButton, el, fill, get, post } from "./dom.js";
import { mailRow, messageRow, organizationRow, sessionRow, userRow } from "./rows.js";

let lastDrawn = "";
let lastUpdate = Date.now();

const postThenRefresh = (path, body) => post(path, body).then(refresh);
const endSession = (sessionId, how) => postThenRefresh("/sessions/end", { sessionId, how });
const resend = (id) => postThenRefresh("/webhooks/replay", { id });

function webhookFaultsOf({ delayMs, shuffleWithinMs, duplicate, drop }) {
  return [
    delayMs && `delayed by ${delayMs} ms`,
    shuffleWithinMs && `shuffled within ${shuffleWithinMs} ms`,
    duplicate && `${Math.round(duplicate * 100)} % sent twice`,
    drop && `${Math.round(drop * 100)} % dropped`,
  ].filter(Boolean);
}

function describeApiFault({ api, path, latencyMs, outcome, times, share }) {
  const name = api === "fapi" ? "Frontend API" : "Backend API";
  const response =
    { answer: "responds", timeout: "does not respond" }[outcome] ?? `responds with ${outcome}`;
  const delay = latencyMs ? ` after ${latencyMs} ms` : "";
  const part = share < 1 ? ` to ${Math.round(share * 100)} % of requests` : "";
  return `${name}${path ? ` (${path})` : ""} ${response}${delay}${part}${times ? `, ${times} ×` : ""}`;
}

/** Says above all lists what makes the local Clerk behave unlike Clerk now. */
function drawActiveFaults(overview) {
  const { faults, disturbances, isPaused, isEndpointEnabled } = overview;
  const webhookFaults = webhookFaultsOf(disturbances);
  const active = [
    ...faults.map(describeApiFault),
    ...(webhookFaults.length ? [`Webhooks are ${webhookFaults.join(", ")}`] : []),
    ...(isPaused ? ["Webhooks are paused"] : []),
    ...(isEndpointEnabled ? [] : ["The app's webhook endpoint is disabled"]),
  ];
  at("active-faults").hidden = active.length === 0;
  at("active-faults").textContent = active.map((each) => `${each}.`).join(" ");
  at("webhook-faults").textContent = webhookFaults.length
    ? `Active: ${webhookFaults.join(", ")}.`
    : "No webhook faults.";
  at("api-faults").textContent = faults.length
    ? `Active: ${faults.map(describeApiFault).join("; ")}.`
    : "No API faults.";
}

function drawPayers(users) {
  const payer = at("payer");
  const chosen = payer.value;
  payer.replaceChildren(...users.map((each) => new Option(each.name, each.id)));
  if (users.some((each) => each.id === chosen)) payer.value = chosen;
}

function drawCounts(overview) {
  const { users, usersCount, organizations, organizationsCount, messagesCount } = overview;
  at("people-count").textContent = usersCount.toLocaleString("en");
  at("organizations-count").textContent = organizationsCount.toLocaleString("en");
  at("sessions-count").textContent = `${overview.sessions.length} active`;
  at("messages-count").textContent =
    `${messagesCount.toLocaleString("en")} to ${overview.webhookUrl}`;
  const newest =
    !at("people-search").value && users.length < usersCount
      ? `The newest ${users.length} are listed; a search looks at all. `
      : "";
  const { password } = overview;
  const copy = copyButton(password, password, "Copy the password of every seeded user", "mono");
  at("password").replaceChildren(`${newest}Password of every seeded user: `, copy);
  at("organizations-foot").textContent =
    organizations.length < organizationsCount
      ? `The newest ${organizations.length} are listed.`
      : "";
}

function draw(overview) {
  const { now, isPaused } = overview;
  at("app").replaceChildren(
    "Runs in place of Clerk for ",
    el("span", "mono", new URL(overview.appUrl).host),
  );
  drawCounts(overview);
  drawActiveFaults(overview);
  at("clock").textContent = `The clock shows ${new Date(now).toLocaleString()}.`;
  at("pause").textContent = isPaused ? "Resume" : "Pause";
  at("pause").onclick = () =>
    isPaused
      ? postThenRefresh("/webhooks/resume", { order: at("order").value })
      : postThenRefresh("/webhooks/pause");
  drawPayers(overview.users);
  const rows = (records, row, act) => records.map((each) => row(each, now, act));
  fill("mails", rows(overview.mails, mailRow), "No messages yet. Codes and links appear here.");
  const noPeople = at("people-search").value
    ? "No people match this search."
    : "No people yet. Add some under Generate data.";
  fill("people", rows(overview.users, userRow), noPeople);
  fill("organizations", rows(overview.organizations, organizationRow), "No organizations yet.");
  fill("sessions", rows(overview.sessions, sessionRow, endSession), "No active sessions.");
  fill("messages", rows(overview.messages, messageRow, resend), "No webhooks yet.");
}

function drawConnection(isRunning) {
  const time = new Date(lastUpdate).toLocaleTimeString();
  at("connection").className = isRunning ? "is-good" : "is-bad";
  at("connection").textContent = isRunning
    ? "Up to date"
    : `Not running. This is the state at ${time}.`;
}

async function refresh() {
  try {
    const search = at("people-search").value.trim();
    const overview = await get(`/overview.json?people=${encodeURIComponent(search)}`);
    lastUpdate = Date.now();
    drawConnection(true);
    const { now: _now, ...rest } = overview;
    // Redraws once a minute even without a change, to update the relative times.
    const text = JSON.stringify({ ...rest, search, minute: Math.floor(overview.now / 60_000) });
    if (text === lastDrawn) return;
    lastDrawn = text;
    draw(overview);
  } catch {
    drawConnection(false);
  }
}

await refresh();
setInterval(() => {
  if (!document.hidden) refresh();
}, 1_500);
at("people-search").addEventListener("input", refresh);
await connectActions(refresh);
