import { describe, expect, it } from 'vitest';

import { row } from '../../test/support/changes.ts';
import type { ExposureBody } from '../model/rule.ts';
import { readOpenPorts, wider, type Opening } from './open-ports.ts';
import type { PrefixListState } from './prefix-lists.ts';

const watched: ExposureBody = {
  protocols: ['tcp'],
  ports: [
    { port: 22, service: 'SSH' },
    { port: 3389, service: 'RDP' },
  ],
  exceptTcpPorts: [],
  expectedPorts: [],
  coverageThreshold: 0.25,
  where: null,
};
const others: ExposureBody = {
  ...watched,
  protocols: ['tcp', 'udp'],
  ports: null,
  exceptTcpPorts: [22, 3389],
  expectedPorts: [80, 443],
};

const lists = (entries: Readonly<Record<string, readonly string[]>>, complete = true) =>
  new Map(
    Object.entries(entries).map(([id, cidrs]): [string, PrefixListState] => [
      id,
      { cidrs: new Set(cidrs), complete, version: 1 },
    ]),
  );

function read(
  texts: readonly string[],
  body: ExposureBody = watched,
  known: ReadonlyMap<string, PrefixListState> = new Map(),
) {
  return readOpenPorts(texts.map(row), known, body);
}

const keys = (texts: readonly string[], body?: ExposureBody) =>
  read(texts, body)
    .openings.map(({ key }) => key)
    .toSorted();

describe('the watched ports', () => {
  it('are open where a row with the whole internet holds them', () => {
    expect(read(['tcp 22 0.0.0.0/0']).openings).toEqual([
      {
        key: 'tcp/22',
        protocol: 'tcp',
        port: 22,
        toPort: null,
        service: 'SSH',
        open: true,
        ipv4Share: 1,
        ipv6Share: 0,
        ipv4Sources: ['0.0.0.0/0'],
        ipv6Sources: [],
      },
    ]);
  });

  it.each([
    ['tcp 22-22 0.0.0.0/0', ['tcp/22']],
    ['tcp 0-22 0.0.0.0/0', ['tcp/22']],
    ['tcp 22-23 0.0.0.0/0', ['tcp/22']],
    ['tcp 0-21 0.0.0.0/0', []],
    ['tcp 23-3388 0.0.0.0/0', []],
    ['tcp 0-65535 0.0.0.0/0', ['tcp/22', 'tcp/3389']],
    ['tcp * 0.0.0.0/0', ['tcp/22', 'tcp/3389']],
    ['all * 0.0.0.0/0', ['tcp/22', 'tcp/3389']],
    ['udp * 0.0.0.0/0', []],
    ['icmp * 0.0.0.0/0', []],
    ['50 * 0.0.0.0/0', []],
    ['tcp 22 sg-2', []],
    ['tcp 22 0.0.0.0/2', ['tcp/22']],
    ['tcp 22 0.0.0.0/3', []],
    ['tcp 22 ::/0', ['tcp/22']],
    ['tcp 22 2000::/5', ['tcp/22']],
    ['tcp 22 2000::/6', []],
    ['tcp 22 8000::/1', []],
  ])('of %s are %j', (text, open) => {
    expect(keys([text])).toEqual(open);
  });

  it('are watched on each protocol of the rule', () => {
    expect(keys(['all * 0.0.0.0/0'], { ...watched, protocols: ['tcp', 'udp'] })).toEqual([
      'tcp/22',
      'tcp/3389',
      'udp/22',
      'udp/3389',
    ]);
    expect(keys(['udp 22 0.0.0.0/0'], { ...watched, protocols: ['udp'] })).toEqual(['udp/22']);
    expect(keys(['tcp 22 0.0.0.0/0'], { ...watched, protocols: ['tcp', 'udp'] })).toEqual([
      'tcp/22',
    ]);
  });

  it('are open through rows together, where they meet', () => {
    expect(keys(['tcp 0-22 0.0.0.0/3', 'tcp 22-4000 32.0.0.0/3'])).toEqual(['tcp/22']);
    expect(keys(['tcp 22 0.0.0.0/3', 'tcp 22 0.0.0.0/3', 'tcp 22 2000::/6'])).toEqual([]);
    expect(keys(['tcp 22 2000::/6', 'tcp 22 2400::/6'])).toEqual(['tcp/22']);
  });

  it('are shut where rows add up but lie within each other', () => {
    expect(keys(['tcp 22 0.0.0.0/3', 'tcp 22 0.0.0.0/4', 'tcp 22 16.0.0.0/4'])).toEqual([]);
  });

  it('tell the sources of each family that is open, the widest alone', () => {
    const [opening] = read([
      'tcp 22 0.0.0.0/1',
      'tcp 22 10.0.0.0/8',
      'tcp 22 200.0.0.0/8',
      'tcp 22 2001:db8::/32',
    ]).openings;
    expect(opening).toMatchObject({
      ipv4Share: 0.5 + 1 / 256,
      ipv6Share: 2 ** -29,
      ipv4Sources: ['0.0.0.0/1', '200.0.0.0/8'],
      ipv6Sources: [],
    });
    expect(read(['tcp 22 ::/0', 'tcp 22 10.0.0.0/8']).openings[0]).toMatchObject({
      ipv4Sources: [],
      ipv6Sources: ['::/0'],
    });
  });

  it('are not even looked at while all rows together are too narrow', () => {
    const unlooked: ExposureBody = {
      ...watched,
      get ports(): never {
        throw new Error('looked at');
      },
    };
    const narrow = ['tcp 22 0.0.0.0/3', 'tcp 22 32.0.0.0/4', 'tcp 22 2000::/6', 'tcp 22 sg-2'];
    expect(read(narrow, unlooked).openings).toEqual([]);
    expect(() => read([...narrow, 'tcp 22 48.0.0.0/4'], unlooked)).toThrow('looked at');
    expect(() => read([...narrow, 'tcp 22 2400::/6'], unlooked)).toThrow('looked at');
    expect(() => read([...narrow, 'tcp 22 pl-1'], unlooked)).toThrow('looked at');
  });

  it('follow the threshold of the rule', () => {
    expect(keys(['tcp 22 0.0.0.0/1'], { ...watched, coverageThreshold: 0.51 })).toEqual([]);
    expect(keys(['tcp 22 0.0.0.0/1'], { ...watched, coverageThreshold: 0.5 })).toEqual(['tcp/22']);
    expect(keys(['tcp 22 10.0.0.0/8'], { ...watched, coverageThreshold: 1 / 256 })).toEqual([
      'tcp/22',
    ]);
    expect(keys(['tcp 22 2001:db8::/32'], { ...watched, coverageThreshold: 2 ** -29 })).toEqual([
      'tcp/22',
    ]);
  });
});

