// The same records under two rules: what the built-in log rule for administrative ports says of
// them, and what the exposure rule says. `docs/parity.md` shows the outcome.

import { resolve } from 'node:path';
import type { Exposure } from '../../src/model/exposure.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { LogSignal, Signal } from '../../src/model/signal.ts';
import { detect } from '../../src/pipeline.ts';
import { enableRules, findRule } from '../../src/rules/find-rule.ts';
import { loadExamples } from '../../src/rules/load-examples.ts';
import { builtInRulesDirectory, loadRules } from '../../src/rules/load-rules.ts';
import { scan } from '../../src/scan.ts';
import { projectRoot } from '../support/project-copy.ts';

const exposureRuleId = 'aws-sg-admin-port-open-to-world';
const logRuleId = 'datadog-sg-admin-port-parity';

/** Both rules, and no other. */
async function bothRules(): Promise<readonly Rule[]> {
  const rules = enableRules(await loadRules([builtInRulesDirectory()]), [logRuleId]);
  return [exposureRuleId, logRuleId].map((id) => findRule(rules, id));
}

const nothing = '–';

function ports(exposures: readonly Exposure[]): string {
  const unique = [...new Set(exposures.map(({ port }) => port))].toSorted((a, b) => a - b);
  return unique.length === 0 ? nothing : unique.join(', ');
}

function verdicts(signals: readonly LogSignal[]): string {
  return signals.length === 0
    ? nothing
    : signals.map((signal) => `${signal.severity}: ${signal.case}`).join('; ');
}

function isLog(signal: Signal): signal is LogSignal {
  return signal.groupId === null;
}

/** One row for each signal of either rule on the example estate, in the order of time. */
export async function compareOnEstate(): Promise<readonly (readonly string[])[]> {
  const estate = resolve(projectRoot, 'examples/cloudtrail');
  const { signals, exposures } = await scan([estate], { rules: await bothRules() });
  const logSignals = signals.filter(isLog);
  const told = new Set<LogSignal>();
  const rows = signals
    .filter((signal) => !isLog(signal))
    .map((signal) => {
      const own = exposures.filter(({ id }) => signal.exposures.includes(id));
      const openings = new Set(own.map(({ openedByEventId }) => openedByEventId));
      const matching = logSignals.filter(({ eventIds }) => eventIds.some((id) => openings.has(id)));
      for (const match of matching) told.add(match);
      return [
        signal.firstSeen,
        signal.groupId ?? '',
        `${signal.severity}: ${ports(own)}`,
        verdicts(matching),
      ];
    });
  const alone = logSignals
    .filter((signal) => !told.has(signal))
    .map((signal) => [signal.firstSeen, nothing, nothing, verdicts([signal])]);
  return [...rows, ...alone].toSorted(([a = ''], [b = '']) => (a < b ? -1 : Number(a > b)));
}

/** One row for each example of the log rule on which the two do not say the same. */
export async function compareOnExamples(): Promise<readonly (readonly string[])[]> {
  const rules = await bothRules();
  const { examples } = await loadExamples(resolve(builtInRulesDirectory(), logRuleId));
  return (examples ?? []).flatMap(({ name, records }) => {
    const { signals, exposures } = detect(records, { rules });
    const log = signals.filter(isLog);
    const other = signals.filter((signal) => !isLog(signal));
    const exposed = other.map((signal) => {
      const own = exposures.filter(({ id }) => signal.exposures.includes(id));
      return `${signal.severity}: ${ports(own)}`;
    });
    const row = [name, exposed.length === 0 ? nothing : exposed.join('; '), verdicts(log)];
    return agree(other, exposures, log) ? [] : [row];
  });
}

/** Whether the two tell of as many signals, with the same severities and the same single port. */
function agree(
  signals: readonly Signal[],
  exposures: readonly Exposure[],
  log: readonly LogSignal[],
): boolean {
  return (
    signals.length === log.length &&
    signals.every((signal, index) => {
      const own = exposures.filter(({ id }) => signal.exposures.includes(id));
      const verdict = log[index];
      const port = ports(own);
      return (
        verdict?.severity === signal.severity &&
        (verdict.case.startsWith(`${port} `) || verdict.case === 'Through CloudFormation')
      );
    })
  );
}
