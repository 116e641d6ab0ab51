// The classic script, `/v2/browser-sdk.js`: puts `PortOne` into the page. PortOne's npm loader
// injects it and waits for that.

import { portOne } from "./api";

const script = document.currentScript as HTMLScriptElement | null;
if (!script?.src) throw new Error("[paypier] this script is to be loaded by its address");
window.PortOne = portOne(script.src);