describe('rows through prefix lists', () => {
  it('open what the entries open', () => {
    const known = lists({ 'pl-1': ['0.0.0.0/1', '::/0'], 'pl-2': ['10.0.0.0/8'] });
    expect(read(['tcp 22 pl-1', 'tcp 3389 pl-2'], watched, known)).toMatchObject({
      openings: [{ key: 'tcp/22', ipv4Sources: ['0.0.0.0/1'], ipv6Sources: ['::/0'] }],
      unknownRows: [],
      decidingRows: [],
    });
  });

  it('are unknown where the list is, and decide where nothing else opens the port', () => {
    expect(read(['tcp 22 pl-1'])).toEqual({
      openings: [],
      unknownRows: ['tcp 22-22 pl-1'],
      decidingRows: ['tcp 22-22 pl-1'],
    });
    expect(read(['tcp 22 pl-1', 'tcp 22 0.0.0.0/0'])).toMatchObject({
      openings: [{ key: 'tcp/22' }],
      unknownRows: ['tcp 22-22 pl-1'],
      decidingRows: [],
    });
    expect(read(['tcp 0-65535 pl-1', 'tcp 22 0.0.0.0/0'])).toMatchObject({
      unknownRows: ['tcp 0-65535 pl-1'],
      decidingRows: ['tcp 0-65535 pl-1'],
    });
  });

  it('count with what is known of a list, and stay unknown', () => {
    const known = lists({ 'pl-1': ['0.0.0.0/0'] }, false);
    expect(read(['tcp 22 pl-1'], watched, known)).toMatchObject({
      openings: [{ key: 'tcp/22' }],
      unknownRows: ['tcp 22-22 pl-1'],
      decidingRows: [],
    });
  });

  it('are not asked about at ports and protocols that nobody watches', () => {
    const nothing = { openings: [], unknownRows: [], decidingRows: [] };
    expect(read(['tcp 23 pl-1', 'icmp * pl-1', 'udp 22 pl-1'])).toEqual(nothing);
    expect(read(['tcp 443 pl-1', 'tcp 22 pl-1'], others)).toEqual(nothing);
    expect(read(['tcp 8080 pl-1'], others)).toMatchObject({ decidingRows: ['tcp 8080-8080 pl-1'] });
  });
});

