import { describe, expect, it } from 'vitest';

import { row } from '../../test/support/changes.ts';
import {
  isEgress,
  pick,
  readAnswerRows,
  readList,
  readRequestRows,
  readRuleRow,
  shown,
} from './ingress-rows.ts';

describe('a list', () => {
  it.each([
    [undefined, []],
    [null, []],
    [{}, []],
    [{ items: [] }, []],
    [{ items: [1, 2] }, [1, 2]],
    [{ items: { a: 1 } }, [{ a: 1 }]],
    [{ items: 'one' }, ['one']],
    [{ item: [1] }, [1]],
    [{ item: { a: 1 } }, [{ a: 1 }]],
    [
      [1, 2],
      [1, 2],
    ],
    [{ a: 1 }, [{ a: 1 }]],
  ])('in the form %j has the items %j', (value, items) => {
    expect(readList(value)).toEqual(items);
  });

  it.each(['text', 7, true])('is not %j', (value) => {
    expect(readList(value)).toBeUndefined();
  });
});

describe('picking a field', () => {
  it('takes the first spelling that is there', () => {
    expect(pick({ b: 2, c: 3 }, 'a', 'b', 'c')).toBe(2);
    expect(pick({ a: null, b: 0 }, 'a', 'b')).toBe(0);
    expect(pick({ a: false }, 'a', 'b')).toBe(false);
    expect(pick({ a: '' }, 'a')).toBe('');
  });

  it('finds nothing in what is no object, nor in a prototype', () => {
    expect(pick('text', 'length')).toBeUndefined();
    expect(pick(null, 'a')).toBeUndefined();
    expect(pick({}, 'toString')).toBeUndefined();
  });
});

