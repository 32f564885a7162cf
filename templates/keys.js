"use strict";
(function () {
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const keys = document.getElementById("keys");

  // A target inside something folded is shown: not every browser opens <details> for a link into it.
  function reveal(element) {
    for (let up = element; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  }
  function go(element) {
    if (!element) return;
    reveal(element);
    if (element.tabIndex < 0 && !element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "start" });
  }
  function toHash() {
    const name = decodeURIComponent(location.hash.slice(1));
    const element = document.getElementById(name);
    if (element) return reveal(element), element.scrollIntoView();
    const patch = /^(p\d+)(-\d|$)/.exec(name);  // in a folder of pages a patch stands in a page of its own
    const row = patch && document.getElementById("row-" + patch[1]);
    const link = row && row.querySelector("a");
    if (link) location.replace(link.getAttribute("href").split("#")[0] + location.hash);
  }
  function step(selector, by) {
    const stops = all(selector);
    const top = (element) => element.getBoundingClientRect().top;
    const at = stops.indexOf(document.activeElement);
    if (at >= 0) return go(stops[at + by]);
    const below = stops.findIndex((stop) => top(stop) > 1);
    go(by > 0 ? stops[below] : stops[(below < 0 ? stops.length : below) - 1]);
  }
  function fold() {
    let element = document.activeElement;
    if (!element || element === document.body) element = document.elementFromPoint(innerWidth / 2, innerHeight / 3);
    const article = element && element.closest("article");
    const inside = article === element && article ? Array.from(article.querySelectorAll("details.file, .quote")) : [];
    const folded = inside.filter((one) => one.tagName === "DETAILS");
    if (!folded.length && element && element.closest("details")) folded.push(element.closest("details"));
    const open = folded.length > 0 && !folded[0].open;
    for (const one of folded) one.open = open;
  }
  const actions = {
    "j": () => step("[data-stop]", 1),
    "k": () => step("[data-stop]", -1),
    "]": () => step("article.patch", 1),
    "[": () => step("article.patch", -1),
    "o": fold,
    "?": () => (keys.open ? keys.close() : keys.showModal()),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const section = /^[1-9]$/.test(event.key) && all("nav li:not(.plain) a")[Number(event.key) - 1];
    const action = actions[event.key];
    if (!section && !action) return;
    event.preventDefault();
    if (section) section.click();
    else action();
  });

  const command = document.getElementById("command");
  if (command && navigator.clipboard) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", () =>
      navigator.clipboard.writeText(command.textContent).then(() => { button.textContent = "Copied"; }));
    command.after(" ", button);
  }
  addEventListener("hashchange", toHash);
  addEventListener("beforeprint", () => all("details").forEach((details) => { details.open = true; }));
  if (location.hash) toHash();
})();
