/** Those who wait within an engine: told once, and then forgotten. */
import { describe, expect, it } from 'vitest';
import { Watchers } from '../../src/service/watchers.ts';

describe('watchers', () => {
  it('find at once, or after a later look, and are forgotten then', async () => {
    const watchers = new Watchers();
    let thing: string | undefined = 'here';
    expect(await watchers.until(() => thing).found).toBe('here');
    thing = undefined;
    const later = watchers.until(() => thing);
    watchers.look();
    expect(watchers.size).toBe(1);
    thing = 'now';
    watchers.look();
    expect(await later.found).toBe('now');
    expect(watchers.size).toBe(0);
  });

  it('whoever gives up is forgotten', () => {
    const watchers = new Watchers();
    watchers.until(() => undefined).forget();
    expect(watchers.size).toBe(0);
  });

  it('all who wait are told of a failure, and so are those who come later', async () => {
    const watchers = new Watchers();
    const before = watchers.until(() => undefined);
    const told = expect(before.found).rejects.toThrow('broken');
    watchers.fail(new Error('broken'));
    await told;
    await expect(watchers.until(() => undefined).found).rejects.toThrow('broken');
    expect(watchers.size).toBe(0);
  });
});