describe('the rows of a request', () => {
  const permission = {
    ipProtocol: 'tcp',
    fromPort: 22,
    toPort: 23,
    groups: { items: [{ groupId: 'sg-2', userId: '111122223333' }] },
    ipRanges: { items: [{ cidrIp: '0.0.0.0/0', description: 'all' }, { cidrIp: '10.1.1.1/8' }] },
    ipv6Ranges: { items: [{ cidrIpv6: '::/0' }] },
    prefixListIds: { items: [{ prefixListId: 'pl-1' }] },
  };

  it('are one for each source of each permission', () => {
    const second = { ipProtocol: '-1', ipRanges: { items: [{ cidrIp: '1.2.3.4/32' }] } };
    expect(readRequestRows({ ipPermissions: { items: [permission, second] } })).toEqual({
      rows: [
        row('tcp 22-23 0.0.0.0/0'),
        row('tcp 22-23 10.0.0.0/8'),
        row('tcp 22-23 ::/0'),
        row('tcp 22-23 pl-1'),
        row('tcp 22-23 sg-2'),
        row('all * 1.2.3.4/32'),
      ],
      unreadable: [],
    });
  });

  it('may be spelled flat', () => {
    const flat = { ipPermissions: {}, ipProtocol: 'tcp', fromPort: 22, toPort: 22 };
    expect(readRequestRows({ ...flat, cidrIp: '0.0.0.0/0' }).rows).toEqual([
      row('tcp 22 0.0.0.0/0'),
    ]);
    expect(readRequestRows({ ...flat, cidrIpv6: '::/0' }).rows).toEqual([row('tcp 22 ::/0')]);
    expect(readRequestRows({ ...flat, cidrIpv4: '10.0.0.0/8' }).rows).toEqual([
      row('tcp 22 10.0.0.0/8'),
    ]);
  });

  it('may be nested and flat in one request', () => {
    const both = { ipPermissions: { items: [permission] }, ipProtocol: 'udp', cidrIp: '0.0.0.0/0' };
    expect(readRequestRows(both).rows).toHaveLength(6);
  });

  it('may carry their source beside the ports of a nested permission', () => {
    const direct = { ipProtocol: 'tcp', fromPort: 22, toPort: 22, cidrIp: '0.0.0.0/0' };
    expect(readRequestRows({ ipPermissions: [direct] })).toEqual({
      rows: [row('tcp 22 0.0.0.0/0')],
      unreadable: [],
    });
    const { cidrIp: _, ...ports } = direct;
    for (const more of [{ cidrIpv4: '0.0.0.0/0' }, { cidrIpv6: '::/0' }]) {
      expect(readRequestRows({ ipPermissions: [{ ...ports, ...more }] }).rows).toHaveLength(1);
    }
    expect(readRequestRows({ ipPermissions: [{ ...direct, cidrIp: 'x' }] })).toEqual({
      rows: [],
      unreadable: ['“x” is not a CIDR'],
    });
  });

  it('may list sources as bare texts', () => {
    const bare = {
      ipProtocol: 'tcp',
      fromPort: 22,
      toPort: 22,
      ipRanges: ['0.0.0.0/0'],
      prefixListIds: ['pl-1'],
    };
    expect(readRequestRows({ ipPermissions: [bare] }).rows).toEqual([
      row('tcp 22 0.0.0.0/0'),
      row('tcp 22 pl-1'),
    ]);
  });

  it('may spell sources with capitals, or in the words of an answer', () => {
    const spelled = {
      ipProtocol: 'tcp',
      fromPort: 22,
      toPort: 22,
      ipRanges: [{ cidrIpv4: '0.0.0.0/0' }, { CidrIp: '10.0.0.0/8' }],
      ipv6Ranges: [{ CidrIpv6: '::/0' }],
      prefixListIds: [{ PrefixListId: 'pl-1' }],
      groups: [{ GroupName: 'web' }],
    };
    expect(readRequestRows({ ipPermissions: [spelled] })).toEqual({
      rows: [
        row('tcp 22 0.0.0.0/0'),
        row('tcp 22 10.0.0.0/8'),
        row('tcp 22 ::/0'),
        row('tcp 22 pl-1'),
        { ...row('tcp 22 sg-2'), source: { kind: 'group', groupId: 'name:web' } },
      ],
      unreadable: [],
    });
  });

  it('may name groups in pairs, and by name in very old records', () => {
    const pairs = {
      ipProtocol: 'tcp',
      fromPort: 22,
      toPort: 22,
      userIdGroupPairs: { items: [{ GroupId: 'sg-2' }, { groupName: 'web' }, {}] },
    };
    expect(readRequestRows({ ipPermissions: { items: [pairs] } })).toEqual({
      rows: [
        row('tcp 22 sg-2'),
        { ...row('tcp 22 sg-2'), source: { kind: 'group', groupId: 'name:web' } },
        { ...row('tcp 22 sg-2'), source: { kind: 'group', groupId: 'name:?' } },
      ],
      unreadable: [],
    });
  });

  it('may open all protocols to a group called by its name', () => {
    expect(readRequestRows({ groupId: 'sg-1', sourceSecurityGroupName: 'web' })).toEqual({
      rows: [{ ...row('all * sg-2'), source: { kind: 'group', groupId: 'web' } }],
      unreadable: [],
    });
  });

  it('keep the protocol of a flat group source that has one', () => {
    const flat = { ipProtocol: 'tcp', fromPort: 1, toPort: 2, sourceSecurityGroupId: 'sg-2' };
    expect(readRequestRows(flat).rows).toEqual([row('tcp 1-2 sg-2')]);
  });

  it('need a protocol where the source is a CIDR', () => {
    expect(readRequestRows({ cidrIp: '0.0.0.0/0' })).toEqual({
      rows: [],
      unreadable: ['a row names no protocol'],
    });
  });

  it('are none where the request names none', () => {
    expect(readRequestRows({ ipPermissions: {} })).toEqual({ rows: [], unreadable: [] });
    expect(readRequestRows(undefined)).toEqual({ rows: [], unreadable: [] });
    expect(readRequestRows('text')).toEqual({ rows: [], unreadable: [] });
  });

  it.each([
    [{ ipPermissions: 'x' }, 'ipPermissions is not a list'],
    [{ ipPermissions: { items: ['x'] } }, 'a permission is not an object'],
    [{ ipPermissions: { items: [{ ipProtocol: 'tcp' }] } }, 'a permission names no source'],
    [{ ipPermissions: { items: [{ ...permission, ipRanges: 'x' }] } }, 'ipRanges is not a list'],
    [
      { ipPermissions: { items: [{ ...permission, ipv6Ranges: { items: [{}] } }] } },
      '“nothing” is not a CIDR',
    ],
    [
      { ipPermissions: { items: [{ ...permission, prefixListIds: { items: [{}] } }] } },
      'a prefix list has no id',
    ],
    [
      { ipPermissions: { items: [{ ...permission, groups: { items: ['x'] } }] } },
      'a group is not an object',
    ],
    [{ ipPermissions: { items: [{ ...permission, fromPort: 'x' }] } }, '“x” is not a port'],
    [{ ipPermissions: { items: [{ ...permission, toPort: 'x' }] } }, '“x” is not a port'],
    [{ cidrIp: 'x', ipProtocol: 'tcp' }, '“x” is not a CIDR'],
    [{ cidrIp: '0.0.0.0/0', ipProtocol: 'x' }, '“x” is not a protocol'],
  ])('say of %j what they cannot read', (request, reason) => {
    expect(readRequestRows(request).unreadable).toEqual([reason]);
  });

  it('count where others of the same call cannot be read', () => {
    const odd = { ...permission, ipRanges: { items: [{ cidrIp: 'x' }, { cidrIp: '0.0.0.0/0' }] } };
    const { rows, unreadable } = readRequestRows({ ipPermissions: { items: [odd] } });
    expect(rows).toContainEqual(row('tcp 22-23 0.0.0.0/0'));
    expect(unreadable).toEqual(['“x” is not a CIDR']);
  });

  it('say nothing of a missing source where another complaint explains it', () => {
    const odd = { ipProtocol: 'tcp', ipRanges: 'x' };
    expect(readRequestRows({ ipPermissions: [odd] }).unreadable).toEqual([
      'ipRanges is not a list',
    ]);
  });
});

