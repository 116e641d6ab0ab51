"use strict";
// The demo shop. The upper half is what a shop's own page would do; the lower half only shows it.
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("order"), pay = form.querySelector(".pay");
  const PRICE = Number(document.body.dataset.price);
  let order = null, key = null;

  const request = () => {
    const chosen = new FormData(form);
    const method = chosen.get("method"), window = chosen.get("window");
    const channelKey = form.querySelector(`[name=method][value=${method}]`).dataset.channel;
    const options = {
      EASY_PAY: { easyPay: { easyPayProvider: "KAKAOPAY" } },
      VIRTUAL_ACCOUNT: { virtualAccount: { accountExpiry: { validHours: 24 } } },
      GIFT_CERTIFICATE: { giftCertificate: { giftCertificateType: "CULTURELAND" } },
      MOBILE: { productType: "REAL" },
    };
    const shared = {
      storeId: document.body.dataset.store,
      customer: { customerId: "demo-customer", fullName: "Kim Dana", email: "dana@example.com", phoneNumber: "01012345678" },
      windowType: { pc: window, mobile: window },
      redirectUrl: `${location.origin}/demo`,
      locale: chosen.get("locale"),
    };
    if (chosen.get("errand") === "SAVE") {
      const issueId = `demo-${crypto.randomUUID()}`;
      return ["requestIssueBillingKey", {
        channelKey: form.dataset.billing, billingKeyMethod: "CARD", issueId, issueName: "Pour-over subscription", ...shared,
      }];
    }
    return ["requestPayment", {
      channelKey,
      paymentId: `demo-${crypto.randomUUID()}`,
      orderName: "Pour-over set",
      totalAmount: PRICE,
      currency: "KRW",
      payMethod: method,
      ...options[method],
      ...shared,
    }];
  };
  form.addEventListener("change", () => {
    const isSaving = new FormData(form).get("errand") === "SAVE";
    byId("methods").hidden = isSaving;
    pay.textContent = isSaving ? "Save my card" : "Buy now";
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [call, asked] = request();
    forget();
    show("request", `PortOne.${call}(${code(asked)})`);
    pay.disabled = true;
    try {
      const response = await PortOne[call](asked);
      if (response) await arrived(response);
    } catch (error) {
      show("response", `// thrown: ${error.name}\n${code({ ...error, message: error.message })}`);
    } finally {
      pay.disabled = false;
    }
  });

  // What a shop does with a response: ask its own server, which asks paypier.
  const arrived = async (response) => {
    show("response", code(response));
    order = response.paymentId ?? null;
    key = response.billingKey ?? null;
    await readBack();
  };
  const readBack = async () => {
    if (!order && !key) return;
    const [kind, id] = order ? ["payments", order] : ["billing-keys", key];
    byId("read").textContent = order ? "GET /payments/{paymentId}" : "GET /billing-keys/{billingKey}";
    const answer = await fetch(`/demo/${kind}/${encodeURIComponent(id)}`);
    const payment = await answer.json();
    show("payment", code(payment));
    const { status } = payment, mark = byId("status");
    mark.hidden = !status;
    mark.textContent = status ?? "";
    mark.className = `status ${tone(status ?? "")}`;
    byId("cancel").hidden = status !== "PAID" && status !== "PARTIAL_CANCELLED";
    byId("charge").hidden = !key || !(status === "ISSUED" || status === "PAID");
    byId("deposit").hidden = status !== "VIRTUAL_ACCOUNT_ISSUED";
  };
  byId("charge").addEventListener("click", async () => {
    order = `demo-${crypto.randomUUID()}`;
    const path = `/demo/payments/${order}/charge/${encodeURIComponent(key)}`;
    show("response", `// no buyer is needed: your server sends\n// POST /payments/{paymentId}/billing-key\n${code(await (await fetch(path, { method: "POST" })).json())}`);
    await readBack();
  });
  for (const act of ["cancel", "deposit"]) {
    byId(act).addEventListener("click", async () => {
      byId(act).disabled = true;
      const answer = await fetch(`/demo/payments/${encodeURIComponent(order)}/${act}`, { method: "POST" });
      if (!answer.ok) show("payment", `// refused with ${answer.status}\n${code(await answer.json())}`);
      else await readBack();
      byId(act).disabled = false;
    });
  }

  const returned = new URLSearchParams(location.search);
  if (returned.has("paymentId") || returned.has("billingKey")) {
    show("request", "// sent before the page was left");
    const response = Object.fromEntries(returned);
    history.replaceState(null, "", "/demo");
    void arrived(response);
  }

  function forget() {
    order = key = null;
    for (const id of ["response", "payment"]) byId(id).textContent = "…";
    for (const id of ["status", "cancel", "deposit", "charge"]) byId(id).hidden = true;
    for (const step of document.querySelectorAll(".steps > .done")) step.classList.remove("done");
  }

  function code(value) {
    return JSON.stringify(value, null, 2);
  }

  // Colours keys, texts and numbers; everything is text, nothing is markup.
  function show(id, text) {
    const target = byId(id);
    target.replaceChildren();
    let from = 0;
    for (const found of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|\b-?\d+(?:\.\d+)?\b/g)) {
      target.append(text.slice(from, found.index));
      const part = document.createElement("span");
      part.className = found[2] ? "key" : found[1] ? "text" : "number";
      part.textContent = found[1] ?? found[0];
      target.append(part, found[2] ?? "");
      from = found.index + found[0].length;
    }
    target.append(text.slice(from));
    target.closest("li").classList.add("done");
    target.parentElement.scrollTop = 0;
  }

  function tone(word) {
    if (/fail|decline/i.test(word)) return "bad";
    return /paid|issued|confirm|succeed|verified/i.test(word) && !/virtual/i.test(word) ? "good" : "";
  }

  const log = byId("log"), live = byId("live");
  const enter = (item) => {
    const body = JSON.parse(item.body), line = document.createElement("li"), whole = document.createElement("details");
    const head = document.createElement("summary"), type = document.createElement("span"), id = document.createElement("span");
    const time = document.createElement("time"), pre = document.createElement("pre"), shown = document.createElement("code");
    type.className = `type ${tone(body.type ?? "")}`;
    type.textContent = body.type ?? "event";
    id.className = "id";
    id.textContent = body.data?.paymentId ?? body.data?.billingKey ?? "";
    time.textContent = new Date(body.timestamp ?? Date.now()).toLocaleTimeString();
    const headers = Object.entries(item.headers ?? {}).map(([name, value]) => `${name}: ${value}`).join("\n");
    shown.textContent = `${headers}\n\n${code(body)}`;
    pre.append(shown);
    head.append(type, id, time);
    whole.append(head, pre);
    line.append(whole);
    log.prepend(line);
    while (log.children.length > 60) log.lastElementChild.remove();
    byId("empty").hidden = true;
    log.closest("li").classList.add("done");
    if (order ? body.data?.paymentId === order : key && body.data?.billingKey === key) void readBack();
  };
  const follow = async () => {
    for (let after = "now", wait = 0; ; wait = 20) {
      try {
        const answer = await fetch(`/demo/events?after=${encodeURIComponent(after)}&wait=${wait}`);
        if (!answer.ok) throw new Error(String(answer.status));
        const feed = await answer.json();
        after = feed.next;
        live.textContent = "live";
        live.classList.add("on");
        feed.items.forEach(enter);
      } catch {
        live.textContent = "reconnecting";
        live.classList.remove("on");
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    }
  };
  void follow();
})();
