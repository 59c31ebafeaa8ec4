// The forms of the control page. Each form displays its own result, and keeps the values that were typed.

import { at, el, get, post } from "./dom.js";
import { settingsGroups } from "./settings-labels.js";

/**
 * Returns the values of a form in the control API's types: percentages become fractions (50 becomes 0.5), and empty fields are
 * left out.
 */
function valuesOf(form) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    const [name, inner] = field.name.split(".");
    const value = fieldValue(field);
    if (value === undefined) continue;
    if (inner) values[name] = { ...values[name], [inner]: value };
    else values[name] = value;
  }
  return values;
}

function fieldValue(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.value === "") return undefined;
  if ("number" in field.dataset) return Number(field.value);
  if (field.type !== "number") return field.value;
  return "percent" in field.dataset ? field.valueAsNumber / 100 : field.valueAsNumber;
}

/** Displays the result of `run` in `output`, or the error's message. */
async function show(output, run) {
  output.className = "";
  output.textContent = "";
  try {
    output.textContent = await run();
  } catch (error) {
    output.className = "error";
    output.textContent = error.message;
  }
}

function onSubmit(form, run) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(form.querySelector("output"), () => run(valuesOf(form)));
  });
}

const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Creates the form field of one setting. `name` has a dot for a property of a setting that is an object. */
function settingField(name, label, schema, value) {
  const field = el(schema.enum ? "select" : "input", "");
  field.name = name;
  const isOfNumbers = typeof schema.enum?.[0] === "number";
  if (isOfNumbers) field.dataset.number = "";
  if (schema.enum) {
    field.append(...schema.enum.map((each) => new Option(capitalized(String(each)), each)));
  } else field.type = { boolean: "checkbox", integer: "number" }[schema.type] ?? "text";
  if (field.type === "checkbox") {
    field.checked = value;
    return el("label", "check", field, label);
  }
  field.value = value;
  return el("label", "", label, field);
}

async function drawSettings() {
  const [values, schema] = await Promise.all([get("/settings.json"), get("/settings/schema.json")]);
  const groups = settingsGroups.map(({ name, labels }) => {
    const fields = Object.entries(labels).map(([path, label]) => {
      const [outer, inner] = path.split(".");
      const { [outer]: each } = schema.properties;
      return inner
        ? settingField(path, label, each.properties[inner], values[outer][inner])
        : settingField(path, label, each, values[outer]);
    });
    const legend = el("legend", "", name);
    return el("fieldset", "setting-group", legend, el("div", "fields", ...fields));
  });
  const save = el("button", "primary", "Save settings");
  const buttons = el("div", "buttons", save, el("output", ""));
  at("settings").replaceChildren(el("div", "setting-groups", ...groups), buttons);
}

function drawWebhookFaults(form, disturbances) {
  for (const [name, value] of Object.entries(disturbances)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = "percent" in field.dataset ? value * 100 : value;
  }
}

async function connectPresets(webhookFaults, refreshThen) {
  const form = document.querySelector("[data-preset]");
  const presets = await get("/presets.json");
  at("preset").replaceChildren(...presets.map(({ name }) => new Option(name, name)));
  const explain = () => {
    const chosen = presets.find(({ name }) => name === at("preset").value);
    at("preset-expected").textContent = chosen.expected;
  };
  const apply = async (name, done) => {
    await post("/presets", { name });
    drawWebhookFaults(webhookFaults, (await get("/overview.json")).disturbances);
    return refreshThen(done)();
  };
  at("preset").addEventListener("change", explain);
  onSubmit(form, ({ name }) => apply(name, "Applied."));
  at("no-preset").addEventListener("click", () =>
    show(form.querySelector("output"), () => apply(null, "Cleared.")),
  );
  explain();
}

const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

export async function connectActions(refresh) {
  const refreshThen = (text) => async () => {
    await refresh();
    return text;
  };
  for (const form of document.querySelectorAll("[data-post]")) {
    const { post: path, done } = form.dataset;
    onSubmit(form, (values) => post(path, values).then(refreshThen(done)));
  }
  const webhookFaults = document.querySelector('[data-post="/webhooks/disturbances"]');
  at("no-webhook-faults").addEventListener("click", () =>
    show(webhookFaults.querySelector("output"), async () => {
      drawWebhookFaults(webhookFaults, await post("/webhooks/disturbances"));
      return refreshThen("Removed.")();
    }),
  );

  const apiFaults = document.querySelector("[data-fault]");
  onSubmit(apiFaults, async (fault) => {
    await post("/faults", [...(await get("/faults.json")), fault]);
    return refreshThen("Added.")();
  });
  at("no-api-faults").addEventListener("click", () =>
    show(apiFaults.querySelector("output"), () =>
      post("/faults", []).then(refreshThen("Removed.")),
    ),
  );

  for (const each of at("advance").querySelectorAll("button")) {
    each.addEventListener("click", () =>
      post("/clock/advance", { ms: Number(each.dataset.ms) }).then(refresh),
    );
  }

  // A random seed for each submit: the same seed would generate the same users again, and so add nothing.
  onSubmit(document.querySelector("[data-generate]"), async (values) => {
    const before = await get("/overview.json");
    await post("/generate", { ...values, seed: 1 + Math.floor(Math.random() * 1000) });
    const after = await get("/overview.json");
    const users = plural(after.usersCount - before.usersCount, "user");
    const count = after.organizationsCount - before.organizationsCount;
    return refreshThen(`Created ${users} and ${plural(count, "organization")}.`)();
  });

  /**
   * Resolves to a time: messages that were created before it are not resent. The time is by the local Clerk's clock, which can be
   * ahead of the browser's clock.
   */
  const since = async () => {
    const { now } = await get("/overview.json");
    return at("since").value ? now - Number(at("since").value) : 0;
  };
  for (const status of ["failed", "missing"]) {
    at(`replay-${status}`).addEventListener("click", () =>
      show(at("resent"), async () => {
        const { count } = await post(`/webhooks/replay-${status}`, { since: await since() });
        return refreshThen(`Resending ${plural(count, "message")}.`)();
      }),
    );
  }

  onSubmit(at("settings"), (values) => post("/settings", values).then(refreshThen("Saved.")));
  const dialog = at("reset-dialog");
  at("reset").addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue !== "reset") return;
    dialog.returnValue = "";
    await post("/reset");
    drawWebhookFaults(webhookFaults, await post("/webhooks/disturbances"));
    await Promise.all([drawSettings(), refresh()]);
  });

  const { events } = await get("/payments.json");
  at("payment-event").replaceChildren(...events.map((each) => new Option(each.label, each.name)));
  drawWebhookFaults(webhookFaults, (await get("/overview.json")).disturbances);
  await connectPresets(webhookFaults, refreshThen);
  await drawSettings();
  // The forms are enabled only after their fields are drawn, because drawing would overwrite values that the user has typed.
  for (const fieldset of document.querySelectorAll(".lockable")) fieldset.disabled = false;
}
