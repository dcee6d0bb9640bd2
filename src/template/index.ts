// Message templates: what a rule tells, with the attributes of a record in it.

export { compileTemplate, type Template } from './compile-template.ts';
export type { Target } from './escape.ts';
export { TemplateError } from './template-error.ts';
