// The title of a signal as Datadog makes it: the rule's name, and where the rule asks for it the
// values that the records are grouped by.

import { asTemplate, isTemplate } from './plain-text.ts';

/** The template of a title that is the name and nothing else. */
export function plainTitle(name: string): string {
  return asTemplate(name);
}

/**
 * The template of a title that ends in the values of attributes. Equal to the plain title when there
 * is no attribute, or none that a template can name.
 */
export function extendedTitle(name: string, attributes: readonly string[]): string {
  const shown = attributes
    .filter((attribute) => !/[{}]/.test(attribute))
    .map((attribute) => `{{${attribute}}}`)
    .filter(isTemplate);
  const title = plainTitle(name);
  return shown.length === 0 ? title : `${title}: ${shown.join(', ')}`;
}
