// The panel of the twin. It asks the control API each second while it is looked at, and draws what came. All text is
// put in as text, never as markup: what an application answers is shown here.
"use strict";

const EVERY_MS = 1000;
const TIMEOUT_MS = 8000;
const SAID_FOR_MS = 10000;
const SAMPLES_MAX = 60;
const OFFERED_MAX = 200;
const REGIONS = ["us1", "ie1", "au1"];
const KINDS = {PhoneNumbers: "numbers", Trunks: "trunks", SipDomains: "SIP domains"};
const TONE = {served: "good", "": "wait"};

const byId = (id) => document.getElementById(id);
const history = new Map();
let newestWebhook = 0;
let menu = {};
let saidFor;

function made(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function say(text, bad) {
  byId("said").textContent = text;
  byId("said").className = bad ? "said bad" : "said";
  clearTimeout(saidFor);
  if (text && !bad) saidFor = setTimeout(() => say(""), SAID_FOR_MS);
}

async function ask(method, path, body) {
  const options = {method, signal: AbortSignal.timeout(TIMEOUT_MS), cache: "no-store"};
  if (body !== undefined) {
    options.headers = {"Content-Type": "application/json"};
    options.body = JSON.stringify(body);
  }
  const answer = await fetch("/_twin/" + path, options);
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error((value && value.error) || `the twin answered ${answer.status}`);
  return value;
}

const clock = (at) => new Date(at * 1000).toLocaleTimeString([], {hour12: false});
const shown = (params) => Object.entries(params).filter(([, v]) => v !== null)
  .map(([name, v]) => `${name} ${typeof v === "object" ? JSON.stringify(v) : v}`).join(", ");

// Regions -------------------------------------------------------------------------------------------------------------

function drawRegions(glance) {
  const cards = [];
  for (const name of [...REGIONS, "none"]) {
    const region = glance.regions[name];
    const outcomes = Object.entries(region.outcomes).sort();
    if (name === "none" && !region.calls_now && !outcomes.length) continue;
    const samples = history.get(name) || history.set(name, []).get(name);
    samples.push(region.calls_now);
    if (samples.length > SAMPLES_MAX) samples.shift();
    const card = made("article", undefined, "region");
    card.dataset.region = name;
    const title = made("h3", name === "none" ? "no Region" : name);
    const down = glance.faults.find((f) => f.fault === "region-down" && f.params.region === name);
    if (name !== "none") title.append(made("span", down ? `down: ${down.params.mode}` : "up", down ? "bad" : "good"));
    const now = made("div");
    now.append(made("span", String(region.calls_now), "now"), made("span", " calls now"));
    const list = made("dl");
    for (const [outcome, count] of outcomes) row(list, `${outcome}, last minute`, count, TONE[outcome] || "bad");
    for (const [kind, words] of Object.entries(KINDS)) {
      if (name !== "none") row(list, `routes: ${words}`, region.routes[kind] || 0);
    }
    card.append(title, now, line(samples), list);
    cards.push(card);
  }
  byId("regions").replaceChildren(...cards);
  const never = glance.never_set ? `Numbers whose route was never set, and so are us1: ${glance.never_set}. ` : "";
  byId("routes-note").textContent = never + (glance.moving ? `Routes that are on their way to the edges: ${glance.moving}.` : "");
}

function row(list, name, value, className) {
  list.append(made("dt", name), made("dd", String(value), className));
}

function line(samples) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${SAMPLES_MAX - 1} 20`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const top = Math.max(4, ...samples);
  const points = samples.map((n, i) => `${SAMPLES_MAX - samples.length + i},${19 - (18 * n) / top}`);
  const drawn = document.createElementNS(space, "polyline");
  drawn.setAttribute("points", points.join(" "));
  svg.append(drawn);
  return svg;
}

// Faults --------------------------------------------------------------------------------------------------------------

function drawFaults(faults) {
  byId("no-faults").hidden = faults.length > 0;
  byId("heal-all").hidden = faults.length === 0;
  keyed(byId("faults"), faults, (fault) => {
    const until = fault.until === null ? "" : `, heals at ${clock(fault.until)}`;
    const text = `${fault.fault} · ${shown(fault.params)} · since ${clock(fault.since)}${until}`;
    const button = made("button", "Heal");
    button.type = "button";
    button.setAttribute("aria-label", `Heal ${fault.fault} ${shown(fault.params)}`);
    button.addEventListener("click", () => doing(`${fault.fault} healed.`, async () => {
      await ask("DELETE", `faults/${fault.id}`);
      byId("faults-title").focus();
    }));
    const item = made("li");
    item.append(made("span", text, "bad"), button);
    return item;
  });
}

/** Draw a list again only where it differs, so that the focus stays where it is. */
function keyed(list, values, draw) {
  const wanted = new Set(values.map((value) => value.id));
  for (const item of [...list.children]) if (!wanted.has(item.dataset.id)) item.remove();
  const there = new Set([...list.children].map((item) => item.dataset.id));
  for (const value of values) {
    if (there.has(value.id)) continue;
    const item = draw(value);
    item.dataset.id = value.id;
    list.append(item);
  }
}

function drawMenu() {
  const choice = byId("fault");
  const areas = new Map();
  for (const [name, kind] of Object.entries(menu)) {
    if (!areas.has(kind.area)) areas.set(kind.area, made("optgroup")).get(kind.area).label = kind.area;
    areas.get(kind.area).append(made("option", name));
  }
  choice.replaceChildren(...areas.values());
  if (menu["region-down"]) choice.value = "region-down";
  choice.addEventListener("change", drawParameters);
  drawParameters();
}

function drawParameters() {
  const kind = menu[byId("fault").value];
  byId("fault-meaning").textContent = kind.meaning.split("\n\n")[0].replaceAll("``", "").replaceAll("\n", " ");
  byId("fault-parameters").replaceChildren(...kind.parameters.map((parameter) => {
    const label = made("label", `${parameter.name}: ${parameter.meaning}${parameter.required ? " (needed)" : ""}`);
    let field;
    const choices = parameter.kind === "region" ? REGIONS : parameter.choices;
    if (choices.length) {
      field = made("select");
      if (!parameter.required && parameter.default === null) field.append(new Option("any", ""));
      field.append(...choices.map((each) => new Option(each, each)));
      if (parameter.default !== null) field.value = String(parameter.default);
    } else {
      field = made("input");
      field.autocomplete = "off";
      field.placeholder = parameter.default === null ? "" : String(parameter.default);
    }
    field.required = parameter.required;
    field.name = parameter.name;
    field.dataset.kind = parameter.kind;
    label.append(field);
    return label;
  }));
}

function typed(text, kind) {
  if (["text", "choice", "region"].includes(kind)) return text;
  try { return JSON.parse(text); } catch { return text; }
}

// Calls ---------------------------------------------------------------------------------------------------------------

function drawCalls(calls) {
  byId("no-calls").hidden = calls.length > 0;
  byId("calls").replaceChildren(...calls.map((call) => {
    const last = call.heard[call.heard.length - 1];
    const outcome = call.outcome || "in progress";
    const cells = [clock(call.dialled_at), call.to, call.region || "none", outcome,
      last ? `${last.what} ${last.detail}`.trim() : ""].map((text) => made("td", text));
    cells[3].className = TONE[call.outcome] || "bad";
    const made_row = made("tr");
    made_row.append(...cells);
    return made_row;
  }));
}

function drawLoads(loads) {
  keyed(byId("loads"), Object.entries(loads).map(([id, load]) => ({id, ...load})), (load) => {
    const button = made("button", "Stop");
    button.type = "button";
    button.setAttribute("aria-label", `Stop the load of ${load.calls_per_second} calls a second`);
    button.addEventListener("click", () => doing("The load is stopped.", () => ask("DELETE", `load/${load.id}`)));
    const item = made("li");
    item.append(made("span", `${load.calls_per_second} calls a second arrive`), button);
    return item;
  });
}

// Webhooks ------------------------------------------------------------------------------------------------------------

function drawWebhooks(webhooks) {
  const list = byId("webhooks");
  for (const webhook of [...webhooks].reverse()) {
    newestWebhook = Math.max(newestWebhook, webhook.id);
    list.prepend(drawWebhook(webhook));
  }
  while (list.children.length > 200) list.lastElementChild.remove();
  byId("no-webhooks").hidden = list.children.length > 0;
}

function drawWebhook(webhook) {
  const again = webhook.attempt > 1 ? `, attempt ${webhook.attempt}` : "";
  const ended = (webhook.failure || String(webhook.status)) + again;
  const summary = made("summary");
  summary.append(
    made("span", clock(webhook.at)), made("span", `${webhook.region} by ${webhook.edge}`),
    made("span", `${webhook.method} ${webhook.url}`, "url"),
    made("span", ended, webhook.status >= 200 && webhook.status < 300 ? "good" : "bad"),
    made("span", `${webhook.seconds.toFixed(2)} s`),
  );
  const list = made("dl");
  for (const [name, value] of Object.entries(webhook.params)) row(list, name, value);
  const more = webhook.response_bytes > 2048 ? ` (the first 2048 of ${webhook.response_bytes} bytes)` : "";
  const inside = made("div");
  inside.append(made("h3", "Asked with"), list, made("h3", `Answered${more}`),
    made("pre", webhook.response || (webhook.failure ? "nothing" : "an empty body")));
  const whole = made("details");
  whole.append(summary, inside);
  return whole;
}

// Settings ------------------------------------------------------------------------------------------------------------

function drawSettings(settings) {
  byId("settings-fields").replaceChildren(...Object.entries(settings).map(([name, value]) => {
    const label = made("label", name);
    const field = made("input");
    field.name = name;
    field.autocomplete = "off";
    field.value = field.dataset.before = JSON.stringify(value);
    label.append(field);
    return label;
  }));
}

// What the person does ------------------------------------------------------------------------------------------------

async function doing(done, action) {
  try {
    const told = await action();
    say(typeof told === "string" ? told : done);
    await look();
  } catch (error) {
    say(error.message, true);
  }
}

function onSubmit(id, done, action) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    doing(done, () => action(new FormData(event.target), event.target));
  });
}

onSubmit("break", "", async (form, element) => {
  const body = {};
  for (const [name, text] of form) {
    if (text === "") continue;
    const kind = element.elements[name].dataset.kind;
    body[name] = name === "fault" ? text : typed(text, name === "for_s" ? "number" : kind);
  }
  await ask("POST", "faults", body);
  return `${body.fault} is broken now.`;
});
onSubmit("ring", "", async (form) => {
  const presses = form.get("presses").split(/\s+/).filter(Boolean);
  await ask("POST", "calls", {from: form.get("from"), to: form.get("to"), caller: {presses}});
  return `Ringing ${form.get("to")}.`;
});
onSubmit("load", "Calls arrive.", async (form) => {
  const body = {calls_per_second: Number(form.get("calls_per_second"))};
  if (form.get("duration_s")) body.duration_s = Number(form.get("duration_s"));
  await ask("POST", "load", body);
});
onSubmit("settings", "", async (form, element) => {
  const changed = {};
  for (const [name, text] of form) {
    if (element.elements[name].dataset.before === text) continue;
    try { changed[name] = JSON.parse(text); } catch { throw new Error(`${name}: ${text} is not JSON. Nothing was changed.`); }
  }
  if (!Object.keys(changed).length) return "Nothing is different.";
  drawSettings(await ask("PATCH", "settings", changed));
  return `Changed: ${Object.keys(changed).join(", ")}.`;
});
byId("heal-all").addEventListener("click", () => doing("Everything is healed.", async () => {
  await ask("DELETE", "faults");
  byId("faults-title").focus();
}));

// Looking -------------------------------------------------------------------------------------------------------------

async function look() {
  const [glance, loads, webhooks] = await Promise.all(
    [ask("GET", "glance"), ask("GET", "load"), ask("GET", `webhooks?after=${newestWebhook}`)]);
  drawRegions(glance);
  drawFaults(glance.faults);
  drawCalls(glance.calls);
  drawLoads(loads.loads);
  drawWebhooks(webhooks.webhooks);
  byId("state").textContent = `up, seen ${clock(glance.now)}`;
  byId("state").className = "state";
}

async function begin() {
  menu = await ask("GET", "menu");
  drawMenu();
  const {routes} = await ask("GET", "routes");
  const numbers = routes.filter((route) => route.kind === "PhoneNumbers").slice(0, OFFERED_MAX);
  byId("numbers").replaceChildren(...numbers.map((route) => new Option(route.name)));
  drawSettings(await ask("GET", "settings"));
}

let looking = false;
let lost = false;
let begun = false;
async function tick() {
  if (looking || document.hidden) return;
  looking = true;
  try {
    if (!begun) await begin();
    begun = true;
    await look();
    if (lost) say("The twin answers again.");
    lost = false;
  } catch (error) {
    byId("state").textContent = "does not answer";
    byId("state").className = "state bad";
    if (!lost) say(`The twin does not answer: ${error.message}. What is shown is old; start it with voicedr twin up.`, true);
    lost = true;
  } finally {
    looking = false;
  }
}

setInterval(tick, EVERY_MS);
document.addEventListener("visibilitychange", tick);
tick();
