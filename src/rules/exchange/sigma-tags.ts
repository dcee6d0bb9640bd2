// Tags of Sigma, `attack.t1078.004`, and ours, `sub_technique:T1078.004`: a namespace and what is in it.
// https://sigmahq.io/sigma-specification/specification/sigma-appendix-tags.html

/** https://attack.mitre.org/tactics/enterprise/ */
const tactics: ReadonlyMap<string, string> = new Map([
  ['reconnaissance', 'TA0043'],
  ['resource-development', 'TA0042'],
  ['initial-access', 'TA0001'],
  ['execution', 'TA0002'],
  ['persistence', 'TA0003'],
  ['privilege-escalation', 'TA0004'],
  ['defense-evasion', 'TA0005'],
  ['credential-access', 'TA0006'],
  ['discovery', 'TA0007'],
  ['lateral-movement', 'TA0008'],
  ['collection', 'TA0009'],
  ['exfiltration', 'TA0010'],
  ['command-and-control', 'TA0011'],
  ['impact', 'TA0040'],
]);

/** Our tag for one of Sigma's; null where the two have no form in common. */
export function tagFromSigma(tag: string): string | null {
  const [namespace = '', ...rest] = tag.split('.');
  const name = rest.join('.');
  if (namespace === 'attack') {
    const tactic = tactics.get(name.replaceAll('_', '-'));
    if (tactic !== undefined) return `tactic:${tactic}-${name.replaceAll('_', '-')}`;
    if (/^t\d{4}$/i.test(name)) return `technique:${name.toUpperCase()}`;
    if (/^t\d{4}\.\d{3}$/i.test(name)) return `sub_technique:${name.toUpperCase()}`;
  }
  return /^[a-z_]+$/.test(namespace) && /^\S+$/.test(name) ? `${namespace}:${name}` : null;
}

/** Sigma's tag for one of ours; null where the two have no form in common. */
export function tagToSigma(tag: string): string | null {
  const colon = tag.indexOf(':');
  const [key, name] = [tag.slice(0, colon), tag.slice(colon + 1)];
  const [, id] = /^(TA\d{4}|T\d{4}(?:\.\d{3})?)(?:-|$)/.exec(name) ?? [];
  if (key === 'tactic' && id !== undefined) {
    const found = [...tactics].find(([, tactic]) => tactic === id);
    return found === undefined ? null : `attack.${found[0]}`;
  }
  if ((key === 'technique' || key === 'sub_technique') && id !== undefined) {
    return `attack.${id.toLowerCase()}`;
  }
  return /^[a-z0-9_-]+$/.test(key) && /^[a-z0-9._-]+$/.test(name) ? `${key}.${name}` : null;
}
