"use strict";
// Nothing here is needed to read: without it, every form and every link works as well.
// Keys for labels: a button with data-key is pressed by that key.
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "Escape" && typing) event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const wanted = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === event.key);
  if (wanted) {
    event.preventDefault();
    if (wanted.matches("textarea")) wanted.focus();
    else wanted.click();
  }
});
// A form with data-ask is sent only when the question is answered with yes.
document.addEventListener("submit", (event) => {
  const asked = event.target.dataset.ask;
  if (asked && !window.confirm(asked)) event.preventDefault();
});
