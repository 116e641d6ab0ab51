"use strict";
// Tells the page around this frame how the payment ended, and that page alone.
(() => {
  const told = document.getElementById("told");
  const { origin } = told.dataset;
  if (parent !== window && origin) parent.postMessage({ source: "portone", ...JSON.parse(told.textContent) }, origin);
})();
