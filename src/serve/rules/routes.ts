// The rules that are looked for, and those that are there and are not.

import { createRoute, z } from '@hono/zod-openapi';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import type { Rule } from '../../model/rule.ts';
import type { NotRun } from '../../model/scan-result.ts';
import { answer, guarded, guardedAnswers, jsonOf, notFound, type Api } from '../answers/api.ts';
import { idParam, listOf, severitySchema } from '../answers/schemas.ts';

const summary = z
  .object({
    id: z.string(),
    kind: z.enum(['exposure', 'log']),
    name: z.string(),
    version: z.string(),
    enabled: z.boolean(),
    severities: listOf(severitySchema).openapi({ description: 'That its signals can have.' }),
    tags: listOf(z.string()),
    notRun: z.string().nullable().openapi({
      description: 'Why it is switched on and not looked for; null where it is looked for, or off.',
    }),
  })
  .openapi('RuleSummary');

const text = listOf(z.string());

const rule = z
  .object({
    ...summary.shape,
    goal: z.string(),
    strategy: z.string(),
    references: text,
    title: z.string().openapi({ description: 'Template of the title of a signal.' }),
    message: z.string().openapi({ description: 'Template of the message of a signal.' }),
    triage: listOf(z.object({ step: z.string(), details: text, commands: text })),
    changelog: listOf(z.object({ date: z.string(), version: z.string(), changes: text })),
    definition: z.record(z.string(), z.unknown()).openapi({
      description: 'What it looks for, as the rule file has it; differs between the kinds.',
    }),
  })
  .openapi('Rule');

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/rules',
  operationId: 'listRules',
  tags: ['rules'],
  summary: 'All rules',
  security: guarded,
  responses: { 200: jsonOf(z.object({ items: listOf(summary) }), 'By id.'), ...guardedAnswers },
});

const showRoute = createRoute({
  method: 'get',
  path: '/api/v1/rules/{id}',
  operationId: 'showRule',
  tags: ['rules'],
  summary: 'One rule',
  security: guarded,
  request: { params: idParam },
  responses: { 200: jsonOf(rule, 'The rule.'), ...guardedAnswers, ...notFound },
});

export function addRules(
  api: Api,
  { rules, notRun }: { readonly rules: readonly Rule[]; readonly notRun: readonly NotRun[] },
): void {
  const reasons = new Map(notRun.map(({ ruleId, reason }) => [ruleId, reason]));
  const byId = new Map(
    rules.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((each) => [each.id, each]),
  );
  api.openapi(listRoute, (c) =>
    answer(c, 200, { items: [...byId.values()].map((each) => summaryOf(each, reasons)) }),
  );
  api.openapi(showRoute, (c) => {
    const found = byId.get(c.req.valid('param').id);
    if (found === undefined) throw new PortcullisError('rule/unknown-id', 'there is no such rule');
    const { goal, strategy, references, title, message, triage, changelog } = found;
    return answer(c, 200, {
      ...summaryOf(found, reasons),
      goal,
      strategy,
      references,
      title,
      message,
      triage,
      changelog,
      definition: definitionOf(found),
    });
  });
}

function summaryOf(each: Rule, reasons: ReadonlyMap<string, string>) {
  const { id, kind, name, version, enabled, tags } = each;
  const all = [
    ...each.cases.map(({ severity }) => severity),
    ...(each.kind === 'exposure' ? [each.severity] : []),
  ];
  return {
    id,
    kind,
    name,
    version,
    enabled,
    severities: [...new Set(all)],
    tags,
    notRun: reasons.get(id) ?? null,
  };
}

function definitionOf(each: Rule): Record<string, unknown> {
  switch (each.kind) {
    case 'exposure': {
      const { severity, cases, groupBy, options, exposure } = each;
      return { severity, cases, groupBy, options, exposure };
    }
    case 'log': {
      const { queries, cases, filters, options } = each;
      return { queries, cases, filters, options };
    }
    default:
      return each satisfies never;
  }
}
