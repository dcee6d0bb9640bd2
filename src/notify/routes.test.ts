import { describe, expect, test } from 'vitest';
import type { Notice } from '../model/stored.ts';
import { aNotice, noticeOf } from '../../test/support/notices.ts';
import { aLogSignal } from '../../test/support/scan-results.ts';
import { compileRoutes, type Route } from './routes.ts';

function route(given: Partial<Route> = {}): Route {
  return { name: 'all', minimumSeverity: 'info', kinds: ['opened', 'closed'], ...given };
}

function told(notice: Notice, ...routes: readonly Route[]): readonly string[] {
  return compileRoutes(routes)(notice);
}

describe('a channel is told', () => {
  test('of everything, where nothing else is said', () => {
    expect(told(aNotice(), route())).toEqual(['all']);
  });

  test('of what is severe enough', () => {
    expect(told(aNotice(), route({ minimumSeverity: 'high' }))).toEqual(['all']);
    expect(told(aNotice(), route({ minimumSeverity: 'critical' }))).toEqual([]);
  });

  test('of the kinds that it wants', () => {
    expect(told(noticeOf('corrected'), route())).toEqual([]);
    expect(told(noticeOf('corrected'), route({ kinds: ['corrected'] }))).toEqual(['all']);
  });

  test('of signals that match its query, exposures included', () => {
    const ssh = route({ name: 'ssh', query: '@exposures.port:22 -@region:eu-*' });
    const rdp = route({ name: 'rdp', query: '@exposures.port:3389' });
    expect(told(aNotice(), route(), ssh, rdp)).toEqual(['all', 'ssh']);
  });

  test('of signals of log rules too', () => {
    const notice = aNotice({ signal: aLogSignal(), exposures: [] });
    expect(told(notice, route({ query: '@ruleId:access-keys-made' }))).toEqual(['all']);
  });
});
