import { describe, expect, test } from 'vitest';
import type { Surroundings } from './escape.ts';
import { surroundingsOf, type Piece } from './surroundings.ts';

const root = {};

/** Pieces of a template: `@` is an attribute, `<` and `>` enclose a branch of its own. */
function pieces(template: string): readonly Piece[] {
  const branches: object[] = [root];
  return Array.from(template).flatMap((character): readonly Piece[] => {
    const branch = branches.at(-1) ?? root;
    if (character === '<') branches.push({});
    else if (character === '>') branches.pop();
    else return [{ text: character === '@' ? null : character, branch }];
    return [];
  });
}

function read(template: string): readonly Surroundings[] {
  return surroundingsOf(pieces(template), root);
}

describe('an attribute stands in', () => {
  test.each<[string, string, readonly Surroundings[]]>([
    ['text', 'a @ b', ['text']],
    ['nothing where there is none', 'a `b`', []],
    ['code between backticks', 'a `b @ c` @', ['code', 'text']],
    ['code between several backticks', '``a ` @`` @', ['code', 'text']],
    ['each of several codes', '`@` @ `@`', ['code', 'text', 'code']],
    ['text behind a backtick that nothing closes', '` @', ['text']],
    ['text behind backticks that others close', '`` @ `', ['text']],
    ['code that an unclosed run precedes', '`` a `@`', ['code']],
    ['text between escaped backticks', '\\`@\\`', ['text']],
    ['code on a line with an escaped character', '\\* `@`', ['code']],
    ['code that ends at a backslash', '`@\\` @', ['code', 'text']],
    ['text where the line ends before the code does', '`a\n@`', ['text']],
    ['code in a branch', '<`@`>', ['code']],
    ['code around a branch', '`<@>`', ['code']],
    ['code around two branches', '`<@><b>`', ['code']],
    ['text where one end of the code is in a branch', '<`>@`', ['text']],
    ['text where the other end is', '`@<`>', ['text']],
    ['text where the ends are in two branches', '<`><@`>', ['text']],
    ['text on a line where a branch could change what is code', '<`> `@` `', ['text']],
    ['text where a backslash may escape the backtick', '\\<a>`@`', ['text']],
    ['code on the line below', '<`>\n`@`', ['code']],
    ['code of a fence', '```\n@\n```\n@', ['code', 'text']],
    ['code of a fence with a language', '```json\n@\n```', ['code']],
    ['code of a fence of tildes', '~~~\n@\n~~~', ['code']],
    ['code of an indented fence', '   ```\n   @\n   ```', ['code']],
    ['code of a fence in a list', '1. ```\n   @\n   ```', ['code']],
    ['code of a fence in nested lists', '- * ```\n@\n```', ['code']],
    ['code of a long fence', '````\n```\n@\n````\n@', ['code', 'text']],
    ['code of a fence that a longer one closes', '```\n@\n`````\n@', ['code', 'text']],
    ['code of a fence that the other kind does not close', '```\n~~~\n@\n```', ['code']],
    ['code of a fence that is never closed', '```\n@', ['code']],
    ['text of the line that opens a fence', '```@\na\n```', ['text']],
    ['text where three backticks open no fence', 'a ```\n@', ['text']],
    ['code where they open and close on one line', '```@```', ['code']],
    ['text where a fence is opened in a branch', '<```\n>@\n```\n@', ['text', 'text']],
    ['text where a fence is closed in a branch', '```\n@\n<```>\n@', ['text', 'text']],
    ['text where a fence is opened in a branch and never closed', '<```>\n@', ['text']],
    ['code where the whole fence is in a branch', '<```\n@\n```\n>@', ['code', 'text']],
    ['a command', '```sh\nls @\n```', ['shell']],
    ['a command of another shell', '```Bash\nls @\n```', ['shell']],
    ['a command in a list', '1. a\n\n   ```sh\n   ls @\n   ```', ['shell']],
    ['single quotes of a command', "```sh\nls '@' @\n```", ['shell-single', 'shell']],
    ['double quotes of a command', '```sh\nls "@" @\n```', ['shell-double', 'shell']],
    ['quotes over several lines', "```sh\nls '\n@\n' @\n```", ['shell-single', 'shell']],
    ['quotes in the other quotes', `\`\`\`sh\n"'@" '"@'\n\`\`\``, ['shell-double', 'shell-single']],
    ['no quotes where they are escaped', '```sh\n\\" @ \\\' @\n```', ['shell', 'shell']],
    ['double quotes with escaped ones', '```sh\n"\\"@"\n```', ['shell-double']],
    ['single quotes, where nothing is escaped', "```sh\n'\\' @\n```", ['shell']],
    ['a comment, whose quotes mean nothing', "```sh\n# don't @\nls @\n```", ['shell', 'shell']],
    ['a comment behind a command', "```sh\nls # don't\nls @\n```", ['shell']],
    ['no comment where a word goes on', "```sh\nls a#'@'\n```", ['shell-single']],
    ['no comment in quotes', "```sh\n'a # @' @\n```", ['shell-single', 'shell']],
    ['no command in code of another language', "```yaml\na: '@'\n```", ['code']],
    ['no command in code of one line', '`sh @`', ['code']],
  ])('%s: %j', (_name, template, expected) => {
    expect(read(template)).toEqual(expected);
  });
});
