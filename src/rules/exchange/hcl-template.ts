// Texts as HCL's templates: `${` begins what is computed and `%{` what is repeated or left out, and a
// doubled mark is a character. https://developer.hashicorp.com/terraform/language/expressions/strings

/** The text that a template stands for, or null where it holds anything to be computed. */
export function literalOf(template: string): string | null {
  let isLiteral = true;
  const text = template.replaceAll(/(\$+|%+)\{/g, (marked, marks: string) => {
    if (marks.length === 1) isLiteral = false;
    // Of the marks before a brace, the last two are one that means nothing.
    return marked.slice(1);
  });
  return isLiteral ? text : null;
}

/** A template in which nothing is computed: `literalOf` gives the text again. */
export function templateOf(text: string): string {
  return text.replaceAll(/([$%])\{/g, '$1$1{');
}
