// JSON for a script element of the page. No text in it can end the element or open a comment.

function inert(json: string): string {
  return json
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
}

/** The object's JSON in pieces, list by list and item by item, so that no piece is large. */
export function* embedJson(value: object): Iterable<string> {
  let separator = '{';
  for (const [key, part] of Object.entries(value) as [string, unknown][]) {
    yield `${separator}${JSON.stringify(key)}:`;
    separator = ',';
    if (!Array.isArray(part)) {
      yield inert(JSON.stringify(part));
      continue;
    }
    yield '[';
    for (const [index, item] of part.entries()) {
      yield `${index === 0 ? '' : ',\n'}${inert(JSON.stringify(item))}`;
    }
    yield ']';
  }
  yield separator === '{' ? '{}' : '}';
}
