// Asks by itself, again and again, for what may have changed, and says when no answer comes:
// old figures must not look like new ones. What has not changed is not sent again.
"use strict";

(function () {
  const PATIENCE = 15; // seconds; an answer that takes longer, or stops in the middle, is none
  const sign = document.getElementById("lost");
  const silent = new Set(); // addresses that did not answer when they were asked last
  let isOut = false;

  // Nobody hears of anything here from now on. The page stays as it is: something may be half written.
  function loggedOut() {
    if (isOut) return;
    isOut = true;
    sign.textContent = sign.dataset.loggedOut;
    sign.hidden = false;
    document.dispatchEvent(new Event("logged-out"));
  }

  // Calls `take` with each answer that is new, and `heard` with every answer.
  window.follow = function (address, seconds, take, heard) {
    let etag = "";
    return async function ask() {
      if (isOut) return;
      const patience = new AbortController();
      const end = setTimeout(() => patience.abort(), PATIENCE * 1000);
      try {
        const headers = { "X-By-Itself": "1" }; // nobody is at it: it keeps no log-in alive
        if (etag) headers["If-None-Match"] = etag;
        const answer = await fetch(address, { credentials: "same-origin", headers: headers, signal: patience.signal });
        if (answer.redirected) {
          loggedOut();
          return;
        }
        if (answer.status !== 304) {
          if (!answer.ok) throw new Error(String(answer.status));
          await take(answer);
          etag = answer.headers.get("ETag");
        }
        if (heard) heard(answer);
        silent.delete(address);
      } catch (error) {
        silent.add(address);
      } finally {
        clearTimeout(end);
      }
      if (!isOut) sign.hidden = !silent.size;
      setTimeout(ask, seconds * 1000);
    };
  };
})();
