import { sha256Hex } from "../../identity/token.ts";

/** Puts a button that copies before every document. Pages are whole without it. */
export const copyScriptText = `for (const block of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy: " + block.getAttribute("aria-label"));
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  block.before(button);
}
`;

/** Where it is: another text, another address, so that browsers may keep it. */
export const copyScriptPath: string = `/assets/copy-${sha256Hex(copyScriptText).slice(0, 12)}.js`;
