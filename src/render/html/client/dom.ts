// Builds the page's elements. Text enters as text nodes and attributes only, never as markup.

export type Child = Node | string | null;
export type Attributes = { readonly [name: string]: string | number | boolean | null };

const svgNamespace = 'http://www.w3.org/2000/svg';

function fill(node: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.filter((child) => child !== null));
}

/** An HTML element. An attribute of null or false is left out; true is an empty attribute. */
export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  fill(node, attributes, children);
  return node;
}

/** An SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS(svgNamespace, tag);
  fill(node, attributes, children);
  return node;
}

/** The element of the page's shell with this id; its absence is a fault of the report. */
export function byId<T extends Element>(id: string, type: abstract new () => T): T {
  const node = document.querySelector(`#${id}`);
  if (node instanceof type) return node;
  throw new Error(`The page has no ${type.name} with the id ${id}.`);
}

/** Text from a log: kept from turning the direction of what stands around it. */
export function logText(text: string, className: string | null = null): HTMLElement {
  return html('bdi', { class: className }, text);
}
