// Texts from elsewhere on their way into fields that want one line, or a template.

import { compileTemplate, TemplateError } from '../../template/index.ts';

/** Without line ends and control characters, each run of blanks one. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** A template that shows the text as it is; braces become parentheses where that cannot be written. */
export function asTemplate(text: string): string {
  const escaped = text.replaceAll('{{', '\\{{');
  return showsNothingElse(escaped) ? escaped : text.replaceAll('{', '(').replaceAll('}', ')');
}

/** A backslash that stood before the braces already would take the meaning of ours away. */
function showsNothingElse(template: string): boolean {
  return isTemplate(template) && compileTemplate(template).attributes.length === 0;
}

export function isTemplate(text: string): boolean {
  try {
    compileTemplate(text);
    return true;
  } catch (error) {
    if (error instanceof TemplateError) return false;
    throw error;
  }
}
