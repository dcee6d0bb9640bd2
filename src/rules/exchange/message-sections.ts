// The parts of a message that is one Markdown document, as Datadog's rules have it: goal, strategy,
// triage and changelog each under a heading of their own.

type Section = { readonly heading: string; readonly body: string };

/** Bodies of the sections by heading in lower case, the first of each name. */
export function messageSections(markdown: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  for (const { heading, body } of split(markdown)) {
    if (body !== '' && !sections.has(heading)) sections.set(heading, body);
  }
  return sections;
}

function split(markdown: string): readonly Section[] {
  const sections: { heading: string; lines: string[] }[] = [];
  let fence: string | null = null;
  for (const line of markdown.split(/\r?\n/)) {
    const [, mark] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (mark !== undefined && (fence === null || mark.startsWith(fence))) {
      fence = fence === null ? mark : null;
    }
    const [, heading] = (fence === null ? /^#{1,6} +(.*?)[ #]*$/.exec(line) : null) ?? [];
    if (heading === undefined) sections.at(-1)?.lines.push(line);
    else sections.push({ heading: heading.toLowerCase(), lines: [] });
  }
  return sections.map(({ heading, lines }) => ({
    heading,
    body: withLinks(lines.filter((line) => definition.exec(line) === null).join('\n'), markdown),
  }));
}

/** `[1]: https://…`, on a line of its own. */
const definition = /^ {0,3}\[([^\]]+)\]: *(\S+) *$/;

/** `[text][1]` with the address in place of its number: a section stands alone elsewhere. */
function withLinks(body: string, markdown: string): string {
  const addresses = new Map(
    markdown.split(/\r?\n/).flatMap((line): [string, string][] => {
      const [, name, address] = definition.exec(line) ?? [];
      return name === undefined || address === undefined ? [] : [[name, address]];
    }),
  );
  return body
    .replaceAll(/\]\[([^\]]+)\]/g, (reference, name: string) => {
      const address = addresses.get(name);
      return address === undefined ? reference : `](${address})`;
    })
    .trim();
}

/** The addresses of a message's links that begin with https, each once, in their order. */
export function linkedAddresses(markdown: string): readonly string[] {
  const found = markdown.matchAll(/(?:\]\(|^ {0,3}\[[^\]\n]+\]: *)(https:\/\/[^\s<>()"`\\]+)/gm);
  return [...new Set(Array.from(found, ([, address = '']) => address))];
}
