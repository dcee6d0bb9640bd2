// MITRE ATT&CK references from a rule's tags: `tactic:TA0005-defense-evasion`,
// `technique:T1562-impair-defenses`, `sub_technique:T1562.007-disable-or-modify-cloud-firewall`.

export type AttackReference = {
  readonly uid: string;
  readonly name: string;
  readonly url: string;
};

export type AttackReferences = {
  readonly tactics: readonly AttackReference[];
  readonly techniques: readonly AttackReference[];
  /** Their `uid` begins with that of the technique they belong to. */
  readonly subTechniques: readonly AttackReference[];
};

const tagPattern = /^[a-z_-]+:(?<id>TA\d{4}|T\d{4}(?:\.\d{3})?)(?:-(?<slug>[a-z0-9-]+))?$/i;

/** Tags that name nothing in ATT&CK are passed over. */
export function attackReferences(tags: readonly string[]): AttackReferences {
  const references = tags.flatMap((tag) => {
    const { id, slug } = tagPattern.exec(tag)?.groups ?? {};
    return id === undefined ? [] : [reference(id.toUpperCase(), slug)];
  });
  return {
    tactics: references.filter(({ uid }) => uid.startsWith('TA')),
    techniques: references.filter(({ uid }) => !uid.startsWith('TA') && !uid.includes('.')),
    subTechniques: references.filter(({ uid }) => uid.includes('.')),
  };
}

/** A tag that came without the name, as from Sigma, is called by its id. */
function reference(uid: string, slug: string | undefined): AttackReference {
  const kind = uid.startsWith('TA') ? 'tactics' : 'techniques';
  return {
    uid,
    name: slug === undefined ? uid : titleCase(slug),
    url: `https://attack.mitre.org/${kind}/${uid.replace('.', '/')}/`,
  };
}

const smallWords = new Set([
  'a',
  'and',
  'for',
  'from',
  'in',
  'of',
  'on',
  'or',
  'over',
  'the',
  'to',
]);

/** `disable-or-modify-cloud-firewall` as ATT&CK writes it: `Disable or Modify Cloud Firewall`. */
function titleCase(slug: string): string {
  return slug
    .split('-')
    .map((word, index) =>
      index > 0 && smallWords.has(word) ? word : word.charAt(0).toUpperCase() + word.slice(1),
    )
    .join(' ');
}
