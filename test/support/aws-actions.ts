// Which permissions the requests need that a test sent to an AWS: the IAM action behind each one.

import type { SeenRequest } from './faulty-proxy.ts';

/** Operations on several things at once need the permission of the operation on one. */
const actionOf: Readonly<Record<string, string>> = {
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/** The actions of all requests, each once, sorted, as `service:Action`. */
export function actionsOf(requests: readonly SeenRequest[]): readonly string[] {
  return [...new Set(requests.map(actionOfRequest))].toSorted();
}

function actionOfRequest({ method, path, headers, body = '' }: SeenRequest): string {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/(?<service>[^/]+)\//.exec(
    String(headers['authorization']),
  )?.groups?.['service'];
  const target = String(headers['x-amz-target'] ?? '').split('.');
  // EC2 and STS name the operation in the form that is sent.
  const operation = new URLSearchParams(body).get('Action') ?? target.at(-1) ?? '';
  if (service === 's3') return s3Action(method, path);
  if (service === undefined || operation === '') throw new Error(`What is ${method} ${path}?`);
  return `${service}:${actionOf[operation] ?? operation}`;
}

function s3Action(method: string, path: string): string {
  const { pathname } = new URL(path, 'http://s3');
  const isBucket = /^\/[^/]+\/?$/.test(pathname);
  if (method === 'GET' || method === 'HEAD') return isBucket ? 's3:ListBucket' : 's3:GetObject';
  throw new Error(`A source sends no ${method} ${path}.`);
}
