// Fetches the parts of a page that change by themselves. Without it the page reloads as a whole.
"use strict";

(function () {
  const titleOfPage = document.title;

  function openDetails(part) {
    return Array.from(part.querySelectorAll("details[open][id]"), (one) => one.id);
  }

  function show(part, html) {
    const open = openDetails(part);
    part.innerHTML = html;
    for (const id of open) {
      const one = document.getElementById(id);
      if (one) one.open = true;
    }
    const red = part.querySelector("[data-red]");
    if (red) {
      const count = Number(red.dataset.red);
      document.title = count ? "(" + count + ") " + titleOfPage : titleOfPage;
    }
  }

  function follow(part) {
    const notice = document.getElementById(part.dataset.notice);
    async function refresh() {
      try {
        const answer = await fetch(part.dataset.refresh, { credentials: "same-origin" });
        if (answer.redirected) {
          location.reload(); // logged out: the log-in page must be seen
          return;
        }
        if (!answer.ok) throw new Error(String(answer.status));
        show(part, await answer.text());
        if (notice) notice.hidden = true;
      } catch (error) {
        if (notice) notice.hidden = false; // old numbers must not look like new ones
      }
      setTimeout(refresh, Number(part.dataset.every) * 1000);
    }
    setTimeout(refresh, Number(part.dataset.every) * 1000);
  }

  document.querySelectorAll("[data-refresh]").forEach(follow);
})();
