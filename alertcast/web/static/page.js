// Two buttons that need a script; where there is none they are not shown.
"use strict";

(function () {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const button of document.querySelectorAll("[data-check]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const boxes = button.closest("fieldset").querySelectorAll("input[type=checkbox]");
      const on = button.dataset.check === "all";
      for (const box of boxes) box.checked = on;
    });
  }
})();
