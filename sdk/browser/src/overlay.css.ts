// The style of what is laid over the shop's page. It lives in a shadow tree: neither page changes the other.

export const STYLE = `
:host{all:initial}
*{box-sizing:border-box}
dialog{position:fixed;inset:0;width:100vw;height:100vh;height:100dvh;max-width:none;max-height:none;margin:0;padding:0;border:0;
background:none;overflow:hidden;overscroll-behavior:contain;color:#13202a;
font:400 16px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Apple SD Gothic Neo","Noto Sans KR",sans-serif}
dialog[open]{display:grid;place-items:center}
dialog:focus{outline:none}
dialog::backdrop{background:rgba(9,18,24,.58)}
dialog.clear::backdrop{background:transparent}
.card{position:relative;width:min(440px,100vw - 32px);height:min(300px,100dvh - 32px);overflow:hidden;border-radius:18px;background:#fff;
box-shadow:0 0 0 1px rgba(9,18,24,.08),0 24px 64px -12px rgba(9,18,24,.5);transition:height .22s cubic-bezier(.2,.8,.2,1)}
.card.framed{height:min(var(--height,680px),100vh - 32px);height:min(var(--height,680px),100dvh - 32px)}
iframe{position:absolute;inset:0;width:100%;height:100%;border:0;opacity:0;transition:opacity .16s}
.shown iframe{opacity:1}
.wait{position:absolute;inset:0;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:16px;padding:32px;text-align:center}
.shown .wait{display:none}
p{margin:0;max-width:18em;text-wrap:balance;word-break:keep-all}
.spin{width:34px;height:34px;border-radius:50%;border:3px solid #dbe3e7;border-top-color:#0b6e6e;animation:turn .8s linear infinite}
@keyframes turn{to{transform:rotate(1turn)}}
button{font:inherit;cursor:pointer;border-radius:10px;border:1px solid transparent;min-height:44px;padding:9px 20px}
button:focus-visible{outline:3px solid #1c8f8c;outline-offset:2px}
.main{background:#0b6e6e;color:#fff;font-weight:600}
.main:hover{background:#095b5b}
.plain{background:none;color:#52626e}
.plain:hover{color:#13202a}
.x{position:absolute;top:8px;right:8px;width:44px;padding:0;background:none;color:#52626e;font-size:24px;line-height:1}
.x:hover{background:#eef2f3}
.shown .x,[hidden]{display:none}
@media(max-width:520px){.card.framed{width:100vw;height:100vh;height:100dvh;border-radius:0}}
@media(prefers-color-scheme:dark){.card{background:#151f27;color:#e3ebf0}.spin{border-color:#2a3a45;border-top-color:#3cc4bd}
.plain,.x{color:#9db0bc}.plain:hover{color:#e3ebf0}.x:hover{background:#22303a}.main{background:#1c8f8c}.main:hover{background:#23a5a1}}
@media(prefers-reduced-motion:reduce){.card,iframe{transition:none}.spin{animation-duration:2.4s}}
@media(forced-colors:active){.card{border:1px solid}}
`;
