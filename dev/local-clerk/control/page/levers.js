// The levers: each form says its own outcome, and keeps what was typed.

import { at, el, get, post } from "./dom.js";

/** Fields as the control API wants them: numbers as numbers, percents as shares, empty ones left out. */
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
  if (field.type !== "number") return field.value;
  return "percent" in field.dataset ? field.valueAsNumber / 100 : field.valueAsNumber;
}

async function say(output, run) {
  output.className = "";
  output.textContent = "";
  try {
    output.textContent = await run();
  } catch (error) {
    output.className = "refused";
    output.textContent = error.message;
  }
}

function onSubmit(form, run) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(form.querySelector("output"), () => run(valuesOf(form)));
  });
}

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

function settingField(name, shape, value) {
  const words = name.replace(/\.?([A-Z])|\./g, (_, letter = "") => ` ${letter.toLowerCase()}`);
  if (shape.type === "object") {
    return Object.entries(shape.properties).flatMap(([inner, each]) =>
      settingField(`${name}.${inner}`, each, value[inner]),
    );
  }
  const field = el(shape.enum ? "select" : "input", "");
  field.name = name;
  if (shape.enum) field.append(...shape.enum.map((each) => new Option(each)));
  else field.type = { boolean: "checkbox", integer: "number" }[shape.type] ?? "text";
  if (field.type === "checkbox") {
    field.checked = value;
    return [el("label", "check", field, capital(words))];
  }
  field.value = value;
  return [el("label", "", capital(words), field)];
}

async function drawSettings() {
  const [values, schema] = await Promise.all([get("/settings.json"), get("/settings/schema.json")]);
  const fields = Object.entries(schema.properties).flatMap(([name, shape]) =>
    settingField(name, shape, values[name]),
  );
  const acts = el("div", "acts", el("button", "", "Save settings"), el("output", ""));
  at("settings").replaceChildren(el("div", "fields", ...fields), acts);
}

function fillDisturbances(form, disturbances) {
  for (const [name, value] of Object.entries(disturbances)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = "percent" in field.dataset ? value * 100 : value;
  }
}

export async function wireLevers(refresh) {
  const after = (words) => async () => {
    await refresh();
    return words;
  };
  const disturbances = document.querySelector('[data-post="/webhooks/disturbances"]');
  for (const form of document.querySelectorAll("[data-post]")) {
    const words = form === disturbances ? "Set." : "Sent.";
    onSubmit(form, (values) => post(form.dataset.post, values).then(after(words)));
  }
  at("calm").addEventListener("click", () =>
    say(disturbances.querySelector("output"), async () => {
      fillDisturbances(disturbances, await post("/webhooks/disturbances"));
      return after("All calm.")();
    }),
  );

  const faults = document.querySelector("[data-fault]");
  onSubmit(faults, async (fault) => {
    await post("/faults", [...(await get("/faults.json")), fault]);
    return after("Added.")();
  });
  at("clear-faults").addEventListener("click", () =>
    say(faults.querySelector("output"), () => post("/faults", []).then(after("Cleared."))),
  );

  for (const each of at("advance").querySelectorAll("button")) {
    each.addEventListener("click", () =>
      post("/clock/advance", { ms: Number(each.dataset.ms) }).then(refresh),
    );
  }

  /** By the local Clerk's clock, which may be ahead of the browser's: messages carry its time. */
  const since = async () => {
    const { now } = await get("/overview.json");
    return at("since").value ? now - Number(at("since").value) : 0;
  };
  for (const which of ["failed", "missing"]) {
    at(`replay-${which}`).addEventListener("click", () =>
      say(at("messages-said"), async () => {
        const { count } = await post(`/webhooks/replay-${which}`, { since: await since() });
        return after(count === 1 ? "1 message goes again." : `${count} messages go again.`)();
      }),
    );
  }

  onSubmit(at("settings"), (values) => post("/settings", values).then(after("Saved.")));
  const dialog = at("reset-dialog");
  at("reset").addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue !== "reset") return;
    dialog.returnValue = "";
    await post("/reset");
    fillDisturbances(disturbances, await post("/webhooks/disturbances"));
    await Promise.all([drawSettings(), refresh()]);
  });

  const { events } = await get("/payments.json");
  at("payment-event").replaceChildren(...events.map((each) => new Option(each.label, each.name)));
  fillDisturbances(disturbances, (await get("/overview.json")).disturbances);
  await drawSettings();
  // Not sooner: what somebody typed before would be typed over.
  at("levers").disabled = false;
}
