/**
 * A script for `page.evaluate` that gives what a person with a screen reader, a keyboard, a phone or weak eyes would
 * stumble over, as a list of texts: language, title, landmarks, order of headings, names of links and regions, labels of
 * fields, ids, lists, contrast of text (WCAG 2.2, 1.4.3), width.
 */
export const pageComplaints: string = String.raw`(() => {
  const found = [];
  const nameOf = (element) =>
    (element.getAttribute("aria-label") ?? element.textContent ?? "").trim() ||
    (document.getElementById(element.getAttribute("aria-labelledby") ?? "")?.textContent ?? "");
  if (document.documentElement.lang !== "en") found.push("no language");
  if (document.title === "") found.push("no title");
  for (const landmark of ["main", "header", "footer"])
    if (document.querySelectorAll(landmark).length !== 1) found.push("not one " + landmark);
  const levels = [...document.querySelectorAll("h1,h2,h3,h4")].map((heading) => Number(heading.tagName.slice(1)));
  if (levels.filter((level) => level === 1).length !== 1) found.push("not one h1");
  for (const [at, level] of levels.entries())
    if (level > (levels[at - 1] ?? 1) + 1) found.push("heading jumps to h" + level);
  for (const element of document.querySelectorAll("a,button,summary,[role=region],[role=img],nav,section"))
    if (nameOf(element) === "") found.push("no name: " + element.outerHTML.slice(0, 80));
  for (const input of document.querySelectorAll("input:not([type=hidden]),select,textarea"))
    if (document.querySelector('label[for="' + input.id + '"]') === null) found.push("no label: " + input.outerHTML.slice(0, 80));
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) found.push("an id twice: " + ids.filter((id, at) => ids.indexOf(id) !== at).join());
  for (const list of document.querySelectorAll("ul"))
    if ([...list.children].some((child) => child.tagName !== "LI")) found.push("a list with other things in it");
  const parts = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = color.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = (element) => {
    if (element === null) return [255, 255, 255];
    const color = parts(getComputedStyle(element).backgroundColor);
    return color.length === 3 || color[3] === 1 ? color.slice(0, 3) : paper(element.parentElement);
  };
  for (const element of document.querySelectorAll("p,a,li,dt,dd,h1,h2,h3,button,code,th,td,span,summary,label")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && (node.textContent ?? "").trim() !== "");
    if (!hasText || element.className === "skip") continue;
    const [a, b] = [luminance(parts(getComputedStyle(element).color).slice(0, 3)), luminance(paper(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push("contrast " + contrast.toFixed(2) + ": " + element.outerHTML.slice(0, 80));
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth + 1) found.push("wider than the window");
  return found;
})()`;
