// Watches what is red, on every page: a badge, a bar, and, if the officer wants it, a bell that rings
// again and again until somebody says that it was seen. What was seen is known to this browser.
"use strict";

(function () {
  const bar = document.getElementById("ring");
  const choice = document.querySelector("[data-sound]");
  const title = document.title;
  const AGAIN = 4000; // ms from one ring to the next
  let red = {}, bell = null, timer = 0, out = false; // out: logged out, nobody hears of anything here

  const memory = {}; // where the browser keeps nothing, as long as the page is open

  function kept(name, fallback) {
    try {
      return JSON.parse(localStorage.getItem(name)) ?? memory[name] ?? fallback;
    } catch (error) {
      return memory[name] ?? fallback;
    }
  }

  function keep(name, value) {
    memory[name] = value;
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch (error) {
      // a private window
    }
  }

  // More of it than was seen is news; less is not.
  function news() {
    const seen = kept("seen", {});
    return Object.keys(red).filter((name) => red[name] > (seen[name] || 0));
  }

  function ring() {
    clearTimeout(timer);
    if ((bar.hidden && !out) || !kept("sound", false)) return;
    try {
      bell = bell || new AudioContext();
      if (bell.state === "suspended") bell.resume();
      bar.querySelector("[data-muted]").hidden = bell.state !== "suspended";
      for (const [at, pitch] of [[0, 880], [0.22, 660], [0.44, 880]]) {
        const tone = bell.createOscillator(), loud = bell.createGain();
        tone.frequency.value = pitch;
        loud.gain.setValueAtTime(0.25, bell.currentTime + at);
        loud.gain.exponentialRampToValueAtTime(0.001, bell.currentTime + at + 0.2);
        tone.connect(loud).connect(bell.destination);
        tone.start(bell.currentTime + at);
        tone.stop(bell.currentTime + at + 0.2);
      }
    } catch (error) {
      bar.querySelector("[data-muted]").hidden = false;
    }
    timer = setTimeout(ring, AGAIN);
  }

  function show() {
    const fresh = news().length, all = Object.keys(red).filter((name) => !name.startsWith("warning:")).length;
    const was = bar.hidden;
    bar.querySelector("[data-new]").textContent = fresh;
    bar.hidden = !fresh;
    document.title = all ? "(" + all + ") " + title : title;
    for (const badge of document.querySelectorAll("[data-red]")) {
      badge.hidden = !all;
      badge.textContent = all;
    }
    if (was && fresh) ring();
  }

  function describe() {
    const on = kept("sound", false);
    choice.hidden = false;
    choice.setAttribute("aria-pressed", String(on));
    choice.textContent = on ? choice.dataset.on : choice.dataset.off;
  }

  // What is gone, or has become less, is news when it comes again.
  function forget() {
    const still = {};
    for (const [name, much] of Object.entries(kept("seen", {}))) {
      if (red[name]) still[name] = Math.min(much, red[name]);
    }
    keep("seen", still);
  }

  async function take(answer) {
    red = await answer.json();
    forget();
    show();
  }

  bar.querySelector("[data-seen]").addEventListener("click", () => {
    keep("seen", red);
    show();
  });
  choice.addEventListener("click", () => {
    keep("sound", !kept("sound", false));
    describe();
    ring();
  });
  addEventListener("storage", () => {
    show(); // seen in another window
    describe();
  });
  document.addEventListener("logged-out", () => {
    out = true;
    ring();
  });
  describe();
  follow(bar.dataset.watch, Number(bar.dataset.every), take)();
})();
