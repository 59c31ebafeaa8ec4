// The coverage page: what is implemented of Clerk's published API, with the test of each, and how the local Clerk differs from Clerk.
// Both come from the package's Markdown files.

import { at, el } from "./dom.js";

const text = async (path) => (await fetch(`/__clerk/dev${path}`)).text();

/** Splits a line at backticks: every second part is code. Markdown links keep their text only. */
function inline(line) {
  const parts = line.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").split("`");
  return parts.map((part, index) => (index % 2 ? el("code", "", part) : part));
}

const cellsOf = (line) =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

function table([head, , ...lines]) {
  const row = (tag) => (line) =>
    el("tr", "", ...cellsOf(line).map((cell) => el(tag, "", ...inline(cell))));
  const body = el("tbody", "", ...lines.map(row("td")));
  return el("div", "scroll", el("table", "", el("thead", "", row("th")(head)), body));
}

/** Converts a block of lines without a blank line in between: a table, a list or a paragraph. */
function block(lines) {
  if (lines[0].startsWith("|")) return table(lines);
  if (!lines[0].startsWith("- ")) return el("p", "note", ...inline(lines.join(" ")));
  return el("ul", "plain", ...lines.map((line) => el("li", "", ...inline(line.slice(2)))));
}

function section(markdown) {
  const [title, ...blocks] = markdown.trim().split(/\n\n+/);
  const [name, ...rest] = title.split("\n");
  const heading = el("h2", "", name);
  const id = name.toLowerCase().replaceAll(/\W+/g, "-");
  const parts = [...(rest.length ? [rest.join("\n")] : []), ...blocks];
  const box = el(
    "section",
    "wide",
    el("div", "head", heading),
    ...parts.map((each) => block(each.split("\n"))),
  );
  box.id = id;
  const link = el("a", "", name.replace(/:.*/, ""));
  link.href = `#${id}`;
  at("sections").append(link);
  return box;
}

function search() {
  const wanted = at("search").value.trim().toLowerCase();
  const rows = [...document.querySelectorAll("tbody tr, ul.plain li")];
  for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  const count = rows.filter((row) => !row.hidden).length;
  at("found").textContent = wanted ? `${count} of ${rows.length} lines contain this.` : "";
}

const [coverage, readme] = await Promise.all([text("/COVERAGE.md"), text("/README.md")]);
const differences = readme.split("\n## ").filter((each) => each.startsWith("How it differs"));
const sections = [...coverage.split("\n## ").slice(1), ...differences];
document.querySelector("main").append(...sections.map(section));
at("search").addEventListener("input", search);