describe('every other port', () => {
  it('is reported by the range of its row', () => {
    expect(read(['tcp 8000-9000 0.0.0.0/0'], others).openings).toEqual([
      {
        key: 'tcp/8000-9000',
        protocol: 'tcp',
        port: 8000,
        toPort: 9000,
        service: null,
        ipv4Share: 1,
        ipv6Share: 0,
        ipv4Sources: ['0.0.0.0/0'],
        ipv6Sources: [],
      },
    ]);
  });

  it.each([
    ['all * 0.0.0.0/0', ['all/0-65535']],
    ['tcp * 0.0.0.0/0', ['tcp/0-65535']],
    ['tcp 0-65535 0.0.0.0/0', ['tcp/0-65535']],
    ['udp 53 0.0.0.0/0', ['udp/53-53']],
    ['udp 22 0.0.0.0/0', ['udp/22-22']],
    ['tcp 22 0.0.0.0/0', []],
    ['tcp 3389 0.0.0.0/0', []],
    ['tcp 443 0.0.0.0/0', []],
    ['udp 443 0.0.0.0/0', []],
    ['tcp 80 0.0.0.0/0', []],
    ['tcp 21-22 0.0.0.0/0', ['tcp/21-22']],
    ['tcp 22-23 0.0.0.0/0', ['tcp/22-23']],
    ['tcp 79-80 0.0.0.0/0', ['tcp/79-80']],
    ['icmp * 0.0.0.0/0', []],
    ['tcp 8080 10.0.0.0/8', []],
    ['tcp 8080 sg-2', []],
    ['tcp 65535 ::/0', ['tcp/65535-65535']],
    ['tcp 0 ::/0', ['tcp/0-0']],
  ])('of %s is %j', (text, open) => {
    expect(keys([text], others)).toEqual(open);
  });

  it('is not reported where a range holds excluded ports alone', () => {
    const body = { ...others, expectedPorts: [80, 81, 82, 443], exceptTcpPorts: [83] };
    expect(keys(['tcp 80-83 0.0.0.0/0'], body)).toEqual([]);
    expect(keys(['udp 80-83 0.0.0.0/0'], body)).toEqual(['udp/80-83']);
    expect(keys(['tcp 80-84 0.0.0.0/0'], body)).toEqual(['tcp/80-84']);
    expect(keys(['tcp 79-83 0.0.0.0/0'], body)).toEqual(['tcp/79-83']);
    const two = { ...others, expectedPorts: [80, 81], exceptTcpPorts: [] };
    expect(keys(['tcp 80-81 0.0.0.0/0'], two)).toEqual([]);
  });

  it('is open through ranges that meet, each of which is reported', () => {
    expect(keys(['tcp 8000-8080 0.0.0.0/3', 'tcp 8080-9000 32.0.0.0/3'], others)).toEqual([
      'tcp/8000-8080',
      'tcp/8080-9000',
    ]);
    expect(keys(['tcp 8000-8080 0.0.0.0/3', 'tcp 8081-9000 32.0.0.0/3'], others)).toEqual([]);
  });

  it('is not reported where ranges meet at excluded ports alone', () => {
    expect(keys(['tcp 79-80 0.0.0.0/3', 'tcp 80-81 32.0.0.0/3'], others)).toEqual([]);
  });

  it('is reported by the rows that can decide it', () => {
    expect(keys(['tcp 8000-9000 0.0.0.0/0', 'tcp 8000-8080 10.0.0.0/8'], others)).toEqual([
      'tcp/8000-9000',
    ]);
    expect(keys(['tcp 8000-9000 0.0.0.0/0', 'tcp 8000-8080 0.0.0.0/2'], others)).toEqual([
      'tcp/8000-8080',
      'tcp/8000-9000',
    ]);
    // Too small alone, and without part in the family that is open.
    expect(keys(['tcp 8000-9000 0.0.0.0/0', 'tcp 8000-8080 2000::/6'], others)).toEqual([
      'tcp/8000-9000',
    ]);
    expect(
      keys(['tcp 8000-9000 2000::/6', 'tcp 8000-8100 2400::/6', 'tcp 8000-8200 8000::/1'], others),
    ).toEqual(['tcp/8000-8100', 'tcp/8000-9000']);
  });

  it('is reported by the row of a list of which one entry decides it', () => {
    const known = lists({ 'pl-1': ['0.0.0.0/0', '10.0.0.0/8', '2001:db8::/32'] });
    expect(read(['tcp 8080 pl-1'], others, known).openings).toMatchObject([
      { key: 'tcp/8080-8080', ipv4Share: 1 },
    ]);
  });

  it('is as open as its most open port', () => {
    const { openings } = read(
      ['tcp 8000-9000 0.0.0.0/1', 'tcp 8500 128.0.0.0/1', 'tcp 8600 ::/0'],
      others,
    );
    expect(openings.find(({ key }) => key === 'tcp/8000-9000')).toMatchObject({
      ipv4Share: 1,
      ipv6Share: 1,
      ipv4Sources: ['0.0.0.0/1', '128.0.0.0/1'],
      ipv6Sources: ['::/0'],
    });
  });

  it('is open on all traffic where it is on one protocol', () => {
    expect(keys(['all * 0.0.0.0/3', 'udp 53 32.0.0.0/3'], others)).toEqual([
      'all/0-65535',
      'udp/53-53',
    ]);
  });
});

