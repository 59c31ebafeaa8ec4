// The rows of the control page's lists: sent messages, people, organizations, sessions and webhooks.

import { ago, button, copyButton, el, get, idButton, link } from "./dom.js";

const statuses = {
  delivered: ["Delivered", "good"],
  pending: ["Pending", "wait"],
  failed: ["Failed", "bad"],
  dropped: ["Dropped", "bad"],
};

const stateBadge = (status) => el("span", `state ${statuses[status][1]}`, statuses[status][0]);

export function mailRow(mail, now) {
  const isLink = mail.link?.startsWith("http");
  return el(
    "li",
    "",
    el("div", "", el("div", "name", mail.to), el("div", "quiet", mail.subject)),
    ...(mail.channel === "sms" ? [el("span", "state wait", "SMS")] : []),
    ...(mail.code
      ? [copyButton(mail.code, mail.code, `Copy the code ${mail.code} for ${mail.to}`, "code")]
      : []),
    ...(isLink ? [link("Open link", mail.link, `Open the link sent to ${mail.to}`)] : []),
    ago(mail.createdAt, now),
  );
}

export function userRow(person, now) {
  const { id, name, email } = person;
  const address = email
    ? copyButton(email, email, `Copy the email address ${email}`, "quiet text")
    : el("div", "quiet", "No email address");
  return el(
    "li",
    "",
    el("div", "", el("div", "name", name), address),
    ...(person.note ? [el("span", "quiet", person.note)] : []),
    idButton(id, "user id"),
    ago(person.createdAt, now),
  );
}

export function organizationRow({ id, name, slug, members }) {
  const shown = members.slice(0, 3).map((each) => `${each.name} (${each.role.toLowerCase()})`);
  const more = members.length - shown.length;
  const list = [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
  const names = el("div", "", el("div", "name", name), el("div", "quiet", list || "No members"));
  const slugs = slug ? [el("span", "quiet mono", slug)] : [];
  return el("li", "", names, ...slugs, idButton(id, "organization id"));
}

export function sessionRow(session, now, end) {
  const { id, name, browser, actor } = session;
  const where = actor ? `${browser}, impersonated by ${actor}` : browser;
  return el(
    "li",
    "",
    el("div", "", el("div", "name", name), el("div", "quiet", where)),
    idButton(id, "session id"),
    button("Expire", `Expire the session ${id} of ${name}`, () => end(id, "expire")),
    button("Revoke", `Revoke the session ${id} of ${name}`, () => end(id, "revoke")),
    ago(session.lastActiveAt, now),
  );
}

/** The ids of the messages whose attempts are shown. They stay open when the list is redrawn. */
const opened = new Set();
const payloads = new Map();

const clockTime = (ms) => new Date(ms).toLocaleTimeString();

function attemptsTable({ attempts }) {
  if (!attempts.length) return el("p", "note", "No attempt yet.");
  const head = [
    el("th", "number", "Attempt"),
    el("th", "", "Time"),
    el("th", "", "Result"),
    el("th", "number", "Took"),
  ];
  const rows = attempts.map((each, index) =>
    el(
      "tr",
      "",
      el("td", "number", String(index + 1)),
      el("td", "", clockTime(each.at)),
      el("td", "", each.error ?? `HTTP ${each.status}`),
      el("td", "number", `${each.tookMs} ms`),
    ),
  );
  return el("table", "", el("thead", "", el("tr", "", ...head)), el("tbody", "", ...rows));
}

function messagePanel(message, now) {
  const payload = el("pre", "", payloads.get(message.id) ?? "Loading the payload.");
  payload.tabIndex = 0;
  if (!payloads.has(message.id)) {
    get(`/webhooks/${message.id}.json`).then(({ body }) => {
      payloads.set(message.id, JSON.stringify(JSON.parse(body), null, 2));
      payload.textContent = payloads.get(message.id);
    });
  }
  const deliveries = message.deliveries.flatMap((each) => [
    ...(message.deliveries.length > 1
      ? [el("h3", "", `Endpoint ${each.endpointId} `, stateBadge(each.status))]
      : []),
    attemptsTable(each),
    ...(each.status === "pending" && each.nextAt > now
      ? [el("p", "note", `Next attempt at ${clockTime(each.nextAt)}.`)]
      : []),
  ]);
  const none = el("p", "note", "No endpoint receives this message.");
  return el("div", "panel", ...(deliveries.length ? deliveries : [none]), payload);
}

export function messageRow(message, now, resend) {
  const { id, type, status, nextAt, attempts } = message;
  const results = attempts.map((each) => each.error || each.status).join(", ");
  const isScheduled = status === "pending" && nextAt > now;
  const next = isScheduled ? `next attempt at ${clockTime(nextAt)}` : "";
  const row = el("li", "");
  const toggle = button("Details", `Show the attempts and payload of ${type} ${id}`, () => {
    if (!opened.delete(id)) opened.add(id);
    draw();
  });
  row.append(
    el("div", "", el("div", "name", type), el("div", "quiet mono", id)),
    el("span", "quiet", [results, next].filter(Boolean).join(", ")),
    stateBadge(status),
    toggle,
    button("Resend", `Resend ${type} ${id}`, () => resend(id)),
    ago(message.createdAt, now),
  );
  function draw() {
    row.querySelector(".panel")?.remove();
    toggle.setAttribute("aria-expanded", String(opened.has(id)));
    if (opened.has(id)) row.append(messagePanel(message, now));
  }
  draw();
  return row;
}
