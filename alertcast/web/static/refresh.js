// Fetches the parts of a page that change by themselves; what is still the same is not sent again.
// Without it the page reloads as a whole.
"use strict";

(function () {
  let asOf = NaN, heard = 0; // the moment that the page is of, and when we were told (ms)

  function openDetails(part) {
    return Array.from(part.querySelectorAll("details[open][id]"), (one) => one.id);
  }

  // Finds a thing again in what came anew: by where it leads, else as the nth of its kind, counted
  // in the nearest thing around it that has an id.
  function finder(part, one) {
    const around = one.closest("[id]");
    const near = around !== one && around && part.contains(around) ? "#" + CSS.escape(around.id) + " " : "";
    const leads = one.getAttribute("href");
    const kind = one.localName + (leads ? '[href="' + CSS.escape(leads) + '"]' : "");
    const selector = one.id ? "#" + CSS.escape(one.id) : near + kind;
    const nth = Array.from(part.querySelectorAll(selector)).indexOf(one);
    return () => part.querySelectorAll(selector)[nth];
  }

  function show(part, html) {
    const open = openDetails(part);
    const focused = part.contains(document.activeElement) && finder(part, document.activeElement);
    const scrolled = Array.from(part.querySelectorAll("*"))
      .filter((one) => one.scrollTop || one.scrollLeft)
      .map((one) => [finder(part, one), one.scrollTop, one.scrollLeft]);
    part.innerHTML = html;
    for (const id of open) {
      const one = document.getElementById(id);
      if (one) one.open = true;
    }
    for (const [find, top, left] of scrolled) find()?.scrollTo(left, top);
    if (focused) {
      part.tabIndex = -1; // what is gone leaves its place to the part, not to the head of the page
      (focused() || part).focus({ preventScroll: true });
    }
    for (const one of part.querySelectorAll("[data-cards-now]")) {
      one.hidden = one.dataset.cardsNow === part.dataset.cards;
    }
    countDown();
  }

  // Says of which moment the page is; the office's own time is written in the header.
  function tell(moment) {
    if (!moment) return;
    asOf = Date.parse(moment);
    heard = Date.now();
    for (const one of document.querySelectorAll("time[data-as-of]")) one.textContent = moment.slice(11, 19);
  }

  function countDown() {
    if (Number.isNaN(asOf)) return;
    const now = asOf + Date.now() - heard;
    for (const one of document.querySelectorAll("[data-until]")) {
      const left = Math.max(0, Math.round((Date.parse(one.dataset.until) - now) / 1000));
      const hours = Math.floor(left / 3600), minutes = Math.floor(left / 60) % 60;
      const two = (number) => String(number).padStart(2, "0");
      one.textContent = (hours ? hours + ":" + two(minutes) : minutes) + ":" + two(left % 60);
    }
  }

  function keepUp(part) {
    const seconds = Number(part.dataset.every);
    const take = async (answer) => show(part, await answer.text());
    const heard = (answer) => tell(answer.headers.get("X-As-Of"));
    setTimeout(follow(part.dataset.refresh, seconds, take, heard), seconds * 1000);
  }

  document.querySelectorAll("[data-refresh]").forEach(keepUp);
  tell(document.body.dataset.asOf);
  countDown();
  setInterval(countDown, 1000);
})();
