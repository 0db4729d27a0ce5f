// Buttons that need a script; where there is none they are not shown.
"use strict";

(function () {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    const text = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.textContent); // only over https and on this machine
      } catch (error) {
        const range = document.createRange();
        range.selectNodeContents(text);
        const selection = window.getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
        if (!document.execCommand("copy")) return; // it stays selected, to be copied by hand
      }
      button.textContent = button.dataset.done;
    });
  }
  if ("speechSynthesis" in window) {
    for (const button of document.querySelectorAll("[data-speak]")) {
      const text = document.getElementById(button.dataset.speak);
      const said = button.textContent;
      button.hidden = false;
      button.addEventListener("click", () => {
        const speaks = speechSynthesis.speaking;
        speechSynthesis.cancel();
        if (speaks && button.textContent !== said) return;
        const voice = new SpeechSynthesisUtterance(text.textContent);
        voice.lang = text.closest("[lang]").lang;
        voice.onend = () => (button.textContent = said);
        button.textContent = button.dataset.stop;
        speechSynthesis.speak(voice);
      });
    }
  }
  for (const button of document.querySelectorAll("[data-check]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const boxes = button.closest("fieldset").querySelectorAll("input[type=checkbox]");
      const on = button.dataset.check === "all";
      for (const box of boxes) box.checked = on;
      button.form.dispatchEvent(new Event("change")); // and the map shows it
    });
  }
})();
