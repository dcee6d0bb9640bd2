// Makes text that an attacker may have written harmless in the place where it is shown.
// Each function gives text that its target shows as it was, and that does nothing there.

/** Where rendered text is shown. `plain` is text without markup, in one line. */
export type Target = 'markdown' | 'html' | 'slack' | 'terminal' | 'plain';

/** Where in the template the text stands: `shell` in a command, outside or inside of its quotes. */
export type Surroundings = 'text' | 'code' | 'shell' | 'shell-single' | 'shell-double';

// Line and paragraph separators, vertical tab, form feed and NEL end a line in some reader or other.
const lineBreaks = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/gu;

// Control, format and invisible characters: escape sequences, bidirectional overrides, zero-width
// and tag characters.
const hidden = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

const spared: ReadonlySet<string> = new Set(
  '\t\n' +
    // Joiners and selectors, which Persian, Indic scripts and emoji need.
    '\u200c\u200d\ufe0e\ufe0f' +
    // Signs that Unicode counts among format characters though they are visible.
    '\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}',
);

/** One line: breaks and tabs become a blank, what is invisible or steers a terminal goes. */
export function stripControls(text: string): string {
  return stripControlsKeepLines(text).replace(/[\t\n]/g, ' ');
}

/** Like `stripControls`, for text that may have lines: `\n` and tabs stay, other breaks become `\n`. */
export function stripControlsKeepLines(text: string): string {
  return text
    .toWellFormed()
    .replace(lineBreaks, '\n')
    .replace(hidden, (character) => (spared.has(character) ? character : ''));
}

const htmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** For element content and for quoted attribute values. */
export function escapeHtml(text: string): string {
  return stripControlsKeepLines(text).replace(/[&<>"'`]/g, (character) => htmlEntities[character]!);
}

/**
 * One line that CommonMark and GitHub's dialect show as it is, wherever in a line or table cell it
 * stands: no markup, no HTML, no link that the text did not get from the template.
 */
export function escapeMarkdown(text: string): string {
  return (
    stripControls(text)
      // Blanks at its ends could make a code block, a line break, or undo the template's markup.
      .trim()
      .replace(/[\\`*[\]<>|~&$]/g, '\\$&')
      // An underscore between letters is no emphasis; names stay readable.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      // GitHub turns bare addresses into links.
      .replace(/:(?=\/\/)/g, '\\:')
      .replace(/\b(www)\./gi, '$1\\.')
      // At the start of a line these would begin a heading, list, table rule or code block.
      .replace(/^(?:[#+\-=]|\d*[.)](?=\s|$))/u, escapeLast)
      // Before a bracket, be it the template's, this would make an image of a link.
      .replace(/!(?=\\\[|$)/g, '\\!')
  );
}

function escapeLast(start: string): string {
  return `${start.slice(0, -1)}\\${start.slice(-1)}`;
}

/** For text between single backticks, where Markdown knows no escape: a backtick becomes `'`. */
export function escapeMarkdownCode(text: string): string {
  return stripControls(text).replaceAll('`', "'");
}

const slackEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '`': '\u02cb',
};

/**
 * For Slack's mrkdwn, which has no escape for its markup: mentions and links are shut off by
 * entities, the marks of bold, italic and struck text become look-alikes where they would work.
 * https://docs.slack.dev/messaging/formatting-message-text
 */
export function escapeSlack(text: string): string {
  return escapeSlackCode(text).replace(
    /(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])/gu,
    (mark) => slackLookAlikes[mark]!,
  );
}

const slackLookAlikes: Readonly<Record<string, string>> = {
  '*': '\u2217',
  _: '\uff3f',
  '~': '\u223c',
};

/** For text between backticks in Slack, where only entities and a backtick mean anything. */
export function escapeSlackCode(text: string): string {
  return stripControls(text).replace(/[&<>`]/g, (character) => slackEntities[character]!);
}

const shellQuotes = { shell: '', 'shell-single': "'", 'shell-double': '"' } as const;

/**
 * For a command that a person may copy into a POSIX shell: one word, or part of one, that expands to
 * nothing. Inside quotes of the template it leaves them, and comes back to them, where it must. Every
 * character that means something is behind a backslash, so it is safe wherever it stands.
 */
export function escapeShell(text: string, surroundings: keyof typeof shellQuotes): string {
  const line = stripControls(text);
  const escaped = line.replace(/[^\p{L}\p{N}\p{M}_./:@%+=,-]/gu, (character) =>
    character < '\u0080' ? `\\${character}` : character,
  );
  const quote = shellQuotes[surroundings];
  return escaped === line ? line : `${quote}${escaped}${quote}`;
}

/** Escapes one attribute's text for its target and its surroundings there. */
export function escapeFor(target: Target, text: string, surroundings: Surroundings): string {
  const inText = surroundings === 'text';
  const inShell = !inText && surroundings !== 'code';
  const shown = inShell ? escapeShell(text, surroundings) : text;
  switch (target) {
    case 'markdown':
      // A command stands in a fenced block, where backticks within a line mean nothing.
      if (inShell) return shown;
      return inText ? escapeMarkdown(shown) : escapeMarkdownCode(shown);
    case 'html':
      return escapeHtml(shown);
    case 'slack':
      return inText ? escapeSlack(shown) : escapeSlackCode(shown);
    case 'terminal':
    case 'plain':
      return stripControls(shown);
    default:
      return target satisfies never;
  }
}
