// Shows what one parish would cost at the prices being typed. Nothing is saved by it.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector("[data-price-example]");
  const form = place && place.closest("form");
  if (!form) return;
  let asked = 0;
  async function show() {
    const turn = ++asked;
    const now = form.querySelector("[data-price-example]");
    try {
      const answer = await fetch(now.dataset.priceExampleUrl, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      if (turn === asked && answer.ok && !answer.redirected) now.outerHTML = await answer.text();
    } catch {
      // The manager does not answer just now: the next change asks again.
    }
  }
  form.addEventListener("change", show);
});
