/** Outlets by name, many at once, and walks that cannot be believed. */
import { SharedDeadline } from '../../drivers/kit/deadline.ts';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/snmp-pdu/driver.ts';
import type { Answer, Question } from '../../drivers/snmp-pdu/question.ts';
import { walk } from '../../drivers/snmp-pdu/walk.ts';
import { onMock, tools, unhurried, WITHIN } from './stage.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_each, at) => `db${at + 1} psu a`);

describe('a name', () => {
  it.each(['name:', 'name:  ', ' ', '   '])('that is blank (%j) means no outlet, also where one outlet has none', async (plug) => {
    const { pdu, pduDriver } = await onMock('apc-rpdu', { labels: ['db1', ' ', 'db3', 'db4', 'db5', 'db6', 'db7', 'db8'] });
    expect(await pduDriver.order(plug, 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'no-such-outlet' } });
    expect(await pduDriver.read(plug, WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'no-such-outlet' } });
    expect(pdu.outlets.audit).toEqual([]);
  });

  it('is compared in UTF-8, with its spaces inside and its case', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu', { labels: ['Größe  1', 'größe  1', 'Größe 1', '  Größe  2 '] });
    expect(await pduDriver.order('Größe  1', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(await pduDriver.order('Größe  2', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(await pduDriver.order('Größe   1', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'no-such-outlet' } });
    expect(pdu.outlets.audit.map(({ outlet }) => outlet)).toEqual([1, 4]);
  });

  it('that moved to another outlet is looked up anew, after one refusal', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu', { labels: ['db1', 'db2'] });
    expect(await pduDriver.read('db1', WITHIN)).toMatchObject({ power: 'on' });
    [pdu.outlet(1).label, pdu.outlet(2).label] = ['db2', 'db1'];
    expect(await pduDriver.order('db1', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'outlet-name-mismatch' } });
    expect(await pduDriver.order('db1', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(pdu.outlets.audit.map(({ outlet }) => outlet)).toEqual([2]);
  });
});

describe('many outlets at once', () => {
  it('by name cost one walk and one order, and later one proof for each eight of them', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu2', { labels: names(24) }, {}, unhurried);
    expect((await pduDriver.orderAll(names(24), 'off', WITHIN)).every((each) => each.result === 'accepted')).toBe(true);
    expect([pdu.count.requests.getBulk, pdu.count.requests.get, pdu.count.requests.set]).toEqual([3, 0, 1]);
    expect((await pduDriver.orderAll(names(24), 'on', WITHIN)).every((each) => each.result === 'accepted')).toBe(true);
    expect([pdu.count.requests.getBulk, pdu.count.requests.get, pdu.count.requests.set]).toEqual([3, 3, 2]);
  });

  it('on a chain cost two walks', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu2-chained', {}, {}, unhurried);
    const plugs = ['1', '2', '3', '4'].flatMap((outlet) => [`1.${outlet}`, `2.${outlet}`]);
    expect((await pduDriver.orderAll(plugs, 'off', WITHIN)).every((each) => each.result === 'accepted')).toBe(true);
    expect(pdu.count.requests.getBulk).toBe(4);
  });

  it.each(['1', '2c'])('v%s: one that was rewired is refused, the others are switched', async (version) => {
    const expected = names(8).map((name, at) => `${at + 1}=${name}`);
    const labels = names(8).with(4, 'web1 psu a');
    const { pdu, pduDriver } = await onMock('apc-rpdu', { labels }, { names: expected, version }, unhurried);
    const plugs = ['1', '2', '3', '4', '5', '6', '7', '8'];
    const ordered = await pduDriver.orderAll(plugs, 'off', WITHIN);
    expect(ordered.map((each) => each.result)).toEqual(plugs.map((plug) => (plug === '5' ? 'rejected' : 'accepted')));
    expect(ordered[4]).toMatchObject({ why: { code: 'outlet-name-mismatch' } });
    expect(pdu.count.requests.get).toBe(1);
    expect(pdu.outlets.audit.map(({ outlet }) => outlet)).toEqual([1, 2, 3, 4, 6, 7, 8]);
  });

  it.each(['1', '2c'])('v%s: one that does not exist is refused, the others are switched', async (version) => {
    const expected = ['1=db1 psu a', '9=db9 psu a', '3=db3 psu a'];
    const { pdu, pduDriver } = await onMock('apc-rpdu', { labels: names(8) }, { names: expected, version });
    const ordered = await pduDriver.orderAll(['1', '9', '3'], 'off', WITHIN);
    expect(ordered.map((each) => each.result)).toEqual(['accepted', 'rejected', 'accepted']);
    expect(ordered[1]).toMatchObject({ why: { code: 'no-such-outlet' } });
    expect(pdu.outlets.audit.map(({ outlet }) => outlet)).toEqual([1, 3]);
  });
});

describe('a walk', () => {
  const COLUMN = '1.3.6.1.4.1.1.1';
  const walked = (rows: (question: Question) => readonly Answer[]) =>
    walk({ ask: async (question) => ({ reply: 'answers', answers: rows(question) }) }, '2c', COLUMN, new SharedDeadline(tools, WITHIN));
  const named = (row: number): Answer => ({ oid: `${COLUMN}.${row}`, kind: 'text', text: `outlet ${row}` });

  it('that stands still, goes back, is empty or does not end has failed: it proves nothing', async () => {
    let asked = 0;
    const endless = () => {
      asked += 1;
      return Array.from({ length: 10 }, (_each, at) => named(asked * 10 + at));
    };
    for (const rows of [() => [named(1)], () => [named(2), named(1)], () => [], endless])
      expect(await walked(rows)).toMatchObject({ failed: { reply: 'malformed' } });
    expect(asked).toBeLessThan(100);
  });

  it('goes by numbers, not by letters, and ends where the column does', async () => {
    const other: Answer = { oid: '1.3.6.1.4.1.1.10.1', kind: 'text', text: 'of another column' };
    expect(await walked(() => [named(9), named(10), named(11), other])).toMatchObject({ rows: [named(9), named(10), named(11)] });
    expect(await walked(() => [named(1), { oid: `${COLUMN}.1`, kind: 'absent' }])).toMatchObject({ rows: [named(1)] });
  });
});

describe('one outlet has one plug, however it is written', () => {
  const normal = (plug: string, more: object = {}) =>
    driver.normalPlug?.({ host: 'pdu', version: '2c', community: Secret.fixed('private'), profile: 'apc-rpdu2-chained', ...more }, plug);

  it.each([
    ['1.4', '4'],
    ['4', '4'],
    ['2.4', '2.4'],
    ['name:db1', 'db1'],
    ['db1', 'db1'],
    ['name:4', 'name:4'],
    ['1.2.3.4', '1.2.3.4'],
    ['', ''],
  ])('%j is %j', (written, plain) => expect(normal(written)).toBe(plain));

  it('what cannot be known stays as it is written', () => {
    expect(normal('1.4', { profile: 'custom', profileFile: '/nowhere' })).toBe('1.4');
  });
});
