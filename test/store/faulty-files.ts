/** The files of a journal on a disk that fails or dies at a chosen call. */
import { diskFiles, type JournalFiles, type KeptFile, type SegmentFile } from '../../src/store/files.ts';

export const systemError = (code: string): Error => Object.assign(new Error(code), { code });

export type DiesAt = 'before' | 'half' | 'after';

export class FaultyFiles implements JournalFiles {
  /** Calls that change something, in order. */
  readonly calls: string[] = [];
  /** While set, calls whose name it contains fail with its code; a write lets `lets` bytes through first. */
  failing: { readonly only: readonly string[]; readonly code: string; lets: number } | undefined;
  /** The process dies at this call (counted from 0): everything after it does nothing. */
  diesAt: { readonly call: number; readonly how: DiesAt } | undefined;
  dead = false;
  /** A write waits for it: a disk that hangs. */
  beforeWrite: () => Promise<void> = () => Promise.resolve();
  beforeOverwrite: () => Promise<void> = () => Promise.resolve();

  async #change(name: string, run: () => Promise<unknown>, half?: () => Promise<unknown>): Promise<void> {
    if (this.dead) throw systemError('DEAD');
    const call = this.calls.length;
    this.calls.push(name);
    if (this.diesAt?.call === call) {
      this.dead = true;
      if (this.diesAt.how === 'half') await (half ?? run)();
      if (this.diesAt.how === 'after') await run();
      throw systemError('DEAD');
    }
    if (this.failing?.only.includes(name) === true && name !== 'write') throw systemError(this.failing.code);
    await run();
  }

  #partly(file: SegmentFile, bytes: Uint8Array, from: number): Promise<number> | undefined {
    const plan = this.failing;
    if (plan?.only.includes('write') !== true) return undefined;
    const room = plan.lets;
    if (room === 0) throw systemError(plan.code);
    plan.lets = Math.max(0, room - (bytes.length - from));
    return file.write(bytes.subarray(0, Math.min(bytes.length, from + room)), from);
  }

  async open(path: string, how: 'create' | 'append'): Promise<SegmentFile> {
    let opened: SegmentFile | undefined;
    await this.#change(`open-${how}`, async () => (opened = await diskFiles.open(path, how))).catch(async (error: unknown) => {
      await opened?.close();
      throw error;
    });
    const file = opened as unknown as SegmentFile;
    return {
      write: async (bytes, from) => {
        let written = 0;
        await this.beforeWrite();
        const whole = async (): Promise<void> => {
          written = await (this.#partly(file, bytes, from) ?? file.write(bytes, from));
        };
        await this.#change('write', whole, () => file.write(bytes.subarray(0, from + Math.ceil((bytes.length - from) / 2)), from));
        return written;
      },
      truncate: (length) => this.#change('truncate', () => file.truncate(length)),
      sync: () => this.#change('sync', () => file.sync()),
      close: () => file.close(),
    };
  }

  async keep(path: string, size: number): Promise<KeptFile> {
    let kept: KeptFile | undefined;
    await this.#change('keep', async () => (kept = await diskFiles.keep(path, size))).catch(async (error: unknown) => {
      await kept?.close();
      throw error;
    });
    const file = kept as unknown as KeptFile;
    return {
      overwrite: async (bytes, at) => {
        await this.beforeOverwrite();
        await this.#change(
          'overwrite',
          () => file.overwrite(bytes, at),
          () => file.overwrite(bytes.subarray(0, Math.ceil(bytes.length / 2)), at),
        );
      },
      close: () => file.close(),
    };
  }

  makeFolder = (path: string): Promise<void> => this.#change('makeFolder', () => diskFiles.makeFolder(path));
  syncFolder = (path: string): Promise<void> => this.#change('syncFolder', () => diskFiles.syncFolder(path));
  rename = (from: string, to: string): Promise<void> => this.#change('rename', () => diskFiles.rename(from, to));
  remove = (path: string): Promise<void> => this.#change('remove', () => diskFiles.remove(path));
  list = (path: string): Promise<readonly string[]> => diskFiles.list(path);
  read = (path: string): Promise<Buffer> => diskFiles.read(path);
}