describe('two readings of one opening', () => {
  const opening: Opening = {
    key: 'tcp/22',
    protocol: 'tcp',
    port: 22,
    toPort: null,
    service: 'SSH',
    ipv4Share: 0.5,
    ipv6Share: 0,
    ipv4Sources: ['0.0.0.0/1'],
    ipv6Sources: [],
  };

  it('are the wider of each', () => {
    const later = {
      ...opening,
      ipv4Share: 0.25,
      ipv6Share: 1,
      ipv4Sources: ['128.0.0.0/2'],
      ipv6Sources: ['::/0'],
    };
    const both = {
      ...opening,
      ipv6Share: 1,
      ipv4Sources: ['0.0.0.0/1', '128.0.0.0/2'],
      ipv6Sources: ['::/0'],
    };
    expect(wider(opening, later)).toEqual(both);
    expect(wider(later, opening)).toEqual(both);
  });

  it('are the wider of each where the sources are the same', () => {
    const later = { ...opening, ipv4Share: 0.75, ipv6Share: 0.1 };
    expect(wider(opening, later)).toEqual(later);
    expect(wider(later, opening)).toEqual(later);
    const mixed = { ...opening, ipv4Share: 0.75, ipv6Share: 0 };
    expect(wider({ ...opening, ipv6Share: 0.2 }, mixed)).toEqual({ ...mixed, ipv6Share: 0.2 });
    expect(wider(opening, { ...opening })).toEqual(opening);
    const wide6 = { ...opening, ipv6Share: 0.1 };
    expect(wider(opening, wide6)).toEqual(wide6);
    expect(wider(wide6, opening)).toEqual(wide6);
  });

  it('are the one reading itself where the other adds nothing', () => {
    const all = { ...opening, ipv4Share: 0.75, ipv6Share: 0.1 };
    expect(wider(all, opening)).toBe(all);
    expect(wider(all, { ...all, ipv4Sources: [...all.ipv4Sources] })).toBe(all);
  });

  it('tell the widest sources of both', () => {
    const all = { ...opening, ipv4Share: 1, ipv4Sources: ['0.0.0.0/0'] };
    expect(wider(opening, all)).toMatchObject({ ipv4Share: 1, ipv4Sources: ['0.0.0.0/0'] });
    const more = { ...opening, ipv4Sources: ['0.0.0.0/1', '192.0.0.0/8'] };
    expect(wider(opening, more).ipv4Sources).toEqual(['0.0.0.0/1', '192.0.0.0/8']);
    expect(wider(more, opening).ipv4Sources).toEqual(['0.0.0.0/1', '192.0.0.0/8']);
    const one = { ...opening, ipv4Sources: ['0.0.0.0/1', '192.0.0.0/8'], ipv6Sources: ['::/1'] };
    const other = { ...one, ipv4Sources: ['0.0.0.0/1', '200.0.0.0/8'] };
    expect(wider(one, other).ipv4Sources).toEqual(['0.0.0.0/1', '192.0.0.0/8', '200.0.0.0/8']);
    const six = { ...opening, ipv6Sources: ['::/1'] };
    expect(wider(six, { ...opening, ipv6Sources: ['2000::/3'] }).ipv6Sources).toEqual(['::/1']);
  });
});
