/** A coordinator over ports that are given to it: who waits when it ends, when nothing can be written, and when only a person can go on. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { Coordinator, type Ports } from '../../src/service/coordinator.ts';
import { MemoryDisk } from '../../src/store/index.ts';
import { command, DISK_FULL, ObedientRack, policy, settled } from '../coordinator/ports.ts';

class Rig {
  readonly clock = new VirtualClock(1_000_000);
  readonly disk = new MemoryDisk();
  readonly rack = new ObedientRack();
  #drawn = 0;

  get ports(): Ports {
    const { clock } = this;
    return {
      clock,
      store: this.disk.open(),
      pool: this.rack,
      random: { id: () => `op${++this.#drawn}`, fraction: () => 0.5, bytes: (length) => new Uint8Array(length) },
      probes: {
        assess: () => {
          const at = clock.now();
          const heard = { probe: 'reference-ip', by: 'self', address: '192.0.2.1', answer: 'heard', tookMs: 1 } as const;
          return Promise.resolve({ startedAt: at, endedAt: at, observations: [heard] });
        },
      },
    };
  }

  async start(more: Partial<typeof policy> = {}, options: { readonly hold?: boolean } = {}): Promise<Coordinator> {
    const started = await Coordinator.start(this.ports, { ...policy, ...more }, options);
    if (!(started instanceof Coordinator)) throw new Error(started.says);
    return started;
  }

  async pass(ms: number): Promise<void> {
    await settled();
    for (let passed = 0; passed < ms; passed += 5) {
      this.clock.advance(5);
      await settled();
    }
  }
}

const program = (id: string, target: string) => ({ ...command(id, target), origin: 'program' as const });

describe('a coordinator', () => {
  it('whose ports break tells all who wait, takes nothing more, and leaves nobody waiting', async () => {
    const rig = new Rig();
    const coordinator = await rig.start();
    rig.rack.onOrder = () => Promise.reject(new Error('a driver beyond the boundary threw'));
    const first = expect(coordinator.command(command('c1'))).rejects.toThrow('a driver beyond the boundary threw');
    const other = expect(coordinator.ended('op9')).resolves.toBeUndefined();
    await rig.pass(50);
    await first;
    await other;
    await expect(coordinator.quiet()).rejects.toThrow('a driver beyond the boundary threw');
    expect(await coordinator.command(command('c2', 'db2'))).toMatchObject({
      answer: { outcome: 'withheld', problem: { code: 'closing' } },
    });
    await coordinator.close();
  });

  it('whose start cannot be written is none, and has closed what it was given', async () => {
    const rig = new Rig();
    let closed = 0;
    rig.rack.close = () => {
      closed += 1;
      return Promise.resolve();
    };
    rig.disk.failure = DISK_FULL;
    expect(await Coordinator.start(rig.ports, policy)).toMatchObject({ code: DISK_FULL.code });
    expect(closed).toBe(1);
  });

  it('says why nothing could be ordered now', async () => {
    const rig = new Rig();
    const coordinator = await rig.start({ lease: { margin: 1000 } });
    expect(coordinator.troubles(rig.clock.now()).map(({ code }) => code)).toEqual(['no-lease']);
    rig.disk.failure = DISK_FULL;
    expect(await coordinator.command(command('c1'))).toMatchObject({ answer: { outcome: 'withheld', problem: DISK_FULL } });
    expect(coordinator.troubles(rig.clock.now()).map(({ code }) => code)).toEqual([DISK_FULL.code, 'no-lease']);
    rig.disk.failure = undefined;
    await rig.pass(1100);
    expect(coordinator.troubles(rig.clock.now()).map(({ code }) => code)).toEqual(['no-lease']);
    await coordinator.close();
  });

  it('is quiet when all that is open waits for a person, and not before what was held has gone on', async () => {
    const rig = new Rig();
    const first = await rig.start({ mode: 'approval' });
    for (const index of [1, 2]) expect(await first.command(program(`c${index}`, `db${index}`))).toHaveProperty('pending');
    await first.quiet();
    await first.close();
    const second = await rig.start({ mode: 'approval' }, { hold: true });
    expect(second.openAtStart).toHaveLength(2);
    let quiet = false;
    void second.quiet().then(() => (quiet = true));
    await rig.pass(50);
    const asleep = second.state.operations.values().some((operation) => operation.asleep === true);
    expect(quiet).toBe(!asleep);
    second.resume();
    await rig.pass(50);
    expect(quiet).toBe(true);
    const [operation] = second.openAtStart;
    expect(await Promise.race([second.approve('a1', operation ?? '', 'anna', 'seen'), rig.pass(2000)])).toMatchObject({
      answer: { outcome: 'confirmed' },
    });
    await second.close();
  });
});
