// Light, dark, or as the system has it. The choice is kept where the browser lets a file keep one.

import { byId } from './dom.ts';

const themes = ['auto', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const storageKey = 'portcullis-theme';

function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(storageKey);
    return themes.find((theme) => theme === stored) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(storageKey, theme);
  } catch {
    // Without storage the choice holds until the page is left.
  }
}

export function startTheme(): void {
  const select = byId('theme', HTMLSelectElement);
  function apply(theme: Theme): void {
    select.value = theme;
    document.documentElement.setAttribute('data-theme', theme);
  }
  select.addEventListener('change', () => {
    const theme = themes.find((candidate) => candidate === select.value) ?? 'auto';
    apply(theme);
    store(theme);
  });
  apply(storedTheme());
}
