// Reads again the parts of a page that change, without reloading it. No inline script: works under a strict policy.
"use strict";

const FOCUSABLE = "a[href], button, input, select, textarea, summary";

// Puts the new text of a part in its place: what was open stays open, and the keyboard stays where it was.
function replace(part, text) {
  const list = (kind) => Array.from(part.querySelectorAll(kind));
  const open = list("details").map((details) => details.open);
  const nameOf = (thing) => `${thing.tagName} ${thing.getAttribute("href") ?? ""} ${thing.textContent.trim()}`;
  const focused = part.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  part.innerHTML = text;
  list("details").forEach((details, index) => { details.open = Boolean(open[index]); });
  part.querySelectorAll("[data-width]").forEach(stretch);
  if (focused) list(FOCUSABLE).find((thing) => nameOf(thing) === focused)?.focus();
}

// Says aloud what a part tells of itself, once for each change: the part as a whole would be read every two seconds.
function makeTeller(part) {
  const voice = document.createElement("p");
  voice.setAttribute("role", "status");
  voice.className = "cp-spoken";
  part.before(voice);
  const read = () => part.querySelector("[data-tell]")?.dataset.tell.trim().replace(/\s+/g, " ") ?? "";
  let told = read();
  return () => {
    if (read() === told) return;
    told = read();
    voice.textContent = told;
  };
}

function refresh(part) {
  const seconds = Number(part.dataset.refreshSeconds);
  const tell = makeTeller(part);
  let shown = null;

  async function readAgain() {
    if (part.querySelector("[data-refresh-ended]")) return;
    try {
      const answer = await fetch(part.dataset.refreshUrl, { credentials: "same-origin" });
      // The session ended: the login page is what the person needs to see.
      if (answer.redirected || answer.status === 403) return window.location.reload();
      if (answer.ok) {
        const text = await answer.text();
        if (text !== shown) replace(part, text);
        shown = text;
        tell();
      }
    } catch {
      // The manager does not answer just now: ask again at the next turn.
    }
    setTimeout(readAgain, seconds * 1000);
  }
  setTimeout(readAgain, seconds * 1000);
}

// Shows what an operation would do with the choices made so far.
function describe(form) {
  const place = form.querySelector("[data-description]");
  let asked = 0;
  async function describeAgain() {
    const query = new URLSearchParams(new FormData(form));
    query.delete("csrfmiddlewaretoken");
    query.delete("idempotency_key");
    query.set("part", "description");
    const turn = ++asked;
    try {
      const answer = await fetch(`${form.dataset.describeUrl}?${query}`, { credentials: "same-origin" });
      const text = await answer.text();
      if (turn !== asked) return;
      if (answer.ok && !answer.redirected) {
        place.innerHTML = text;
        // What would be refused is not offered.
        const refused = Boolean(place.querySelector("[data-refused]"));
        form.querySelectorAll("button[type=submit]").forEach((button) => { button.disabled = refused; });
      }
      else place.textContent = place.dataset.failed;
    } catch {
      if (turn === asked) place.textContent = place.dataset.failed;
    }
  }
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-describes]")) describeAgain();
  });
}

// Bars: as long as they say, in percent. A style in the page itself would need a looser policy.
function stretch(bar) {
  bar.style.width = `${bar.dataset.width}%`;
}

// What the frame's own templates leave out: a main landmark, icons that are not read aloud, names of those that do
// something, and that what reacts to a click reacts to the keyboard too.
const CONTROLS = "a[href], button, input, select, textarea, label";

function makeReachable() {
  const words = document.querySelector("[data-menu-word]")?.dataset ?? {};
  document.querySelector("#main, body.login #page")?.setAttribute("role", "main");
  document.querySelectorAll(".material-symbols-outlined").forEach((icon) => {
    const holder = icon.closest(CONTROLS);
    if (icon.hasAttribute("x-on:click") && !holder) icon.setAttribute("aria-label", words.menuWord ?? "");
    else icon.setAttribute("aria-hidden", "true");
    if (holder?.matches("a") && holder.textContent.trim() === icon.textContent.trim() && !holder.title) {
      holder.setAttribute("aria-label", words.homeWord ?? "");
    }
  });
  document.getElementById("searchbar-submit")?.setAttribute("aria-label", words.searchWord ?? "");
  document.querySelectorAll("[x-on\\:click]").forEach((thing) => {
    if (thing.matches(CONTROLS) || thing.closest(CONTROLS) || thing.querySelector(CONTROLS)) return;
    if (!thing.textContent.trim() || thing.hasAttribute("x-ref")) return;
    thing.tabIndex = 0;
    thing.setAttribute("role", "button");
    thing.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      thing.click();
    });
  });
}

window.addEventListener("load", () => setTimeout(() => {
  document.querySelectorAll(".help-tooltip[aria-label]").forEach((help) => { help.setAttribute("role", "img"); });
}));

document.addEventListener("DOMContentLoaded", () => {
  makeReachable();
  document.querySelectorAll("[data-width]").forEach(stretch);
  document.querySelectorAll("[data-refresh-url]").forEach(refresh);
  document.querySelectorAll("form[data-describe-url]").forEach(describe);
  // A second click on the way sends nothing; the server would not begin anything twice either.
  document.querySelectorAll("form[data-once]").forEach((form) => {
    form.addEventListener("submit", () => {
      form.querySelectorAll("button[type=submit]").forEach((button) => { button.disabled = true; });
    });
  });
});
