// What the pages gain with a script: refreshed regions that keep what a person opened, keys, and a line that says aloud how
// far a run is. Everything else is the server's; without this file every page still works.
"use strict";

const root = document.documentElement;
root.dataset.script = "on";

const find = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];

/* What outlives a refresh: open and closed <details>, scrolled logs, ticked rows, the current row. htmx itself brings focus
   back to the element of the same id. */
const kept = new Map();

function remember(region) {
  const state = { open: new Map(), scroll: new Map(), ticked: new Set(), current: "" };
  for (const d of all("details[id]", region)) state.open.set(d.id, d.open);
  for (const l of all(".log[id]", region)) {
    const atEnd = l.scrollTop + l.clientHeight >= l.scrollHeight - 4;
    state.scroll.set(l.id, { left: l.scrollLeft, top: l.scrollTop, atEnd });
  }
  for (const box of all("[data-select]:checked", region)) state.ticked.add(box.value);
  state.current = find("[data-row][data-current]", region)?.id ?? "";
  kept.set(region.id, state);
}

function restore(region) {
  const state = kept.get(region.id);
  if (!state) return;
  kept.delete(region.id);
  for (const [id, open] of state.open) {
    const d = document.getElementById(id);
    if (d) d.open = open;
  }
  for (const [id, at] of state.scroll) {
    const l = document.getElementById(id);
    if (!l) continue;
    l.scrollLeft = at.left;
    l.scrollTop = at.atEnd ? l.scrollHeight : at.top;
  }
  for (const box of all("[data-select]", region)) box.checked = state.ticked.has(box.value);
  const row = state.current && document.getElementById(state.current);
  if (row) row.dataset.current = "";
  countTicked();
}

/* A refresh waits while a person marks text in the region, has typed into one of its fields, or stands in a control that
   could not be found again. The region keeps its trigger, so the next answer is taken instead. */
function inHand(region) {
  const marked = document.getSelection();
  if (marked && !marked.isCollapsed && region.contains(marked.anchorNode)) return true;
  const at = document.activeElement;
  if (!at || at === region || !region.contains(at)) return false;
  if (at.matches("select")) return true;
  return at.matches("input:not([type=checkbox]), textarea") && at.value !== at.defaultValue;
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const region = event.detail.target;
  if (!region?.id) return;
  if (event.detail.elt === region && region.matches("[data-live]") && event.detail.xhr.status === 200 && inHand(region)) {
    event.detail.shouldSwap = false;
    return;
  }
  remember(region);
  const focused = document.activeElement;
  if (region.contains(focused)) pendingFocus = focused.id || focused.closest("[data-row]")?.id || "";
});

let pendingFocus = "";

// At once after the swap, not after htmx has settled it: nothing may be painted in between.
document.addEventListener("htmx:afterSwap", (event) => {
  const id = event.detail.elt?.id;
  const region = id && document.getElementById(id);
  if (!region) return;
  restore(region);
  if (pendingFocus && document.activeElement === document.body) {
    document.getElementById(pendingFocus)?.focus({ preventScroll: true });
  }
  pendingFocus = "";
  scrollLogs(region, false);
  announce(region);
  if (!event.detail.requestConfig || event.detail.requestConfig.verb !== "get") {
    const said = find("#message");
    if (said) say(said.textContent);
  }
});

/* A refresh that failed leaves the old figures and says since when there was no answer. */
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(name, (event) => {
    const mark = find("[data-as-of]", event.detail.elt);
    if (!mark) return;
    mark.textContent = `No answer since ${mark.dataset.asOf}`;
    mark.classList.add("stale");
  });
}

/* One polite line per page, at most every ten seconds. */
const quiet = 10_000;
let lastSaid = "";
let lastAt = 0;

function say(text) {
  const line = document.getElementById("announce");
  const words = text.replace(/\s+/g, " ").trim();
  if (!line || words === "" || words === lastSaid) return;
  lastSaid = words;
  lastAt = Date.now();
  line.textContent = words;
}

