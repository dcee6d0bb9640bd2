import { describe, expect, it } from 'vitest';

import { omittedReason } from '../reading.ts';
import {
  readCreateManagedPrefixList as create,
  readDeleteManagedPrefixList as remove,
  readModifyManagedPrefixList as modify,
  readRestoreManagedPrefixListVersion as restore,
} from './managed-prefix-lists.ts';

const answer = {
  CreateManagedPrefixListResponse: { prefixList: { prefixListId: 'pl-1', version: 1 } },
};
const wrapped = (name: string, body: unknown) => ({ [`${name}Request`]: body });

describe('the creation of a prefix list', () => {
  it('tells its entries', () => {
    const body = {
      PrefixListName: 'offices',
      Entry: [
        { Cidr: '10.1.2.3/8', tag: 1 },
        { Cidr: '::/0', Description: 'all', tag: 2 },
      ],
    };
    expect(
      create({
        requestParameters: wrapped('CreateManagedPrefixList', body),
        responseElements: answer,
      }),
    ).toEqual({
      target: 'prefix-list',
      prefixListId: 'pl-1',
      effect: { kind: 'create', cidrs: ['10.0.0.0/8', '::/0'] },
      unreadable: [],
    });
  });

  it.each(['Entry', 'Entries', 'entries', 'entry', 'entrySet'])('may call them %s', (name) => {
    const requestParameters = { prefixListName: 'x', [name]: { items: [{ cidr: '10.0.0.0/8' }] } };
    expect(create({ requestParameters, responseElements: answer })).toMatchObject({
      effect: { kind: 'create', cidrs: ['10.0.0.0/8'] },
    });
  });

  it('may list them as bare texts, one alone, or none', () => {
    const entriesOf = (Entry: unknown) =>
      create({
        requestParameters: wrapped('CreateManagedPrefixList', { PrefixListName: 'x', Entry }),
        responseElements: answer,
      }).effect;
    expect(entriesOf(['10.0.0.0/8'])).toEqual({ kind: 'create', cidrs: ['10.0.0.0/8'] });
    expect(entriesOf({ Cidr: '10.0.0.0/8' })).toEqual({ kind: 'create', cidrs: ['10.0.0.0/8'] });
    expect(entriesOf(undefined)).toEqual({ kind: 'create', cidrs: [] });
  });

  it.each([
    { CreateManagedPrefixListResponse: { PrefixList: { PrefixListId: 'pl-1' } } },
    { CreateManagedPrefixListResponse: { prefixListId: 'pl-1' } },
    { prefixList: { prefixListId: 'pl-1' } },
    { PrefixListId: 'pl-1' },
  ])('may be answered with %j', (responseElements) => {
    expect(create({ requestParameters: {}, responseElements })).toMatchObject({
      prefixListId: 'pl-1',
    });
  });

  it('is not told where an entry cannot be read', () => {
    const body = { PrefixListName: 'x', Entry: [{ Cidr: '10.0.0.0/8' }, { Cidr: 'y' }] };
    expect(
      create({
        requestParameters: wrapped('CreateManagedPrefixList', body),
        responseElements: answer,
      }),
    ).toEqual({
      target: 'prefix-list',
      prefixListId: 'pl-1',
      effect: undefined,
      unreadable: ['“y” is not a CIDR'],
    });
    const odd = { PrefixListName: 'x', Entry: 'y' };
    expect(
      create({
        requestParameters: wrapped('CreateManagedPrefixList', odd),
        responseElements: answer,
      }),
    ).toMatchObject({ effect: undefined, unreadable: ['the entries are not a list'] });
  });

  it('leaves the entries unknown where the request was left out or says nothing', () => {
    const unknown = { kind: 'restore', toVersion: null, currentVersion: null };
    expect(
      create({
        requestParameters: wrapped('CreateManagedPrefixList', {
          omitted: true,
          PrefixListName: 'x',
        }),
        responseElements: answer,
      }),
    ).toEqual({
      target: 'prefix-list',
      prefixListId: 'pl-1',
      effect: unknown,
      unreadable: [omittedReason],
    });
    expect(create({ requestParameters: {}, responseElements: answer })).toEqual({
      target: 'prefix-list',
      prefixListId: 'pl-1',
      effect: unknown,
      unreadable: ['the request does not say what the prefix list holds'],
    });
  });
});

