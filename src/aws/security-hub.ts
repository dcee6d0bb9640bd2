// Security Hub, through the AWS SDK, which is loaded on the first finding.

import type { AwsSecurityFinding, SecurityHubClient } from '@aws-sdk/client-securityhub';

import { asText, type JsonObject } from '../model/json.ts';
import type { FindingsHub, SendOutcome, WorkflowChange } from '../ports.ts';
import { outcomeOfError, outcomeOfPart } from './send-outcome.ts';
import { sendingConfig, type SendingOptions } from './sending-client.ts';

const service = 'Security Hub';
const permissions =
  'securityhub:BatchImportFindings and securityhub:BatchUpdateFindings are needed.';

export function createSecurityHub(options: SendingOptions = {}): FindingsHub {
  let known: SecurityHubClient | undefined;

  async function load() {
    const sdk = await import('@aws-sdk/client-securityhub');
    known ??= new sdk.SecurityHubClient(sendingConfig(options));
    return { sdk, client: known };
  }

  return {
    async importFindings(findings, signal) {
      try {
        const { sdk, client } = await load();
        const { FailedFindings = [] } = await client.send(
          new sdk.BatchImportFindingsCommand({
            Findings: findings.filter(isFinding),
          }),
          { abortSignal: signal },
        );
        const failed = new Map(FailedFindings.map((failure) => [failure.Id, failure]));
        return findings.map(({ Id }) => {
          const failure = failed.get(String(Id));
          return outcomeOfPart(service, failure?.ErrorCode, failure?.ErrorMessage);
        });
      } catch (error) {
        const outcome = outcomeOfError(error, service, permissions);
        return findings.map(() => outcome);
      }
    },

    async setWorkflow(changes, signal) {
      const outcomes = new Map<WorkflowChange, SendOutcome>();
      const byStatus = Map.groupBy(changes, ({ status }) => status);
      for (const [status, alike] of byStatus) {
        try {
          const { sdk, client } = await load();
          const { UnprocessedFindings = [] } = await client.send(
            new sdk.BatchUpdateFindingsCommand({
              FindingIdentifiers: alike.map(({ findingId, productArn }) => ({
                Id: findingId,
                ProductArn: productArn,
              })),
              Workflow: { Status: status },
            }),
            { abortSignal: signal },
          );
          const left = new Map(
            UnprocessedFindings.map((each) => [each.FindingIdentifier?.Id, each]),
          );
          for (const change of alike) {
            const failure = left.get(change.findingId);
            outcomes.set(change, outcomeOfPart(service, failure?.ErrorCode, failure?.ErrorMessage));
          }
        } catch (error) {
          const outcome = outcomeOfError(error, service, permissions);
          for (const change of alike) outcomes.set(change, outcome);
        }
      }
      return changes.map((change) => outcomes.get(change) ?? { kind: 'sent' });
    },
  };
}

/** Everything else about their form is checked by Security Hub itself, finding by finding. */
function isFinding(finding: JsonObject): finding is JsonObject & AwsSecurityFinding {
  return asText(finding['Id']) !== undefined && asText(finding['ProductArn']) !== undefined;
}
