// Message templates, in Handlebars' syntax as Datadog uses it. The template is trusted, what it shows
// is not: every attribute is escaped for the target and for where in the template it stands. Nothing
// is evaluated: the parsed tree is walked.

import {
  parse,
  parser,
  type BlockStatement,
  type Expression,
  type Located,
  type MustacheStatement,
  type Program,
} from 'handlebars/dist/cjs/handlebars/compiler/base.js';
import type { JsonObject } from '../model/json.ts';
import { contextValues, valueText, valuesText } from './context-values.ts';
import { escapeFor, type Surroundings, type Target } from './escape.ts';
import { surroundingsOf, type Piece } from './surroundings.ts';
import { TemplateError } from './template-error.ts';

export type Template = {
  /**
   * The text of the template with the attributes of `context` in it. `@a.b` is `context.a.b`, of
   * every element where there is an array; a missing attribute is empty.
   */
  render(context: JsonObject, target: Target): string;
  /**
   * The attributes that the template looks at, each once, as dotted paths without `@`. Where one
   * element of an array is picked, the path of the array.
   */
  readonly attributes: readonly string[];
};

/** Throws a TemplateError that tells the place. */
export function compileTemplate(text: string): Template {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  if (compiled.size === mostCompiled) compiled.clear();
  const template = compile(text);
  compiled.set(text, template);
  return template;
}

/** Templates by their texts: a rule's are asked for when it is checked, planned and told. */
const compiled = new Map<string, Template>();
const mostCompiled = 1_000;

function compile(text: string): Template {
  const program = parseProgram(text);
  const compiler = new Compiler();
  const render = compiler.program(program);
  const surroundings = surroundingsOf(compiler.pieces, program);
  compiler.attributes.forEach((attribute, index) => {
    attribute.surroundings = surroundings[index]!;
  });
  return { render, attributes: [...compiler.names] };
}

type Render = (context: JsonObject, target: Target) => string;

/** An attribute of the template; where it stands is known once the whole template is read. */
type ShownAttribute = { surroundings: Surroundings };

class Compiler {
  readonly pieces: Piece[] = [];
  readonly attributes: ShownAttribute[] = [];
  readonly names = new Set<string>();

  program(program: Program | undefined): Render {
    if (program === undefined) return () => '';
    const renders = program.body.map((statement): Render => {
      switch (statement.type) {
        case 'ContentStatement': {
          const { value } = statement;
          this.pieces.push({ text: value, branch: program });
          return () => value;
        }
        case 'MustacheStatement':
          return this.#mustache(statement, program);
        case 'BlockStatement':
          return this.#block(statement);
        case 'CommentStatement':
          return () => '';
        case 'PartialStatement':
        case 'PartialBlockStatement':
        case 'Decorator':
        case 'DecoratorBlock':
          return fail(
            statement,
            'a template cannot include another',
            'Write the text where it should stand.',
          );
        default:
          return statement satisfies never;
      }
    });
    return (context, target) => renders.map((render) => render(context, target)).join('');
  }

  /** `{{@a.b}}`, or `{{urlencode "@a.b"}}`. */
  #mustache(mustache: MustacheStatement, branch: Program): Render {
    const { path, params } = mustache;
    const helper = params.length > 0 || mustache.hash !== undefined ? nameOf(path) : null;
    if (helper !== null && helper !== 'urlencode') throw unknownHelper(mustache, helper);
    if (helper !== null && (params.length !== 1 || mustache.hash !== undefined)) {
      throw wrongParams(mustache, helper);
    }
    const values = attributeOf(helper === null ? path : params[0]!, this.names);
    const shown: ShownAttribute = { surroundings: 'text' };
    this.attributes.push(shown);
    this.pieces.push({ text: null, branch });
    return (context, target) => {
      const text = valuesText(values(context));
      const encoded = helper === null ? text : encodeURIComponent(text.toWellFormed());
      return escapeFor(target, encoded, shown.surroundings);
    };
  }

  #block(block: BlockStatement): Render {
    const name = nameOf(block.path);
    if (name === 'raw') return this.program(block.program);
    const holds = conditionOf(block, name, this.names);
    if (block.program?.blockParams !== undefined || block.hash !== undefined) {
      throw wrongParams(block, name);
    }
    const then = this.program(block.program);
    const otherwise = this.program(block.inverse);
    return (context, target) => (holds(context) ? then : otherwise)(context, target);
  }
}

type Condition = (context: JsonObject) => boolean;

/** @param names takes the attributes that are found */
function conditionOf(block: BlockStatement, name: string, names: Set<string>): Condition {
  const [first, ...others] = block.params;
  switch (name) {
    case 'if':
    case 'unless': {
      if (first === undefined || others.length > 0) throw wrongParams(block, name);
      const values = attributeOf(first, names);
      const expected = name === 'if';
      return (context) => values(context).some(isSomething) === expected;
    }
    case 'is_match':
    case 'is_exact_match': {
      if (first === undefined || others.length === 0) throw wrongParams(block, name);
      const values = attributeOf(first, names);
      const texts = others.map((param) => literalOf(param, name));
      const matches = name === 'is_match' ? contains : equals;
      return (context) =>
        values(context).some((value) => texts.some((text) => matches(valueText(value), text)));
    }
    default:
      throw unknownHelper(block, name);
  }
}

