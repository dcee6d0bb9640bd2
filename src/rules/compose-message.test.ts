import { expect, test } from 'vitest';
import { composeMessage, triageMarkdown } from './compose-message.ts';

const triage = [
  { step: 'Ask.', details: ['By phone.', 'Today.'], commands: [] },
  {
    step: 'Close it.',
    details: [],
    commands: ['aws ec2 \\\n  revoke --id {{@signal.groupId}}\n', 'aws ec2 describe'],
  },
];

test('steps are a numbered list, with details and commands inside their step', () => {
  expect(triageMarkdown(triage)).toBe(`1. Ask.

   - By phone.
   - Today.

2. Close it.

   \`\`\`sh
   aws ec2 \\
     revoke --id {{@signal.groupId}}
   \`\`\`

   \`\`\`sh
   aws ec2 describe
   \`\`\`
`);
});

test('from the tenth step on, what belongs to a step stays inside it', () => {
  const steps = Array.from({ length: 10 }, () => ({ step: 'S', details: ['d'], commands: ['c'] }));
  expect(triageMarkdown(steps)).toContain('10. S\n\n    - d\n\n    ```sh\n    c\n    ```\n');
});

test('the message comes first, then what to do', () => {
  expect(composeMessage('It is open.\n\n', triage.slice(0, 1))).toBe(
    'It is open.\n\n### Triage and response\n\n1. Ask.\n\n   - By phone.\n   - Today.\n',
  );
});

test('a message without steps is all there is', () => {
  expect(composeMessage('It is open.\n\n', [])).toBe('It is open.');
});
