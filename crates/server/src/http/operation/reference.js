"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const nav = byId("contents"), find = byId("find"), found = byId("found"), menu = byId("menu");
  const list = byId("contents-list"), types = byId("types-list");
  const entries = [...list.querySelectorAll("[data-find]")];
  const narrow = matchMedia("(max-width: 859px)");
  document.documentElement.classList.add("js");
  nav.querySelector(".search").hidden = false;
  menu.hidden = false;

  const open = (isOpen) => {
    nav.toggleAttribute("data-open", isOpen);
    menu.setAttribute("aria-expanded", String(isOpen));
  };
  menu.addEventListener("click", () => {
    const isOpen = !nav.hasAttribute("data-open");
    open(isOpen);
    if (isOpen) find.focus();
  });
  nav.addEventListener("click", (event) => {
    if (event.target.closest("a") && narrow.matches) open(false);
  });

  const search = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0, inTypes = 0;
    for (const entry of entries) {
      const isHit = words.every((word) => entry.dataset.find.includes(word));
      entry.hidden = !isHit;
      if (isHit) {
        count += 1;
        if (types.contains(entry)) inTypes += 1;
      }
    }
    for (const block of list.querySelectorAll("ul")) {
      const isEmpty = !block.querySelector("li:not([hidden])");
      block.hidden = isEmpty;
      const heading = block.previousElementSibling;
      if (heading && heading.tagName === "H2") heading.hidden = isEmpty;
    }
    types.hidden = inTypes === 0;
    types.open = words.length > 0 ? inTypes > 0 : false;
    found.textContent = words.length === 0 ? "" : count === 0 ? "Nothing found" : count === 1 ? "1 entry" : count + " entries";
  };
  find.addEventListener("input", search);
  find.addEventListener("keydown", (event) => {
    const visible = entries.filter((entry) => !entry.hidden && entry.offsetParent !== null);
    if (event.key === "Enter" && visible[0]) visible[0].querySelector("a").click();
    else if (event.key === "ArrowDown" && visible[0]) { event.preventDefault(); visible[0].querySelector("a").focus(); }
    else if (event.key === "Escape") {
      if (find.value === "" && narrow.matches) { open(false); menu.focus(); }
      find.value = ""; search();
    }
  });
  list.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = [...list.querySelectorAll("a")].filter((link) => link.offsetParent !== null);
    const to = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    (to < 0 ? find : links[Math.min(to, links.length - 1)]).focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, [contenteditable]")) return;
    event.preventDefault();
    if (narrow.matches) open(true);
    find.focus();
    find.select();
  });

  for (const button of document.querySelectorAll(".copy")) {
    if (!navigator.clipboard) break;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.closest("figure").querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1600);
    });
  }

  const links = new Map([...list.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  let current = null;
  const seen = new IntersectionObserver((changes) => {
    for (const change of changes) {
      const link = links.get(change.target.id);
      if (!change.isIntersecting || !link || link === current) continue;
      if (current) current.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
      current = link;
      if (!narrow.matches && !nav.contains(document.activeElement)) link.scrollIntoView({ block: "nearest" });
    }
  }, { rootMargin: "-15% 0px -75% 0px" });
  for (const article of document.querySelectorAll("main article.operation")) seen.observe(article);
})();
