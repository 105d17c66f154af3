/** Agents that answer as some real ones do and the mock does not: a scripted conversation, so that each error meets its own consequence. */
import { describe, expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { BatchSize } from '../../drivers/snmp-pdu/batch-size.ts';
import type { Heard } from '../../drivers/snmp-pdu/client.ts';
import { type PduDriver, pduOn } from '../../drivers/snmp-pdu/driver.ts';
import { pduOf } from '../../drivers/snmp-pdu/pdu.ts';
import type { Profile } from '../../drivers/snmp-pdu/profile.ts';
import { profileNamed } from '../../drivers/snmp-pdu/profiles/index.ts';
import type { Answer, Question } from '../../drivers/snmp-pdu/question.ts';
import { tools, WITHIN } from './stage.ts';

const PLUGS = ['1', '2', '3', '4', '5', '6', '7', '8'];
const TOO_BIG = 1;
const GEN_ERR = 5;

type Script = (question: Question, oids: readonly string[]) => Heard | undefined;

const objects = (question: Question): readonly string[] =>
  question.ask === 'set' ? question.values.map(({ oid }) => oid) : question.ask === 'bulk' ? [question.oid] : question.oids;

/** A driver on an agent whose objects are all the integer 2 (off, none pending, 0.2 A never reached), except as the script says. */
function scripted(profile: string, script: Script): { readonly pduDriver: PduDriver; readonly asked: Question[] } {
  const asked: Question[] = [];
  const plain = (oid: string): Answer => ({ oid, kind: 'integer', number: oid.includes('.318.1.1.12.3.5.1.1.7.') ? 0 : 2 });
  const client = {
    ask: async (question: Question): Promise<Heard> => {
      asked.push(question);
      const oids = objects(question);
      return script(question, oids) ?? { reply: 'answers', answers: oids.map(plain) };
    },
    close: async () => {},
  };
  const pdu = pduOf({
    device: 'pdu-a',
    profile: profileNamed(profile) as Profile,
    client,
    login: { version: '2c', community: Secret.fixed('private') },
    tools,
    defaults: {},
    expectedNames: new Map(),
  });
  return { pduDriver: pduOn(pdu), asked };
}

const failing = (error: number, index: number): Heard => ({ reply: 'error', error, index });
const ofOutlet = (outlet: number) => (oid: string) => oid.endsWith(`.${outlet}`);

describe('a SET of several outlets', () => {
  it('that was sent, refused as tooBig, and has no time left for its halves, is unknown: something of it had left', async () => {
    let sets = 0;
    const { pduDriver } = scripted('apc-rpdu', (question) => {
      if (question.ask !== 'set') return undefined;
      sets += 1;
      return sets === 1 ? failing(TOO_BIG, 0) : { reply: 'too-late', sent: false };
    });
    for (const result of await pduDriver.orderAll(PLUGS, 'off', WITHIN)) {
      expect(result).toMatchObject({ result: 'unknown', why: { code: 'order-too-late' } });
      expect(JSON.stringify(result)).not.toContain('nothing was sent');
    }
  });

  it.each([0, 1])('that is tooBig, told of object %i, is asked again in halves until it fits', async (index) => {
    const { pduDriver, asked } = scripted('apc-rpdu', (question, oids) =>
      question.ask === 'set' && oids.length > 2 ? failing(TOO_BIG, index) : undefined,
    );
    expect((await pduDriver.orderAll(PLUGS, 'off', WITHIN)).map((each) => each.result)).toEqual(PLUGS.map(() => 'accepted'));
    expect(asked.map((question) => objects(question).length)).toEqual([8, 4, 2, 2, 4, 2, 2]);
  });

  it.each([0, 1, 3])('that meets genErr because of one outlet, told of object %i: only that one is in doubt', async (index) => {
    const { pduDriver } = scripted('apc-rpdu', (question, oids) =>
      question.ask === 'set' && oids.some(ofOutlet(3)) ? failing(GEN_ERR, Math.min(index, oids.length)) : undefined,
    );
    const ordered = await pduDriver.orderAll(PLUGS, 'off', WITHIN);
    expect(ordered.map((each) => each.result)).toEqual(PLUGS.map((plug) => (plug === '3' ? 'unknown' : 'accepted')));
    expect(ordered[2]).toMatchObject({ why: { code: 'order-refused' } });
  });

  it.each([
    [12, false],
    [13, false],
    [14, false],
    [7, true],
    [10, true],
  ] as const)('error %i of one outlet is of that one alone; it lasts: %s', async (error, lasting) => {
    const { pduDriver } = scripted('apc-rpdu', (question, oids) => {
      const at = oids.findIndex(ofOutlet(5));
      return question.ask === 'set' && at >= 0 ? failing(error, at + 1) : undefined;
    });
    const ordered = await pduDriver.orderAll(PLUGS, 'off', WITHIN);
    expect(ordered.map((each) => each.result)).toEqual(PLUGS.map((plug) => (plug === '5' ? 'rejected' : 'accepted')));
    const { why } = ordered[4] as { readonly why: { readonly lasting?: boolean } };
    expect(why.lasting === true).toBe(lasting);
  });

  it('that is answered without an error but with noSuchInstance for one is rejected for that one', async () => {
    const { pduDriver } = scripted('apc-rpdu', (question, oids) =>
      question.ask === 'set'
        ? {
            reply: 'answers',
            answers: oids.map((oid) => (ofOutlet(2)(oid) ? { oid, kind: 'absent' } : { oid, kind: 'integer', number: 2 })),
          }
        : undefined,
    );
    expect((await pduDriver.orderAll(['1', '2', '3'], 'off', WITHIN)).map((each) => each.result)).toEqual([
      'accepted',
      'rejected',
      'accepted',
    ]);
  });

  it('that is lost leaves all of them unknown, and one that cannot be sent rejects them', async () => {
    const lost = scripted('apc-rpdu', () => ({ reply: 'silent', sent: 3, stage: undefined }));
    expect((await lost.pduDriver.orderAll(PLUGS, 'off', WITHIN)).every((each) => each.result === 'unknown')).toBe(true);
    const unsent = scripted('apc-rpdu', () => ({ reply: 'cannot', says: 'no secret' }));
    expect((await unsent.pduDriver.orderAll(PLUGS, 'off', WITHIN)).every((each) => each.result === 'rejected')).toBe(true);
  });
});

describe('an agent that drops what is too long for it', () => {
  const dropping = (most: number) =>
    scripted('apc-rpdu', (_question, oids) => (oids.length > most ? { reply: 'silent', sent: 4, stage: undefined } : undefined));
  const sizes = (asked: readonly Question[], ask: Question['ask']): readonly number[] =>
    asked.filter((question) => question.ask === ask).map((question) => objects(question).length);

  it('gets smaller orders after each silence, until they are heard', async () => {
    const { pduDriver, asked } = dropping(2);
    for (const results of [
      PLUGS.map(() => 'unknown'),
      PLUGS.map((_plug, at) => (at < 4 ? 'unknown' : 'accepted')),
      PLUGS.map(() => 'accepted'),
    ])
      expect((await pduDriver.orderAll(PLUGS, 'off', WITHIN)).map((each) => each.result)).toEqual(results);
    expect(sizes(asked, 'set')).toEqual([8, 4, 2, 2, 2, 2, 2, 2]);
    expect((await pduDriver.orderAll(PLUGS, 'on', WITHIN)).every((each) => each.result === 'accepted')).toBe(true);
  });

  it('gets smaller readings after each silence, until they are heard', async () => {
    const { pduDriver, asked } = dropping(6);
    for (const unread of [8, 4, 0])
      expect((await pduDriver.readAll(PLUGS, WITHIN)).map((reading) => reading.power)).toEqual(
        PLUGS.map((_plug, at) => (at < unread ? 'unknown' : 'off')),
      );
    expect(sizes(asked, 'get')).toEqual([24, 12, 6, 6, 6, 6, 6, 6]);
  });

  it('that is silent to a single outlet too is simply gone: it is asked as the profile says when it is back', async () => {
    let gone = true;
    const { pduDriver, asked } = scripted('apc-rpdu', () => (gone ? { reply: 'silent', sent: 4, stage: undefined } : undefined));
    await pduDriver.readAll(PLUGS, WITHIN);
    await pduDriver.read('1', WITHIN);
    gone = false;
    await pduDriver.readAll(PLUGS, WITHIN);
    expect(sizes(asked, 'get')).toEqual([24, 3, 24]);
  });

  it('is asked for more again after ten minutes', () => {
    let now = 1000;
    const together = new BatchSize(24, () => now);
    together.tooMany(24);
    together.tooMany(7);
    expect(together.outlets).toBe(4);
    together.tooMany(20);
    expect(together.outlets).toBe(4);
    now += 599_999;
    expect(together.outlets).toBe(4);
    now += 1;
    expect(together.outlets).toBe(24);
    together.tooMany(3);
    expect(together.outlets).toBe(2);
  });
});

describe('a GET of several outlets', () => {
  it.each([0, 1])('that meets genErr because of one outlet, told of object %i: the others are read', async (index) => {
    const state = /\.3\.5\.1\.1\.4\.6$/;
    const { pduDriver } = scripted('apc-rpdu', (_question, oids) =>
      oids.some((oid) => state.test(oid)) ? failing(GEN_ERR, index === 0 ? 0 : oids.findIndex((oid) => state.test(oid)) + 1) : undefined,
    );
    const readings = await pduDriver.readAll(PLUGS, WITHIN);
    expect(readings.map((reading) => reading.power)).toEqual(PLUGS.map((plug) => (plug === '6' ? 'unknown' : 'off')));
    expect(readings[5]).toMatchObject({ why: { says: expect.stringContaining('genErr') } });
  });

  it('that is tooBig even for one outlet is asked without what may be missing', async () => {
    const { pduDriver, asked } = scripted('apc-rpdu', (_question, oids) => (oids.length > 2 ? failing(TOO_BIG, 0) : undefined));
    expect((await pduDriver.readAll(['1', '2'], WITHIN)).map((reading) => reading.power)).toEqual(['off', 'off']);
    expect(asked.map((question) => objects(question).length)).toEqual([6, 3, 2, 3, 2]);
  });

  it('learns what a version 1 agent lacks, and not what only failed once', async () => {
    for (const [error, later] of [
      [2, 2],
      [GEN_ERR, 3],
    ] as const) {
      const meter = '.318.1.1.12.3.5.1.1.7.1';
      const { pduDriver, asked } = scripted('apc-rpdu', (_question, oids) => {
        const at = oids.findIndex((oid) => oid.endsWith(meter));
        return at < 0 ? undefined : failing(error, at + 1);
      });
      expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'off' });
      expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'off' });
      expect(objects(asked[2] as Question)).toHaveLength(later);
    }
  });

  it('names in its error the outlets that could not be asked', async () => {
    const { pduDriver } = scripted('apc-rpdu', () => ({ reply: 'malformed', says: 'the answer speaks of another object' }));
    const readings = await pduDriver.readAll(['1', '2'], WITHIN);
    for (const reading of readings)
      expect(reading).toMatchObject({ power: 'unknown', why: { code: 'snmp-malformed', says: expect.stringContaining('1, 2') } });
  });
});

