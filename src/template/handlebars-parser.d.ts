// What this project uses of the parser inside Handlebars, which ships without types of its own.
// Loading the parser alone keeps out the compiler, which makes code with `new Function`.

declare module 'handlebars/dist/cjs/handlebars/compiler/base.js' {
  export type Position = { readonly line: number; readonly column: number };
  export type Located = { readonly loc: { readonly start: Position } };

  export type PathExpression = Located & {
    readonly type: 'PathExpression';
    /** Whether it was written with `@`. */
    readonly data: boolean;
    /** How many `../` it begins with. */
    readonly depth: number;
    readonly parts: readonly string[];
    readonly original: string;
  };
  export type Literal = Located & {
    readonly type: 'StringLiteral' | 'NumberLiteral' | 'BooleanLiteral';
    readonly value: string | number | boolean;
  };
  export type OtherExpression = Located & {
    readonly type: 'SubExpression' | 'UndefinedLiteral' | 'NullLiteral';
  };
  export type Expression = PathExpression | Literal | OtherExpression;

  type Call = Located & {
    readonly path: Expression;
    readonly params: readonly Expression[];
    readonly hash?: Located;
  };
  export type ContentStatement = Located & {
    readonly type: 'ContentStatement';
    readonly value: string;
  };
  export type MustacheStatement = Call & { readonly type: 'MustacheStatement' };
  export type BlockStatement = Call & {
    readonly type: 'BlockStatement';
    readonly program?: Program;
    readonly inverse?: Program;
  };
  export type OtherStatement = Located & {
    readonly type:
      | 'CommentStatement'
      | 'PartialStatement'
      | 'PartialBlockStatement'
      | 'Decorator'
      | 'DecoratorBlock';
  };
  export type Statement = ContentStatement | MustacheStatement | BlockStatement | OtherStatement;
  export type Program = {
    readonly body: readonly Statement[];
    readonly blockParams?: readonly string[];
  };

  export function parse(text: string): Program;

  /** After an error, `yylloc` tells the token at which parsing ended. */
  export const parser: {
    readonly lexer: {
      readonly yylloc: { readonly first_line: number; readonly first_column: number };
    };
  };
}