describe('the rows of an answer', () => {
  const ingress = {
    securityGroupRuleId: 'sgr-1',
    isEgress: false,
    ipProtocol: 'tcp',
    fromPort: 22,
    toPort: 22,
    cidrIpv4: '0.0.0.0/0',
  };

  it('carry their ids, and leave out egress', () => {
    expect(
      readAnswerRows({
        items: [ingress, { ...ingress, isEgress: true }, { ...ingress, isEgress: 'true' }],
      }),
    ).toEqual({ rows: [row('tcp 22 0.0.0.0/0 sgr-1')], unreadable: [] });
  });

  it('say what they cannot read', () => {
    expect(readAnswerRows({ items: [ingress, { ...ingress, cidrIpv4: 'x' }, 'x'] })).toEqual({
      rows: [row('tcp 22 0.0.0.0/0 sgr-1')],
      unreadable: ['“x” is not a CIDR', 'a row is not an object'],
    });
    expect(readAnswerRows('x')).toEqual({
      rows: [],
      unreadable: ['the answer’s rule set is not a list'],
    });
  });

  it('are those of egress only where it is said', () => {
    expect([true, 'true'].map((value) => isEgress({ isEgress: value }))).toEqual([true, true]);
    expect([false, 'false', 1, undefined].some((value) => isEgress({ isEgress: value }))).toBe(
      false,
    );
    expect(isEgress('isEgress')).toBe(false);
  });
});

describe('a row with its source in a field', () => {
  const base = { ipProtocol: 'tcp', fromPort: 22, toPort: 22 };

  it.each([
    [{ ...base, cidrIpv4: '0.0.0.0/0' }, row('tcp 22 0.0.0.0/0')],
    [{ ...base, cidrIp: '0.0.0.0/0' }, row('tcp 22 0.0.0.0/0')],
    [{ ...base, CidrIp: '0.0.0.0/0' }, row('tcp 22 0.0.0.0/0')],
    [{ ...base, CidrIpv4: '0.0.0.0/0' }, row('tcp 22 0.0.0.0/0')],
    [{ ...base, cidrIpv6: '::/0' }, row('tcp 22 ::/0')],
    [{ ...base, CidrIpv6: '::/0' }, row('tcp 22 ::/0')],
    [{ ...base, prefixListId: 'pl-1' }, row('tcp 22 pl-1')],
    [{ ...base, PrefixListId: 'pl-1' }, row('tcp 22 pl-1')],
    [{ ...base, referencedGroupInfo: { groupId: 'sg-2' } }, row('tcp 22 sg-2')],
    [{ ...base, ReferencedGroupInfo: { GroupId: 'sg-2' } }, row('tcp 22 sg-2')],
    [{ ...base, referencedGroupId: 'sg-2' }, row('tcp 22 sg-2')],
    [{ ...base, ReferencedGroupId: 'sg-2' }, row('tcp 22 sg-2')],
    [{ ...base, groupReference: 'sg-2' }, row('tcp 22 sg-2')],
    [
      { ...base, referencedGroupInfo: { groupName: 'web' } },
      { ...row('tcp 22 sg-2'), source: { kind: 'group', groupId: 'name:web' } },
    ],
    [
      { ...base, cidrIpv4: '0.0.0.0/0', SecurityGroupRuleId: 'sgr-1' },
      row('tcp 22 0.0.0.0/0 sgr-1'),
    ],
    [
      { IpProtocol: 'udp', FromPort: '1', ToPort: '2', CidrIpv4: '0.0.0.0/0' },
      row('udp 1-2 0.0.0.0/0'),
    ],
  ])('%j is %j', (item, expected) => {
    expect(readRuleRow(item)).toEqual(expected);
  });

  it.each([
    ['x', 'a row is not an object'],
    [base, 'a row names no source'],
    [{ ...base, cidrIpv4: 'x' }, '“x” is not a CIDR'],
    [{ ...base, ipProtocol: '', cidrIpv4: '0.0.0.0/0' }, '“” is not a protocol'],
  ])('%j cannot be read', (item, reason) => {
    expect(readRuleRow(item)).toBe(reason);
  });
});