describe('a load', () => {
  const px2 = (watts: Answer['kind'], number: number, available = 1, digits = 0) =>
    scripted('raritan-px2', (_question, oids) => ({
      reply: 'answers',
      answers: oids.map((oid): Answer => {
        if (oid.includes('.4.1.2.1.3.')) return { oid, kind: 'integer', number: 8 };
        if (oid.includes('.3.5.4.1.7.')) return { oid, kind: 'unsigned', number: digits };
        if (oid.includes('.5.4.3.1.2.')) return { oid, kind: 'integer', number: available };
        if (oid.includes('.5.4.3.1.4.') && oid.endsWith('.5')) return { oid, kind: watts, number, text: 'x' };
        if (oid.includes('.5.4.3.1.4.')) return { oid, kind: 'absent' };
        return { oid, kind: 'integer', number: 1 };
      }),
    })).pduDriver.read('1', WITHIN);

  it('contradicts from the profile\u2019s least on, not below; and counts only where the sensor is there', async () => {
    expect(await px2('unsigned', 5)).toMatchObject({ power: 'unknown', why: { code: 'outlet-contradiction' } });
    expect(await px2('unsigned', 4)).toMatchObject({ power: 'off', watts: 4 });
    expect(await px2('unsigned', 400, 2)).toEqual({ power: 'off', source: expect.any(String) });
    expect(await px2('integer', -1)).toEqual({ power: 'off', source: expect.any(String) });
    expect(await px2('absent', 0)).toEqual({ power: 'off', source: expect.any(String) });
  });

  it('in amperes contradicts from exactly the least on', async () => {
    for (const [tenths, power] of [
      [1, 'off'],
      [2, 'unknown'],
    ] as const) {
      const { pduDriver } = scripted('apc-rpdu', (_question, oids) => ({
        reply: 'answers',
        answers: oids.map((oid): Answer => ({ oid, kind: 'integer', number: oid.includes('.12.3.5.1.1.7.') ? tenths : 2 })),
      }));
      expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power, amps: tenths / 10 });
    }
  });

  it('has the decimal digits that the device says, and no sense of another type or with a number of digits that cannot be', async () => {
    expect(await px2('unsigned', 4900, 1, 3)).toMatchObject({ power: 'off', watts: 4.9 });
    expect(await px2('unsigned', 5000, 1, 3)).toMatchObject({ power: 'unknown', why: { code: 'outlet-contradiction' } });
    expect(await px2('text', 0)).toMatchObject({ power: 'unknown', why: { says: expect.stringContaining('not a number') } });
    expect(await px2('unsigned', 0, 1, 99)).toMatchObject({ power: 'unknown', why: { says: expect.stringContaining('not a number') } });
  });
});

describe('rows of a chain', () => {
  it('of which two claim to be the same outlet are no address', async () => {
    const column = (oid: string): number => Number(/9\.2\.3\.1\.(\d+)/.exec(oid)?.[1]);
    const { pduDriver } = scripted('apc-rpdu2-chained', (question) => {
      if (question.ask !== 'bulk') return undefined;
      const base = '1.3.6.1.4.1.318.1.1.26.9.2.3.1';
      const rows = [1, 2].map((row): Answer => ({ oid: `${base}.${column(question.oid)}.${row}`, kind: 'integer', number: 1 }));
      return { reply: 'answers', answers: [...rows, { oid: `${base}.99.1`, kind: 'integer', number: 0 }] };
    });
    expect(await pduDriver.order('1.1', 'off', WITHIN)).toMatchObject({
      result: 'rejected',
      why: { says: expect.stringContaining('several rows') },
    });
  });
});
