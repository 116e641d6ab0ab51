"use strict";
// What a checkout page does beyond what HTML does by itself: shapes what is typed, sends a form once,
// and speaks with the page that opened it, and with that one only.
(() => {
  const { body } = document, { window: token, origin, result, copied } = body.dataset;
  const all = (selector) => document.querySelectorAll(selector);
  const isFramed = parent !== window, peer = isFramed ? parent : window.opener;
  const say = (message) => {
    if (peer && token && origin) peer.postMessage({ source: "paypier", window: token, ...message }, origin);
  };

  const leave = () => {
    if (isFramed) say({ state: "CLOSE_ASKED" });
    else window.close();
  };
  if (peer && token) {
    for (const form of all("[data-leave]")) {
      form.addEventListener("submit", (event) => { event.preventDefault(); leave(); });
    }
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) leave();
    });
  }
  if (isFramed) {
    // A frame of another origin does not get its focus by itself: the shop's page gives it, and it goes on.
    const first = document.querySelector("[autofocus]");
    const enter = () => { if (first && document.activeElement === body) first.focus(); };
    addEventListener("focus", enter);
    if (document.hasFocus()) enter();
    const sheet = document.querySelector(".sheet");
    new ResizeObserver(() => say({ state: "SHOWN", height: Math.ceil(sheet.getBoundingClientRect().height) })).observe(sheet);
  }
  if (result) {
    const members = JSON.parse(result);
    say({ state: "ENDED", ...members });
    for (const button of all("[data-close]")) {
      button.hidden = !peer;
      button.addEventListener("click", () => (isFramed ? say({ state: "ENDED", ...members }) : window.close()));
    }
  }

  for (const form of all("[data-once]")) {
    let isSent = false;
    form.addEventListener("submit", (event) => {
      if (isSent) return event.preventDefault();
      isSent = true;
      form.setAttribute("aria-busy", "true");
    });
    // Back from the next page: the form may be sent again; whether that counts is for the server to say.
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      isSent = false;
      form.removeAttribute("aria-busy");
    });
  }

  // Typing in the middle must not move the cursor to the end.
  const shape = (input, format) => input.addEventListener("input", () => {
    const before = input.value, at = before.slice(0, input.selectionStart).replace(/\D/g, "").length;
    const after = format(before.replace(/\D/g, ""));
    if (after === before) return;
    input.value = after;
    let place = 0;
    for (let seen = 0; place < after.length && seen < at; place += 1) if (/\d/.test(after[place])) seen += 1;
    if (at === before.replace(/\D/g, "").length) place = after.length;
    input.setSelectionRange(place, place);
  });
  const schemes = [[/^4/, "VISA"], [/^(5[1-5]|2[2-7])/, "MASTER"], [/^3[47]/, "AMEX"], [/^35/, "JCB"], [/^62/, "UNION"], [/^9/, "LOCAL"]];
  for (const input of all("[data-number]")) {
    const mark = document.querySelector("[data-scheme]");
    shape(input, (digits) => digits.slice(0, 19).replace(/(\d{4})(?=\d)/g, "$1 "));
    input.addEventListener("input", () => {
      const digits = input.value.replace(/\D/g, "");
      mark.textContent = schemes.find(([begins]) => begins.test(digits))?.[1] ?? "";
      if (digits.length === 16 && document.activeElement === input) document.getElementById("expiry")?.focus();
    });
  }
  for (const input of all("[data-expiry]")) {
    shape(input, (digits) => {
      const month = digits[0] > "1" ? "0" + digits : digits;
      return month.length > 2 ? month.slice(0, 2) + " / " + month.slice(2, 6) : month;
    });
  }
  for (const input of all("[data-digits]")) shape(input, (digits) => digits);

  for (const button of all("[data-try]")) {
    button.addEventListener("click", () => {
      const fill = (id, value) => {
        const input = document.getElementById(id);
        if (!input) return;
        input.value = value;
        input.dispatchEvent(new Event("input"));
      };
      fill("number", button.dataset.try);
      fill("expiry", "12 / 39");
      fill("password", "12");
      fill("birth", "900101");
      fill("cvc", "123");
      document.querySelector("form .main")?.focus();
    });
  }
  for (const button of all("[data-copy]")) {
    if (!navigator.clipboard) break;
    const text = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = copied;
        setTimeout(() => { button.textContent = text; }, 1600);
      } catch { getSelection()?.selectAllChildren(button.previousElementSibling); }
    });
  }
  for (const form of all("[data-agree]")) {
    const boxes = [...form.querySelectorAll(".agreements input[required]")], every = form.querySelector("[data-all]");
    const look = () => {
      const isReady = boxes.every((box) => box.checked);
      form.classList.toggle("unready", !isReady);
      if (every) every.checked = isReady;
    };
    if (every) {
      every.closest("label").hidden = false;
      every.addEventListener("change", () => { for (const box of boxes) box.checked = every.checked; look(); });
    }
    form.addEventListener("change", look);
    look();
  }
  // Nothing to choose: on to the one method. Not for a buyer who comes back or loads the page anew.
  for (const form of all("[data-go]")) {
    if (performance.getEntriesByType("navigation")[0]?.type === "navigate") form.requestSubmit(form.querySelector(".main"));
  }
})();
