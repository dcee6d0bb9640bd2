import { expect, test } from 'vitest';
import { linkedAddresses, messageSections } from './message-sections.ts';

const message = `before

## Goal
Detect [calls][1] and [more][2].

# strategy #

- one
\`\`\`sh
# no heading
\`\`\`
- [two](https://two.example/)

###   Triage & response
Ask.
## Goal
again
## Empty

[1]: https://one.example/a
`;

test('sections go by their headings, the first of each name', () => {
  expect([...messageSections(message)]).toEqual([
    ['goal', 'Detect [calls](https://one.example/a) and [more][2].'],
    ['strategy', '- one\n```sh\n# no heading\n```\n- [two](https://two.example/)'],
    ['triage & response', 'Ask.'],
  ]);
});

test('a fence is closed by one that is as long', () => {
  const text = '## A\n````\n```\n## B\n````\n## C\nc';
  expect([...messageSections(text).keys()]).toEqual(['a', 'c']);
});

test('a message without headings has no sections', () => {
  expect(messageSections('#no heading\nplain').size).toBe(0);
});

test('addresses are those of links, each once', () => {
  expect(linkedAddresses(`${message}\n[x](https://two.example/) [y](http://no.example/)`)).toEqual([
    'https://two.example/',
    'https://one.example/a',
  ]);
});
