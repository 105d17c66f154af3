/** The folder of lamps that the honest fence agent of these tests switches. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../drivers/kit/contract.ts';
import type { RawSettings } from '../../drivers/conformance/index.ts';

export const AGENTS = join(import.meta.dirname, 'agents');
export const PASSWORD = 'lamp-Sesam & "quotes" 7';

export class Lamps {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Two lamps, both on. */
  static async lit(): Promise<Lamps> {
    const lamps = new Lamps(await mkdtemp(join(tmpdir(), 'bailiff-lamps-')));
    await Promise.all([lamps.turn('1', 'on'), lamps.turn('2', 'on'), lamps.mode('honest'), lamps.#write('password', PASSWORD)]);
    return lamps;
  }

  get settings(): RawSettings {
    return {
      agent: join(AGENTS, 'fence_lamp'),
      parameters: { device: this.folder },
      secrets: { password: Secret.fixed(PASSWORD) },
      outlets: true,
    };
  }

  async lamp(plug: string): Promise<'on' | 'off'> {
    return (await this.#read(plug)).trim() === 'on' ? 'on' : 'off';
  }

  turn(plug: string, power: 'on' | 'off'): Promise<void> {
    return this.#write(plug, `${power}\n`);
  }

  mode(mode: string): Promise<void> {
    return this.#write('mode', mode);
  }

  async keepBack(): Promise<() => Promise<void>> {
    await this.#write('kept', '');
    await this.mode('keeps-back');
    return async () => {
      await rm(join(this.folder, 'kept'), { force: true });
      await this.mode('honest');
    };
  }

  async lines(name: 'transcript' | 'overheard'): Promise<readonly string[]> {
    const text = await this.#read(name).catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  away(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #read(name: string): Promise<string> {
    return readFile(join(this.folder, name), 'utf8');
  }

  #write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text);
  }
}
