// Creates and updates elements of the control page. Text that users typed is inserted as text, never as HTML.

const base = "/__clerk/dev";
const weekSeconds = 7 * 86_400;

export const at = (id) => document.getElementById(id);

export function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** Creates a relative time, or a date if it is more than a week ago. The exact time is in the tooltip. */
export function ago(ms, now) {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  const units = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
  ];
  const [size, unit] = units.find(([each]) => seconds >= each) ?? [1, "s"];
  const parts = { day: "numeric", month: "short", year: "numeric" };
  const time = el(
    "time",
    "",
    seconds > weekSeconds
      ? new Date(ms).toLocaleDateString("en-GB", parts)
      : `${Math.floor(seconds / size)} ${unit} ago`,
  );
  time.dateTime = new Date(ms).toISOString();
  time.title = new Date(ms).toLocaleString();
  return time;
}

/** `label` must be unique on the page, because `fill` uses it to restore the focus after a redraw. */
export function button(text, label, onClick, className = "") {
  const node = el("button", className, text);
  node.type = "button";
  node.setAttribute("aria-label", label);
  node.addEventListener("click", onClick);
  return node;
}

const copiedMs = 2_000;
/** The labels of the buttons that were clicked in the last `copiedMs`, with their results: a redraw keeps showing the result. */
const copied = new Map();

/** Creates a button that shows `text`, and copies `value` to the clipboard when it is clicked. */
export function copyButton(text, value, label, className = "") {
  const node = button(text, label, copy, `copy ${className}`);
  node.title = "Copy";
  if (copied.has(label)) node.dataset.copied = copied.get(label);
  async function copy() {
    const isCopied = await navigator.clipboard.writeText(value).then(
      () => true,
      () => false,
    );
    at("announcement").textContent = isCopied
      ? `Copied ${value}.`
      : "The browser did not allow copying.";
    copied.set(label, isCopied ? "Copied" : "Not copied");
    showResult(label);
    setTimeout(() => {
      copied.delete(label);
      showResult(label);
    }, copiedMs);
  }
  return node;
}

function showResult(label) {
  for (const node of document.querySelectorAll(`[aria-label="${CSS.escape(label)}"]`)) {
    if (copied.has(label)) node.dataset.copied = copied.get(label);
    else delete node.dataset.copied;
  }
}

/** Shows a long id by its prefix and its last characters. A click copies all of it. */
export function idButton(id, what) {
  const short = id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
  return copyButton(short, id, `Copy the ${what} ${id}`, "mono id");
}

export function link(text, href, label) {
  const node = el("a", "", text);
  node.href = href;
  node.target = "_blank";
  node.rel = "noopener";
  node.setAttribute("aria-label", label);
  return node;
}

/** Replaces the rows of a list. Keeps the scroll position, and the focus if a button of the list has it. */
export function fill(id, rows, empty) {
  const box = at(id);
  const { top = 0 } = { top: box.querySelector("ul")?.scrollTop };
  const focused = box.contains(document.activeElement)
    ? document.activeElement.getAttribute("aria-label")
    : null;
  const list = rows.length ? el("ul", "", ...rows) : el("p", "empty", empty);
  if (rows.length) list.tabIndex = 0;
  box.replaceChildren(list);
  list.scrollTop = top;
  if (focused) box.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
}

export async function get(path) {
  const response = await fetch(base + path);
  return await response.json();
}

/** Resolves to the response body. Throws an error with the local Clerk's message when the request fails. */
export async function post(path, body = {}) {
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(base + path, init);
  const result = await response.json();
  if (response.ok) return result;
  throw new Error(
    result.errors?.[0]?.long_message ?? `The request failed with ${response.status}.`,
  );
}