function announce(region) {
  const text = region.dataset.announce;
  const last = !region.matches("[data-live]");
  if (text && (last || Date.now() - lastAt >= quiet)) say(text);
}

function scrollLogs(from, always) {
  for (const l of all(".log[id]", from)) {
    if (always) l.scrollTop = l.scrollHeight;
  }
}

/* Slow forms say so on the button that was pressed, and cannot be sent twice. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!(form instanceof HTMLFormElement) || form.method === "get") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.hasAttribute("hx-post")) return;
  form.dataset.sent = "yes";
  const text = button && find(".btn-text", button);
  if (text && form.dataset.busy) text.textContent = form.dataset.busy;
  if (button) button.setAttribute("aria-disabled", "true");
});

// A page that comes back from the browser's memory can be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of all("form[data-sent]")) delete form.dataset.sent;
  for (const b of all("button[aria-disabled]")) b.removeAttribute("aria-disabled");
});

/* Ticked rows. */
function countTicked() {
  const label = find("[data-selected]");
  if (!label) return;
  const boxes = all("[data-select]");
  const n = boxes.filter((b) => b.checked).length;
  label.textContent = `${n} selected`;
  const every = find("[data-select-all]");
  if (every) {
    every.checked = n > 0 && n === boxes.length;
    every.indeterminate = n > 0 && n < boxes.length;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    for (const box of all("[data-select]")) box.checked = event.target.checked;
  }
  if (event.target.matches("[data-select], [data-select-all]")) countTicked();
  if (event.target.id === "keys-letters") localStorage.setItem("causeway-letters", event.target.checked ? "on" : "off");
});

document.addEventListener("reset", () => setTimeout(countTicked));

/* Keys. Letters can be switched off, because speech input types them. */
const lettersOn = () => localStorage.getItem("causeway-letters") !== "off";
const rows = () => all("[data-row]").filter((r) => r.offsetParent !== null);

function step(by) {
  const list = rows();
  if (list.length === 0) return;
  const at = list.findIndex((r) => r.hasAttribute("data-current") || r.contains(document.activeElement));
  const next = list[Math.max(0, Math.min(list.length - 1, at < 0 ? 0 : at + by))];
  for (const r of list) r.removeAttribute("data-current");
  next.dataset.current = "";
  next.focus();
}

const current = () => find("[data-row][data-current]") ?? document.activeElement?.closest("[data-row]");

function showKeys() {
  const dialog = document.getElementById("keys");
  if (!dialog || dialog.open) return;
  find("#keys-letters", dialog).checked = lettersOn();
  dialog.showModal();
}

const letters = {
  "/": () => find("[data-search]")?.focus(),
  "?": showKeys,
  j: () => step(1),
  k: () => step(-1),
  x: () => find("[data-select]", current() ?? document.createElement("i"))?.click(),
  e: () => find("[data-edit]", current() ?? document.createElement("i"))?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
  if (event.key === "Escape" && !event.target.closest("dialog")) {
    find("[data-cancel]")?.click();
    return;
  }
  if (typing) return;
  if (event.key === "Enter" && event.target.matches("[data-row]")) {
    const row = event.target;
    const fold = find("details.why > summary", row);
    (find("[data-open]", row) ?? fold)?.click();
    return;
  }
  const act = letters[event.key];
  if (!act || (event.key !== "?" && !lettersOn())) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) showKeys();
  const switcher = document.getElementById("switcher");
  if (switcher?.open && !switcher.contains(event.target)) switcher.open = false;
});

/* After an action focus goes to its message, after a refused form to the list of its errors; an opened row gets it in its
   search. */
function arrive() {
  scrollLogs(document, true);
  countTicked();
  const target = find("#errors") ?? find("#message") ?? find("#tenant-edit #agreement") ?? find("#tenant-edit #company_q");
  target?.focus({ preventScroll: target.closest("#tenant-edit") === null });
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", arrive);
else arrive();
