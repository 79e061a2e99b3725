/** What the catalogue's pages add to the stylesheet. */
export const catalogueStyle = `main { overflow-wrap: anywhere; }
main ul { padding-left: 1.4rem; }
main > nav { margin: 0 0 0.4rem; }
.badge { display: inline-block; font: 600 0.8rem/1.5 system-ui, sans-serif; padding: 0.1rem 0.6rem; border-radius: 1rem; border: 1px solid currentColor; vertical-align: middle; white-space: nowrap; }
.badge.low { color: var(--good); }
.badge.medium { color: var(--accent); }
.badge.high { color: light-dark(#8a4b00, #ffb866); }
.badge.critical { color: var(--alarm); }
h1 code.name { background: none; padding: 0; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1rem 0 0.4rem; }
pre.document { overflow: auto; max-height: 32rem; background: var(--code); border-radius: 0.5rem; padding: 0.9rem 1rem; margin: 0 0 1rem; font-size: 0.88rem; }
pre.document code { background: none; padding: 0; overflow-wrap: normal; white-space: pre; }
pre.diff code { display: block; width: max-content; min-width: 100%; }
pre.diff .added { color: var(--good); }
pre.diff .removed { color: var(--alarm); }
textarea { font: 0.88rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; resize: vertical; overflow-wrap: normal; white-space: pre; overflow-x: auto; }
button.copy { display: block; min-height: 2rem; padding: 0.2rem 0.8rem; margin: 0 0 0.4rem auto; font-size: 0.85rem; background: var(--sheet); }
figure.foreign { margin: 0 0 1rem; border-left: 3px solid var(--line); padding-left: 1rem; }
figure.foreign blockquote { margin: 0; white-space: pre-line; overflow-wrap: anywhere; }
.bar-chart { display: block; width: 100%; height: 1rem; border-radius: 0.3rem; margin: 0 0 0.5rem; }
.bar-chart .read, .dot.read { fill: var(--good); background: var(--good); }
.bar-chart .write, .dot.write { fill: var(--accent); background: var(--accent); }
.bar-chart .execute, .dot.execute { fill: light-dark(#c77700, #ffb866); background: light-dark(#c77700, #ffb866); }
.bar-chart .destructive, .dot.destructive { fill: var(--alarm); background: var(--alarm); }
.bar-chart .financial, .dot.financial { fill: light-dark(#7b3fb5, #c79bf2); background: light-dark(#7b3fb5, #c79bf2); }
.dot { display: inline-block; width: 0.7rem; height: 0.7rem; border-radius: 50%; margin-right: 0.4rem; }
ul.legend, ul.inline { list-style: none; display: flex; flex-wrap: wrap; gap: 0.4rem 1.2rem; padding: 0; margin: 0 0 1rem; }
ul.plain { list-style: none; padding: 0; margin: 0; }
.scroll { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.5rem 0.75rem 0.5rem 0; border-top: 1px solid var(--line); font-weight: 400; }
thead th { border-top: 0; color: var(--quiet); }
td, thead th { overflow-wrap: break-word; }
tbody th { min-width: 8rem; }
details { border-top: 1px solid var(--line); padding: 0.6rem 0; }
details:first-of-type { border-top: 0; }
summary { cursor: pointer; font-weight: 600; }
details > :not(summary) { margin-top: 0.6rem; }
form.search { margin: 0 0 1.25rem; }
form.search .actions > input { flex: 4 1 12rem; }
`;