describe('a protocol', () => {
  const protocolOf = (ipProtocol: unknown) => {
    const read = readRuleRow({ ipProtocol, fromPort: 22, toPort: 22, cidrIpv4: '0.0.0.0/0' });
    return typeof read === 'string' ? read : read.protocol;
  };

  it.each([
    ['tcp', 'tcp'],
    ['TCP', 'tcp'],
    [' Tcp ', 'tcp'],
    ['6', 'tcp'],
    [6, 'tcp'],
    ['006', 'tcp'],
    ['udp', 'udp'],
    ['17', 'udp'],
    ['icmp', 'icmp'],
    [1, 'icmp'],
    ['icmpv6', 'icmpv6'],
    ['58', 'icmpv6'],
    ['-1', 'all'],
    [-1, 'all'],
    ['all', 'all'],
    ['50', '50'],
    [255, '255'],
    [0, '0'],
  ])('%j is %s', (value, name) => {
    expect(protocolOf(value)).toBe(name);
  });

  it.each(['256', '1000', 'smoke', '', '6x', 'x6', 1.5, -2, 'toString'])('is not %j', (value) => {
    expect(protocolOf(value)).toBe(`“${value}” is not a protocol`);
  });

  it.each([true, {}, []])('is not %j', (value) => {
    expect(protocolOf(value)).toMatch(/is not a protocol$/);
  });
});

describe('ports', () => {
  const portsOf = (more: object) => {
    const read = readRuleRow({ ipProtocol: 'tcp', cidrIpv4: '0.0.0.0/0', ...more });
    return typeof read === 'string' ? read : [read.fromPort, read.toPort];
  };

  it.each([
    [{ fromPort: 22, toPort: 23 }, [22, 23]],
    [{ fromPort: '22', toPort: ' 23 ' }, [22, 23]],
    [{ fromPort: 0, toPort: 65_535 }, [0, 65_535]],
    [{}, [null, null]],
    [{ fromPort: null, toPort: null }, [null, null]],
    [{ fromPort: -1, toPort: -1 }, [null, null]],
    [{ fromPort: '-1', toPort: '-1' }, [null, null]],
    [{ fromPort: '', toPort: '' }, [null, null]],
    [{ fromPort: 22 }, [null, null]],
    [{ toPort: 22 }, [null, null]],
    [{ fromPort: 22, toPort: -1 }, [null, null]],
    [{ ipProtocol: 'udp', fromPort: 22 }, [null, null]],
    [{ ipProtocol: 'icmp', fromPort: 8, toPort: -1 }, [8, null]],
    [{ ipProtocol: 'icmp', fromPort: -1, toPort: 3 }, [null, 3]],
    [{ ipProtocol: '-1', fromPort: 22, toPort: 22 }, [null, null]],
    [{ ipProtocol: '-1', fromPort: 'x', toPort: 'y' }, [null, null]],
  ])('of %j are %j', (item, ports) => {
    expect(portsOf(item)).toEqual(ports);
  });

  it.each([
    [{ fromPort: 'x', toPort: 22 }, '“x” is not a port'],
    [{ fromPort: 22, toPort: 1.5 }, '“1.5” is not a port'],
    [{ fromPort: -2, toPort: 22 }, '“-2” is not a port'],
    [{ fromPort: true, toPort: 22 }, '“true” is not a port'],
    [{ fromPort: {}, toPort: 22 }, '“{}” is not a port'],
    [{ fromPort: '22x', toPort: 22 }, '“22x” is not a port'],
    [{ fromPort: 'x22', toPort: 22 }, '“x22” is not a port'],
    [{ fromPort: '1234567890', toPort: 22 }, '“1234567890” is not a port'],
    [{ fromPort: '2 2', toPort: 22 }, '“2 2” is not a port'],
  ])('of %j cannot be read', (item, reason) => {
    expect(portsOf(item)).toBe(reason);
  });
});

describe('a value in an error text', () => {
  it('is quoted, and cut where it is long', () => {
    expect(shown('x')).toBe('“x”');
    expect(shown({ a: 1 })).toBe('“{"a":1}”');
    expect(shown(undefined)).toBe('“nothing”');
    expect(shown('y'.repeat(60))).toBe(`“${'y'.repeat(60)}”`);
    expect(shown('y'.repeat(61))).toBe(`“${'y'.repeat(60)}…”`);
  });
});
