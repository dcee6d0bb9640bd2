// How the Terraform resource `datadog_security_monitoring_rule` calls what Datadog's API calls
// otherwise: words in snake_case, lists as repeated blocks with a name in the singular.

/** The API's name for each that is not merely written otherwise. */
const apiNames = new Map([
  ['enabled', 'isEnabled'],
  ['query', 'queries'],
  ['case', 'cases'],
  ['filter', 'filters'],
  ['third_party_case', 'thirdPartyCases'],
  ['signal_query', 'signalQueries'],
  ['action', 'actions'],
  ['root_query', 'rootQueries'],
]);

const terraformNames = new Map(Array.from(apiNames, ([terraform, api]) => [api, terraform]));

/** `query` is a list of queries only where blocks stand: a query's own text is called so as well. */
export function apiName(name: string, isBlock: boolean): string {
  const renamed = isBlock || name === 'enabled' ? apiNames.get(name) : undefined;
  return renamed ?? name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export function terraformName(name: string): string {
  return (
    terraformNames.get(name) ?? name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  );
}

/** `queries[0].groupByFields` as a reader of Terraform knows it: `query[0].group_by_fields`. */
export function terraformPath(path: string): string {
  return path
    .split('.')
    .map((step) => {
      const [name = '', index] = step.split(/(?=\[)/);
      return terraformName(name) + (index ?? '');
    })
    .join('.');
}