/** The empty text is in every text that is not empty: that is how one asks for any value. */
function contains(value: string, text: string): boolean {
  return text === '' ? value !== '' : value.includes(text);
}

function equals(value: string, text: string): boolean {
  return value === text;
}

/** A value that is worth a mention: anything but false and the empty text. */
function isSomething(value: unknown): boolean {
  return value !== false && value !== '';
}

/** The values that an expression names: `@a.b`, `a.b` or, as helpers take it, `"@a.b"`. */
function attributeOf(
  expression: Expression,
  names: Set<string>,
): (context: JsonObject) => readonly unknown[] {
  const parts = attributeParts(expression);
  if (parts.length === 0 || parts.includes('')) {
    return fail(
      expression,
      'an attribute has no name',
      'Write one, such as {{@userIdentity.arn}}.',
    );
  }
  const index = parts.findIndex((part) => /^\d+$/.test(part));
  const path = (index === -1 ? parts : parts.slice(0, index)).join('.');
  if (path !== '') names.add(path);
  return (context) => contextValues(context, parts);
}

function attributeParts(expression: Expression): readonly string[] {
  if (expression.type === 'PathExpression' && expression.depth === 0) return expression.parts;
  if (expression.type === 'StringLiteral') {
    const path = String(expression.value).replace(/^@/, '');
    return path.split('.').map((part) => part.replace(/^\[(.*)\]$/, '$1'));
  }
  return fail(
    expression,
    'something other than an attribute stands where one should',
    'Write the name of an attribute, such as @userIdentity.arn.',
  );
}

function literalOf(expression: Expression, helper: string): string {
  switch (expression.type) {
    case 'StringLiteral':
    case 'NumberLiteral':
    case 'BooleanLiteral':
      return String(expression.value);
    case 'PathExpression':
    case 'SubExpression':
    case 'UndefinedLiteral':
    case 'NullLiteral':
      return fail(expression, `${helper} compares with texts alone`, 'Put the text in quotes.');
    default:
      return expression satisfies never;
  }
}

function nameOf(expression: Expression): string {
  return expression.type === 'PathExpression' ? expression.original : '';
}

function unknownHelper(node: Located, name: string): TemplateError {
  return errorAt(
    node,
    `${name === '' ? 'this' : name} is not a helper`,
    'There are if, unless, is_match, is_exact_match, raw and urlencode; an attribute stands alone, as {{@a.b}}.',
  );
}

const examples: Readonly<Record<string, string>> = {
  if: '{{#if @userIdentity.arn}}',
  unless: '{{#unless @userIdentity.arn}}',
  is_match: '{{#is_match "@userIdentity.arn" "admin"}}',
  is_exact_match: '{{#is_exact_match "@awsRegion" "us-east-1" "us-west-2"}}',
  urlencode: '{{urlencode "@userIdentity.arn"}}',
};

function wrongParams(node: Located, name: string): TemplateError {
  return errorAt(node, `${name} has not what it takes`, `Write it as in ${examples[name]!}.`);
}

function errorAt({ loc }: Located, problem: string, hint: string): TemplateError {
  return new TemplateError(problem, hint, loc.start.line, loc.start.column + 1);
}

function fail(node: Located, problem: string, hint: string): never {
  throw errorAt(node, problem, hint);
}

function parseProgram(text: string): Program {
  try {
    return parse(text);
  } catch (error) {
    throw syntaxError(text, error);
  }
}

/** Handlebars tells what it expected in words of its own; the place is where its lexer stopped. */
function syntaxError(text: string, cause: unknown): TemplateError {
  const message = cause instanceof Error ? cause.message : '';
  const mismatch = /^(.+) doesn't match (.+) - (\d+):(\d+)$/.exec(message);
  if (mismatch !== null) {
    const [, opened = '', closed = '', line, column] = mismatch;
    return new TemplateError(
      `{{#${opened}}} is closed by {{/${closed}}}`,
      `Write {{/${opened}}} at the end of the block.`,
      Number(line),
      Number(column) + 1,
      cause,
    );
  }
  const unclosed = message.includes("got 'EOF'") ? unclosedBlock(text) : null;
  if (unclosed !== null) {
    const before = text.slice(0, unclosed.index);
    return new TemplateError(
      `{{#${unclosed.name}}} is never closed`,
      `Write {{/${unclosed.name}}} at the end of the block.`,
      before.split('\n').length,
      before.length - before.lastIndexOf('\n'),
      cause,
    );
  }
  const { first_line: line, first_column: column } = parser.lexer.yylloc;
  return new TemplateError(
    'the template does not parse',
    'Write an attribute as {{@a.b}}, a block as {{#if @a.b}}…{{/if}}; \\{{ shows the braces.',
    line,
    column + 1,
    cause,
  );
}

/** The last block that the text opens and does not close. */
function unclosedBlock(text: string): { readonly name: string; readonly index: number } | null {
  const opened: { name: string; index: number }[] = [];
  for (const { 1: mark, 2: name = '', index } of text.matchAll(/\{\{~?([#^/])\s*([\w@.]+)/g)) {
    if (mark === '/') opened.pop();
    else opened.push({ name, index });
  }
  return opened.at(-1) ?? null;
}
