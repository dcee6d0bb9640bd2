// The little panel that says what is pointed at. One for the page; its text is in the accessible
// name of what it explains, so it is hidden from screen readers.

import { html } from './dom.ts';

export type Tip = {
  /** Shows the lines beside a point of the viewport, in CSS pixels. */
  show(lines: readonly string[], x: number, y: number): void;
  hide(): void;
};

const distance = 14;

export function createTip(): Tip {
  const panel = html('div', { class: 'tip', 'aria-hidden': 'true', hidden: true });
  document.body.append(panel);

  function show(lines: readonly string[], x: number, y: number): void {
    panel.replaceChildren(...lines.map((line) => html('p', {}, html('bdi', {}, line))));
    panel.hidden = false;
    const { width, height } = panel.getBoundingClientRect();
    const room = document.documentElement.clientWidth - width - distance;
    const below = y + distance + height < document.documentElement.clientHeight;
    panel.style.left = `${Math.max(distance, Math.min(x + distance, room))}px`;
    panel.style.top = `${below ? y + distance : Math.max(0, y - distance - height)}px`;
  }
  function hide(): void {
    panel.hidden = true;
  }

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
  });
  document.addEventListener('scroll', hide, { passive: true });
  return { show, hide };
}
