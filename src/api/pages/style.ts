import { sha256Hex } from "../../identity/token.ts";
import { catalogueStyle } from "../catalogue-pages/catalogue-style.ts";

/** The one stylesheet of all pages: light and dark, narrow and wide, no fonts or pictures from anywhere. */
export const styleText: string = `:root {
  color-scheme: light dark;
  --paper: light-dark(#f5f6f8, #101317);
  --sheet: light-dark(#ffffff, #191d23);
  --ink: light-dark(#1a1f26, #e8ebef);
  --quiet: light-dark(#59636f, #9aa5b1);
  --line: light-dark(#d5dae0, #333b45);
  --accent: light-dark(#1a5fd0, #6ea8ff);
  --on-accent: light-dark(#ffffff, #0c1320);
  --alarm: light-dark(#b3261e, #ff8a80);
  --alarm-sheet: light-dark(#fdeceb, #33191a);
  --good-sheet: light-dark(#e8f4ec, #14291c);
  --good: light-dark(#1d7a3e, #7fd69b);
  --code: light-dark(#eef0f3, #242a32);
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  display: flex;
  flex-direction: column;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; }
header.bar, main, footer.bar { width: 100%; max-width: 60rem; margin: 0 auto; padding: 1rem 1.25rem; }
header.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1.25rem; }
header.bar nav { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1.25rem; margin-left: auto; }
.brand { display: inline-flex; align-items: center; gap: 0.6rem; font-weight: 650; font-size: 1.1rem; color: inherit; text-decoration: none; }
.brand::before {
  content: "";
  width: 1.1rem;
  height: 1.1rem;
  border: 0.22rem solid var(--accent);
  border-bottom-width: 0;
  border-radius: 0.6rem 0.6rem 0 0;
}
main { flex: 1; }
main.narrow { max-width: 27rem; }
main.narrow > .sheet { margin-top: 4vh; padding: 1.75rem; }
footer.bar { color: var(--quiet); font-size: 0.85rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 0.75rem; text-wrap: balance; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 0.5rem; }
p { margin: 0 0 1rem; }
.quiet { color: var(--quiet); }
.sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1.25rem; margin: 0 0 1.25rem; }
.sheet > :last-child, .notice > :last-child { margin-bottom: 0; }
form { margin: 0; }
.field { margin: 0 0 1rem; }
label { display: block; font-weight: 600; margin: 0 0 0.25rem; }
.hint { color: var(--quiet); font-size: 0.9rem; margin: 0.25rem 0 0; }
.fault { color: var(--alarm); font-size: 0.9rem; margin: 0.25rem 0 0; }
input, select, textarea {
  width: 100%;
  min-height: 2.75rem;
  padding: 0.5rem 0.75rem;
  font: inherit;
  color: inherit;
  background: var(--paper);
  border: 1px solid var(--line);
  border-radius: 0.5rem;
}
input[aria-invalid="true"], textarea[aria-invalid="true"] { border-color: var(--alarm); }
button, .button {
  display: inline-block;
  min-height: 2.75rem;
  padding: 0.5rem 1.1rem;
  font: inherit;
  font-weight: 600;
  text-align: center;
  text-decoration: none;
  color: var(--on-accent);
  background: var(--accent);
  border: 1px solid transparent;
  border-radius: 0.5rem;
  cursor: pointer;
}
button.plain, .button.plain { color: inherit; background: transparent; border-color: var(--line); }
button.link { min-height: 0; padding: 0; font-weight: 400; color: var(--accent); background: none; border: 0; text-decoration: underline; text-underline-offset: 0.15em; }
button.danger { color: var(--alarm); background: transparent; border-color: currentColor; }
.wide { width: 100%; }
.or + form { margin-top: 0; }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; }
.actions > * { flex: 1 1 8rem; }
.actions > .button { display: flex; align-items: center; justify-content: center; }
.or { display: flex; align-items: center; gap: 0.75rem; color: var(--quiet); margin: 1rem 0; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
.notice { border-radius: 0.5rem; padding: 0.75rem 1rem; margin: 0 0 1rem; border: 1px solid var(--line); }
.notice.alarm { color: var(--alarm); background: var(--alarm-sheet); border-color: currentColor; }
.notice.good { background: var(--good-sheet); border-color: var(--good); }
code { font: 0.92em ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; background: var(--code); border-radius: 0.3rem; padding: 0.1em 0.35em; overflow-wrap: anywhere; }
.rows { list-style: none; margin: 0 0 1rem; padding: 0; }
.rows > li { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem 1rem; padding: 0.75rem 0; border-top: 1px solid var(--line); }
.rows > li:first-child { border-top: 0; }
.rows p { margin: 0; overflow-wrap: anywhere; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.4rem 1rem; margin: 0 0 1rem; }
dl.facts dt { color: var(--quiet); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0 1rem; }
@media (max-width: 30rem) {
  dl.facts { grid-template-columns: 1fr; gap: 0 0; }
  dl.facts dd { margin-bottom: 0.6rem; }
  .rows > li > form, .rows > li button { width: 100%; }
}
@media (prefers-reduced-motion: no-preference) {
  button, .button { transition: filter 0.12s; }
  button:hover, .button:hover { filter: brightness(1.08); }
}
${catalogueStyle}`;

/** Where it is: another text, another address, so that browsers may keep it. */
export const stylePath: string = `/assets/callgate-${sha256Hex(styleText).slice(0, 12)}.css`;

/** The gateway's sign, in the tabs of browsers. */
export const iconText = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1a5fd0"/><path d="M8 25V15a8 8 0 0 1 16 0v10" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/></svg>
`;

/** Where the sign is. */
export const iconPath: string = `/assets/callgate-${sha256Hex(iconText).slice(0, 12)}.svg`;
