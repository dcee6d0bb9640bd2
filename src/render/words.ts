// Facts of a result in plain words, the same in every format that a person reads.
// What comes out is one line without control characters; escape it further for HTML or Markdown.

import { catalogue } from '../errors/catalogue.ts';
import type { Actor } from '../model/actor.ts';
import type { Exposure } from '../model/exposure.ts';
import type { Problem } from '../model/problem.ts';
import type { Suppressed } from '../model/suppression.ts';
import { stripControls } from '../template/escape.ts';

/** Text from a log on one line: no control characters, blanks and line ends as single blanks. */
export function oneLine(text: string): string {
  return stripControls(text).replace(/\s+/g, ' ').trim();
}

/** How wide a port is open, from the shares of both address families, 0 to 1. */
export function coverageText(ipv4: number, ipv6: number): string {
  if (ipv4 >= 1 && ipv6 >= 1) return 'whole internet (IPv4 and IPv6)';
  const parts = [familyText('IPv4', ipv4), familyText('IPv6', ipv6)].filter((part) => part !== '');
  return parts.length === 0 ? 'no public address' : parts.join(' and ');
}

function familyText(family: string, share: number): string {
  if (share >= 1) return `whole internet (${family})`;
  return share > 0 ? `${percentText(share)} of ${family}` : '';
}

/** A share above 0 and below 1, never rounded to nothing or to the whole. */
function percentText(share: number): string {
  const percent = share * 100;
  if (percent < 0.1) return 'under 0.1 %';
  if (percent > 99.9) return 'over 99.9 %';
  return `${Number(percent.toFixed(1))} %`;
}

/** `22 SSH`, `8000-8100`, `53/udp`, `all ports`: the protocol is left out where it is TCP. */
export function portText(
  exposure: Pick<Exposure, 'port' | 'toPort' | 'protocol' | 'service'>,
): string {
  const { port, toPort = port, protocol, service } = exposure;
  if (protocol === 'all')
    return port <= 1 && toPort === 65_535 ? 'all traffic' : `${port}-${toPort}`;
  const transport = oneLine(protocol);
  if (port <= 1 && toPort === 65_535) return `all ${transport.toUpperCase()} ports`;
  const ports = toPort === port ? `${port}` : `${port}-${toPort}`;
  const named = transport === 'tcp' ? ports : `${ports}/${transport}`;
  return service === null ? named : `${named} ${oneLine(service)}`;
}

/** The two largest units: `49s`, `1m 49s`, `3h 4m`, `12d 5h`. */
export function durationText(seconds: number): string {
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [Math.floor(seconds) % 60, 's'],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  if (first === -1) return '0s';
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}

/** Seconds from a time as CloudTrail writes it until `now`, at least 0. */
export function secondsSince(time: string, now: Date): number {
  const ms = now.getTime() - Date.parse(time);
  return ms > 0 ? Math.floor(ms / 1000) : 0;
}

/** `2026-03-01T08:00:00Z` as `2026-03-01 08:00:00`; UTC goes without saying. */
export function timeText(time: string): string {
  return oneLine(time)
    .replace(/^(\d{4}-\d{2}-\d{2})T/, '$1 ')
    .replace(/Z$/, '');
}

export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** How much is hidden, in words: `2 signals suppressed (3 exposures)`. */
export function suppressedText({ signals, exposures }: Suppressed): string {
  const detail = exposures === 0 ? '' : ` (${countText(exposures, 'exposure')})`;
  return `${countText(signals, 'signal')} suppressed${detail}`;
}

/** `1,234 signals`, `1 signal`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

const thousands = new Intl.NumberFormat('en-US');

export function numberText(count: number): string {
  return thousands.format(count);
}

/** What was found at one place, without what the problem's code says of all places alike. */
export function foundText({ code, message }: Pick<Problem, 'code' | 'message'>): string {
  const { meaning, nextStep } = catalogue[code];
  const found = oneLine(message);
  const here = found.endsWith(nextStep) ? found.slice(0, -nextStep.length).trim() : found;
  const known = meaning.replace(/\.$/, '');
  if (!here.startsWith(known)) return here;
  return here.slice(known.length).replace(/^ \((.*)\)\.$|^\.$/, '$1');
}

/** Who acted, as a person would say it. */
export function actorName(actor: Actor): string {
  const name = [actor.sessionName, actor.arn, actor.accessKeyId, actor.invokedBy]
    .map((part) => oneLine(part ?? ''))
    .find((part) => part !== '');
  return name === undefined ? 'somebody the log does not name' : quoted(name);
}

/** A name with a blank in it could pass for more than a name, so it is put in quotes. */
function quoted(name: string): string {
  return name.includes(' ') ? `"${name.replaceAll('"', "'")}"` : name;
}

const services: Readonly<Record<string, string>> = {
  'cloudformation.amazonaws.com': 'CloudFormation',
  'autoscaling.amazonaws.com': 'Auto Scaling',
  'servicecatalog.amazonaws.com': 'Service Catalog',
  'eks.amazonaws.com': 'EKS',
  'ssm.amazonaws.com': 'Systems Manager',
};

/** The AWS service that acted for the caller, or null. */
export function serviceName(actor: Actor): string | null {
  const host = [actor.invokedBy, actor.sourceIp, actor.userAgent]
    .map((part) => oneLine(part ?? ''))
    .find((part) => /^[a-z0-9.-]+\.amazonaws\.com$/.test(part) && !part.startsWith('console.'));
  if (host === undefined) return null;
  return Object.hasOwn(services, host) ? (services[host] ?? host) : host;
}

/** The address of the call, or null where an AWS service stands in its place. */
export function addressText(actor: Actor): string | null {
  const address = oneLine(actor.sourceIp ?? '');
  return address === '' || isAws(address) ? null : quoted(address);
}

/** Whether AWS wrote one of its own names in the place of an address or a user agent. */
function isAws(text: string): boolean {
  return text.endsWith('.amazonaws.com') || text === 'AWS Internal';
}

/** Tools that name themselves somewhere inside a long user agent. */
const knownTool =
  /\b(?:Terraform|Pulumi|OpenTofu|aws-cli|aws-cdk|Ansible|Boto3|pacu|ScoutSuite)\/[\w.+-]+/i;

/** The tool of the call in a few letters, `aws-cli/2.15.30`; null where the log does not tell. */
export function toolName(actor: Actor): string | null {
  const agent = oneLine(actor.userAgent ?? '').replace(/^\[|\]$/g, '');
  if (agent.startsWith('console.')) return 'the console';
  if (agent === '' || isAws(agent)) return null;
  const known = knownTool.exec(agent)?.[0];
  if (known !== undefined) return known;
  if (/^(?:Mozilla|S3Console|Coral)\//.test(agent)) return 'a browser';
  const first = agent.split(' ')[0] ?? agent;
  return /^[\w.@-]+(?:\/[\w.+-]+)?$/.test(first) ? first : null;
}
