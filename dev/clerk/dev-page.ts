// The page of the local Clerk: mail with its codes, who is there, how webhooks go. Nothing on it comes
// from outside, and what people typed is only ever text on it.

const style = `
:root { color-scheme: light dark; --bg: #faf9f7; --card: #fff; --line: #e6e3de; --text: #23211e; --quiet: #6d6861;
  --accent: #4a45c9; --good: #1f6f43; --good-bg: #e6f3ea; --wait: #7a5800; --wait-bg: #fbf1d8; --bad: #a12a21; --bad-bg: #fbe9e7; }
@media (prefers-color-scheme: dark) { :root { --bg: #181715; --card: #211f1d; --line: #35322e; --text: #ece9e4; --quiet: #a29c93;
  --accent: #a5a1ff; --good: #86d3a5; --good-bg: #1c3325; --wait: #e5c069; --wait-bg: #372d13; --bad: #f2a29b; --bad-bg: #40201d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 14px/20px system-ui, sans-serif; }
header, main { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
header { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; padding-top: 24px; padding-bottom: 16px; }
h1 { font-size: 20px; line-height: 28px; font-weight: 550; margin: 0; }
header p { margin: 0; color: var(--quiet); }
header p:last-child { margin-left: auto; }
main { display: grid; grid-template-columns: 1fr 1fr; gap: 24px; padding-bottom: 48px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; min-width: 0; overflow: hidden; }
section.wide { grid-column: 1 / -1; }
@media (max-width: 800px) { main { grid-template-columns: 1fr; } }
h2 { font-size: 14px; font-weight: 550; margin: 0; padding: 12px 16px; display: flex; gap: 8px; align-items: baseline; border-bottom: 1px solid var(--line); }
h2 small { font-size: 13px; font-weight: 400; color: var(--quiet); }
h2 button { margin-left: auto; }
ul { list-style: none; margin: 0; padding: 0; max-height: 440px; overflow: auto; }
li { display: flex; gap: 12px; align-items: center; padding: 8px 16px; min-height: 36px; }
li + li { border-top: 1px solid var(--line); }
li > div { min-width: 0; flex: 1; }
.name { overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; }
.mono { font-family: ui-monospace, monospace; font-size: 13px; }
.code { font: 550 20px/28px ui-monospace, monospace; letter-spacing: .08em; font-variant-numeric: tabular-nums; }
time { color: var(--quiet); font-size: 13px; white-space: nowrap; font-variant-numeric: tabular-nums; }
.state { font-size: 12px; padding: 2px 8px; border-radius: 6px; white-space: nowrap; }
.delivered { color: var(--good); background: var(--good-bg); }
.pending { color: var(--wait); background: var(--wait-bg); }
.failed { color: var(--bad); background: var(--bad-bg); }
button { font: inherit; font-size: 13px; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: 6px; padding: 3px 10px; cursor: pointer; white-space: nowrap; }
button:hover { border-color: var(--accent); }
button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.empty { padding: 16px; color: var(--quiet); margin: 0; }
`;

const script = `
const at = (id) => document.getElementById(id);
const here = location.pathname.replace(/\\/$/, "");
function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}
function ago(ms) {
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000));
  const text = seconds < 60 ? seconds + " s" : seconds < 3600 ? Math.floor(seconds / 60) + " min"
    : seconds < 86400 ? Math.floor(seconds / 3600) + " h" : Math.floor(seconds / 86400) + " d";
  const time = el("time", "", text + " ago");
  time.dateTime = new Date(ms).toISOString();
  time.title = new Date(ms).toLocaleString();
  return time;
}
function button(text, label, run) {
  const node = el("button", "", text);
  node.type = "button";
  node.setAttribute("aria-label", label);
  node.addEventListener("click", run);
  return node;
}
async function post(path, body) {
  await fetch(here + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body || {}) });
  await refresh();
}
function fill(id, rows, empty) {
  at(id).replaceChildren(...(rows.length ? [el("ul", "", ...rows)] : [el("p", "empty", empty)]));
}
const mailRow = (mail) => el("li", "",
  el("div", "", el("div", "name", mail.to), el("div", "quiet", mail.subject)),
  ...(mail.code ? [el("span", "code", mail.code), button("Copy", "Copy the code " + mail.code, () => navigator.clipboard.writeText(mail.code))] : []),
  ago(mail.createdAt));
const personRow = (person) => el("li", "",
  el("div", "", el("div", "name", person.name), el("div", "quiet", person.email)),
  el("span", "quiet", person.note), ago(person.createdAt));
const organizationRow = (organization) => el("li", "",
  el("div", "", el("div", "name", organization.name),
    el("div", "quiet", organization.members.map((m) => m.name + " (" + m.role.toLowerCase() + ")").join(", ") || "No members")),
  el("span", "quiet mono", organization.slug));
const words = { delivered: "Delivered", pending: "Waiting", failed: "Given up" };
function messageRow(message) {
  const tries = message.attempts.map((a) => a.error || a.status).join(", ");
  const next = message.status === "pending" && message.nextAt > Date.now() ? "next at " + new Date(message.nextAt).toLocaleTimeString() : "";
  return el("li", "",
    el("div", "", el("div", "name", message.type), el("div", "quiet mono", message.id)),
    el("span", "quiet", [tries, next].filter(Boolean).join(", ")),
    el("span", "state " + message.status, words[message.status]),
    button("Send again", "Send " + message.type + " again", () => post("/webhooks/replay", { id: message.id })),
    ago(message.createdAt));
}
function draw(o) {
  at("app").replaceChildren("stands in for Clerk for " + o.appUrl);
  at("password").replaceChildren("Everybody from the seed has the password ", el("span", "mono", o.password));
  at("people-count").textContent = o.peopleCount;
  at("organizations-count").textContent = o.organizationsCount;
  at("messages-count").textContent = o.messagesCount + " to " + o.webhookUrl;
  at("pause").textContent = o.isPaused ? "Resume" : "Pause";
  at("pause").onclick = () => post(o.isPaused ? "/webhooks/resume" : "/webhooks/pause");
  fill("mails", o.mails.map(mailRow), "No mail yet. Codes appear here when somebody asks for one.");
  fill("people", o.people.map(personRow), "Nobody is here yet.");
  fill("organizations", o.organizations.map(organizationRow), "No organizations yet.");
  fill("messages", o.messages.map(messageRow), "No webhooks yet.");
}
let last = "";
async function refresh() {
  try {
    const text = await (await fetch(here + "/overview.json")).text();
    at("link").textContent = "";
    if (text === last) return;
    last = text;
    draw(JSON.parse(text));
  } catch {
    at("link").textContent = "The local Clerk does not answer.";
  }
}
refresh();
setInterval(() => { if (!document.hidden) refresh(); }, 1500);
`;

export function devPage(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Local Clerk</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<header><h1>Local Clerk</h1><p id="app"></p><p id="link" role="status"></p><p id="password"></p></header>
<main>
<section class="wide"><h2>Mail</h2><div id="mails"></div></section>
<section><h2>People <small id="people-count"></small></h2><div id="people"></div></section>
<section><h2>Organizations <small id="organizations-count"></small></h2><div id="organizations"></div></section>
<section class="wide"><h2>Webhooks <small id="messages-count"></small><button id="pause" type="button">Pause</button></h2><div id="messages"></div></section>
</main>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`;
}
