// Buttons that copy a text. Where the browser refuses, the text is selected so that a key can copy it.

import { html } from './dom.ts';

const shownMs = 1600;

function select(node: Node): void {
  const range = document.createRange();
  range.selectNodeContents(node);
  const selection = document.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

/** A button that copies `text`; `shown` is where the text can be seen, `what` names it. */
export function copyButton(text: string, shown: Node, what: string): HTMLButtonElement {
  const label = html('span', { 'aria-live': 'polite' }, 'Copy');
  const button = html(
    'button',
    { type: 'button', class: 'copy', 'aria-label': `Copy ${what}` },
    label,
  );

  function say(word: string): void {
    label.textContent = word;
    button.setAttribute('aria-label', word);
    setTimeout(() => {
      label.textContent = 'Copy';
      button.setAttribute('aria-label', `Copy ${what}`);
    }, shownMs);
  }
  button.addEventListener('click', () => {
    navigator.clipboard.writeText(text).then(
      () => say('Copied'),
      () => {
        select(shown);
        say('Selected');
      },
    );
  });
  return button;
}
