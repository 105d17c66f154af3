/** When the core wants to be woken: no wait without an end, and none later than the verdict, the deadline or the policy allows. */
import { describe, expect, it } from 'vitest';
import { EMPTY, type Effect, type Event, type State, step } from '../../src/core/index.ts';
import { eventFrom } from '../scenarios/words.ts';

const START = 1_000_000;

/** Plays lines as scenarios write them, each `[ms since the start, words]`; gives what each wake is for and when, in ms since the start. */
function wakes(lines: readonly (readonly [number, string])[]): readonly (readonly [string, number])[] {
  let state: State = EMPTY;
  let drawn = 0;
  const effects: Effect[] = [];
  for (const [ms, words] of lines) {
    const at = START + ms;
    const event = {
      ...eventFrom(words, at, () => {
        drawn += 1;
        return `op${drawn}`;
      }),
      at,
    } as Event;
    const after = step(state, event);
    state = after.state;
    effects.push(...after.effects);
  }
  return effects.flatMap((effect) => (effect.kind === 'wake' ? [[effect.timer.kind, effect.at - START] as const] : []));
}

const HEARD = 'assessed op1 1 192.0.2.1=heard';

describe('the core is woken', () => {
  it('at the end of the approval window, or when the verdict expires, whichever comes first; a restart makes neither later', () => {
    const start = 'start db1=bmc1 db2=bmc2 mode=approval window=60000';
    const pending = (valid: number) =>
      [
        [0, start],
        [0, `verdict v1 dead db1 survivors=db2 valid=${valid}`],
        [100, HEARD],
        [10_000, start],
      ] as const;
    expect(wakes(pending(20_000))).toEqual([
      ['approval', 20_000],
      ['approval', 20_000],
    ]);
    expect(wakes(pending(900_000))).toEqual([
      ['approval', 60_100],
      ['approval', 60_100],
    ]);
  });

  it('at the end of the hold, and for the second hearing', () => {
    const verdict = [0, 'verdict v1 dead db1 survivors=db2'] as const;
    expect(wakes([[0, 'start db1=bmc1 db2=bmc2 delay=7000'], verdict, [100, HEARD]])).toEqual([['hold', 7100]]);
    const blind = [100, 'assessed op1 1 192.0.2.1=silent'] as const;
    expect(wakes([[0, 'start db1=bmc1 db2=bmc2 listen-again=500'], verdict, blind])).toEqual([['listen', 600]]);
  });

  it("at the end of each level's share: equal parts of what is left of one deadline, a tenth for a courtesy", () => {
    const lines = [
      [0, 'start db1=~ssh1|bmc1|pdu-a:1 db2=bmc2 timeout=63000'],
      [0, 'verdict v1 dead db1 survivors=db2 valid=900000'],
      [0, HEARD],
      [1000, 'ordered op1 1 ssh1 accepted'],
      [1100, 'ordered op1 2 bmc1 rejected/no-such-plug!'],
      [1200, 'read op1 2 bmc1 on'],
    ] as const;
    expect(wakes(lines)).toEqual([
      ['level', 3000],
      ['level', 33_000],
      ['level', 63_000],
    ]);
  });

  it('after a crash past the deadline: the level in hand gets the grace to be read in, and no later one begins', () => {
    const start = 'start db1=bmc1|pdu-a:1 db2=bmc2';
    const lines = [
      [0, start],
      [0, 'verdict v1 dead db1 survivors=db2'],
      [0, HEARD],
      [900_000, start],
      [900_100, 'read op1 1 bmc1 unknown'],
      [900_200, 'assessed op1 2 192.0.2.1=heard'],
    ] as const;
    expect(wakes(lines)).toEqual([
      ['level', 30_000],
      ['level', 910_000],
    ]);
  });

  it('before the verdict expires for every level but the last: an order that is to come must still be allowed', () => {
    const lines = [
      [0, 'start db1=bmc1|pdu-a:1 db2=bmc2'],
      [0, 'verdict v1 dead db1 survivors=db2 valid=20000'],
      [0, HEARD],
      [1000, 'ordered op1 1 bmc1 rejected/no-such-plug!'],
      [1200, 'read op1 1 bmc1 on'],
    ] as const;
    expect(wakes(lines)).toEqual([
      ['level', 10_000],
      ['level', 60_000],
    ]);
  });

  it('after a clock that went back: within what was left when the operation began, not a day later', () => {
    const start = 'start db1=bmc1|pdu-a:1 db2=bmc2';
    const lines = [
      [0, start],
      [0, 'verdict v1 dead db1 survivors=db2'],
      [0, HEARD],
      [-86_400_000, start],
    ] as const;
    expect(wakes(lines)).toEqual([
      ['level', 30_000],
      ['level', -86_400_000 + 30_000],
    ]);
  });

  it('at the end of the off time of a reboot, and for its second half with a deadline of its own', () => {
    const lines = [
      [0, 'start db1=bmc1 db2=bmc2'],
      [0, 'command reboot db1'],
      [0, HEARD],
      [10, 'ordered op1 1 bmc1 accepted'],
      [100, 'read op1 1 bmc1 off'],
      [200, 'read op1 1 bmc1 off'],
      [5200, 'due op1 off-time'],
    ] as const;
    expect(wakes(lines)).toEqual([
      ['level', 60_000],
      ['off-time', 5200],
      ['level', 35_200],
    ]);
  });
});
