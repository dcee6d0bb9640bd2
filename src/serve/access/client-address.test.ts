import { describe, expect, test } from 'vitest';
import { createAddressOf, isLoopback, rateKeyOf } from './client-address.ts';

describe('the address of whoever asks', () => {
  test('is that of the connection, where no proxy is trusted', () => {
    expect(createAddressOf()('192.0.2.1', '198.51.100.1')).toBe('192.0.2.1');
  });

  test('is unknown without a connection', () => {
    expect(createAddressOf(['10.0.0.0/8'])(undefined, '198.51.100.1')).toBeNull();
  });

  test.each([
    ['198.51.100.1', '198.51.100.1'],
    ['192.0.2.66, 198.51.100.1', '198.51.100.1'],
    ['198.51.100.1, 10.0.0.9', '198.51.100.1'],
    ['198.51.100.1,2001:db8::7', '198.51.100.1'],
    ['2001:db8::9', '2001:db8::9'],
    ['10.0.0.9', '10.0.0.9'],
    ['unknown', '10.0.0.1'],
    ['198.51.100.1, <script>', '10.0.0.1'],
    ['', '10.0.0.1'],
    [undefined, '10.0.0.1'],
  ])('behind trusted proxies that say %j is %s', (forwardedFor, address) => {
    const addressOf = createAddressOf(['10.0.0.0/8', '2001:db8::7']);
    expect(addressOf('::ffff:10.0.0.1', forwardedFor)).toBe(address);
  });
});

test.each([
  ['localhost', true],
  ['LOCALHOST', true],
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['[::1]', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.example.com', false],
  ['localhost.example.com', false],
  ['192.0.2.1', false],
])('%s leads to this machine alone: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

test('addresses of one customer count together', () => {
  expect(rateKeyOf('192.0.2.1')).toBe('192.0.2.1');
  expect(rateKeyOf(null)).toBe('unknown');
  expect(rateKeyOf('2001:db8::1')).toBe(rateKeyOf('2001:0DB8:0:0:1:2:3:4'));
  expect(rateKeyOf('2001:db8::1')).not.toBe(rateKeyOf('2001:db8:0:1::1'));
  expect(rateKeyOf('::1')).toBe(rateKeyOf('0:0:0:0:9::'));
});
