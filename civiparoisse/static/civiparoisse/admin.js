// Reads again the parts of a page that change, without reloading it. No inline script: works under a strict policy.
"use strict";

function refresh(part) {
  const seconds = Number(part.dataset.refreshSeconds);
  const openDetails = () => Array.from(part.querySelectorAll("details")).map((details) => details.open);

  async function readAgain() {
    if (part.querySelector("[data-refresh-ended]")) return;
    try {
      const answer = await fetch(part.dataset.refreshUrl, { credentials: "same-origin" });
      // The session ended: the login page is what the person needs to see.
      if (answer.redirected || answer.status === 403) return window.location.reload();
      if (answer.ok) {
        const open = openDetails();
        part.innerHTML = await answer.text();
        part.querySelectorAll("details").forEach((details, index) => { details.open = Boolean(open[index]); });
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
      if (answer.ok && !answer.redirected) place.innerHTML = text;
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

document.addEventListener("DOMContentLoaded", () => {
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