describe('the modification of a prefix list', () => {
  const read = (body: unknown) =>
    modify({ requestParameters: wrapped('ModifyManagedPrefixList', body) });

  it('tells what comes, what goes, and the version it was made against', () => {
    const body = {
      PrefixListId: 'pl-1',
      CurrentVersion: 3,
      AddEntry: { Cidr: '0.0.0.0/0' },
      RemoveEntry: [{ Cidr: '10.0.0.0/8' }],
    };
    expect(read(body)).toEqual({
      target: 'prefix-list',
      prefixListId: 'pl-1',
      effect: { kind: 'modify', add: ['0.0.0.0/0'], remove: ['10.0.0.0/8'], currentVersion: 3 },
      unreadable: [],
    });
  });

  it.each([
    ['AddEntry', 'RemoveEntry'],
    ['AddEntries', 'RemoveEntries'],
    ['addEntries', 'removeEntries'],
    ['addEntry', 'removeEntry'],
  ])('may call them %s and %s', (adds, removes) => {
    const requestParameters = {
      prefixListId: 'pl-1',
      currentVersion: '3',
      [adds]: [{ Cidr: '0.0.0.0/0' }],
      [removes]: [{ Cidr: '10.0.0.0/8' }],
    };
    expect(modify({ requestParameters })).toMatchObject({
      prefixListId: 'pl-1',
      effect: { add: ['0.0.0.0/0'], remove: ['10.0.0.0/8'], currentVersion: 3 },
    });
  });

  it.each([
    [3, 3],
    ['3', 3],
    ['123456789', 123_456_789],
    ['1234567890', null],
    ['3x', null],
    ['x3', null],
    [1.5, null],
    [undefined, null],
    [{}, null],
  ])('made against version %j was made against %j', (CurrentVersion, currentVersion) => {
    expect(read({ PrefixListId: 'pl-1', CurrentVersion })).toMatchObject({
      effect: { currentVersion },
    });
  });

  it('tells what can be read, and reports the rest', () => {
    const body = {
      PrefixListId: 'pl-1',
      AddEntry: [{ Cidr: 'x' }, { Cidr: '0.0.0.0/0' }],
      RemoveEntry: [{}],
    };
    expect(read(body)).toMatchObject({
      effect: { kind: 'modify', add: ['0.0.0.0/0'], remove: [] },
      unreadable: ['“x” is not a CIDR', '“nothing” is not a CIDR'],
    });
  });

  it('leaves the entries unknown where the request was left out', () => {
    expect(read({ omitted: true, PrefixListId: 'pl-1' })).toMatchObject({
      prefixListId: 'pl-1',
      effect: { kind: 'restore', toVersion: null },
      unreadable: [omittedReason],
    });
  });
});

describe('the restoration of a version', () => {
  it('tells which, and the version it was made against', () => {
    const body = { PrefixListId: 'pl-1', PreviousVersion: '2', CurrentVersion: 5 };
    expect(
      restore({ requestParameters: wrapped('RestoreManagedPrefixListVersion', body) }),
    ).toEqual({
      target: 'prefix-list',
      prefixListId: 'pl-1',
      effect: { kind: 'restore', toVersion: 2, currentVersion: 5 },
      unreadable: [],
    });
    const lower = { prefixListId: 'pl-1', previousVersion: 2, currentVersion: 5 };
    expect(restore({ requestParameters: lower })).toMatchObject({
      prefixListId: 'pl-1',
      effect: { toVersion: 2, currentVersion: 5 },
    });
  });

  it('leaves the entries unknown where the request was left out', () => {
    const body = { omitted: true, PrefixListId: 'pl-1', PreviousVersion: 2 };
    expect(
      restore({ requestParameters: wrapped('RestoreManagedPrefixListVersion', body) }),
    ).toMatchObject({ effect: { kind: 'restore', toVersion: null }, unreadable: [omittedReason] });
  });
});

describe('the deletion of a prefix list', () => {
  it('tells which', () => {
    const body = wrapped('DeleteManagedPrefixList', { PrefixListId: 'pl-1' });
    expect(remove({ requestParameters: body })).toEqual({
      target: 'prefix-list',
      prefixListId: 'pl-1',
      effect: { kind: 'delete' },
      unreadable: [],
    });
    expect(remove({})).toMatchObject({ prefixListId: undefined });
  });
});
