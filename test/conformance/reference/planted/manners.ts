import type { Health, OrderResult, Problem, Reading, WantedPower, Deadline } from '../../../../drivers/kit/contract.ts';
import { isProblem, ReferenceDriver, type Rest, referenceModule, SETTINGS, type Words } from '../driver.ts';
import { bent, NEXT, type Planted } from './bent.ts';

/** Bugs about how the driver carries itself: C09 to C21. */
export const PLANTED_MANNERS: readonly Planted[] = [
  bent(
    'C09',
    'tries a refused password again until the time is up',
    [],
    class extends ReferenceDriver {
      protected override denied(rest: Rest): Promise<Problem | undefined> {
        return rest.end - this.tools.now() > 100 ? this.logIn(rest) : super.denied(rest);
      }
    },
  ),
  bent(
    'C09',
    'does not say that a refused password lasts',
    [],
    class extends ReferenceDriver {
      protected override async denied(): Promise<Problem> {
        return { code: 'wrong-password', says: 'the device refuses the password', ...NEXT };
      }
    },
  ),
  bent(
    'C10',
    'waits for the login without a deadline',
    [],
    class extends ReferenceDriver {
      protected override loginRest(rest: Rest): Rest {
        return { ...rest, end: Number.MAX_SAFE_INTEGER };
      }
    },
  ),
  bent(
    'C11',
    'does not listen for the abort',
    [],
    class extends ReferenceDriver {
      protected override rest(within: Deadline): Rest {
        return { ...super.rest(within), signal: undefined };
      }
    },
  ),
  bent(
    'C11',
    'leaves a timer running when it is closed',
    [],
    class extends ReferenceDriver {
      override async check(within: Deadline): Promise<Health> {
        this.tools.after(3_600_000, () => undefined);
        return super.check(within);
      }
    },
  ),
  bent(
    'C11',
    'leaves its connection open when it is closed',
    [],
    class extends ReferenceDriver {
      protected override hangUp(why: Problem): void {
        this.connection = undefined;
        super.hangUp(why);
      }
    },
  ),
  bent(
    'C12',
    'throws on bytes that it does not understand',
    ['C13'],
    class extends ReferenceDriver {
      override async read(plug: string, within: Deadline): Promise<Reading> {
        const reading = await super.read(plug, within);
        if (reading.why?.code === 'reply-unusable') throw new RangeError('offset is out of bounds');
        return reading;
      }
    },
  ),
  bent(
    'C13',
    'writes the password into the debug log',
    [],
    class extends ReferenceDriver {
      protected override nonce(): string {
        this.tools.debug(`logging in with ${this.password.reveal()}`);
        return super.nonce();
      }
    },
  ),
  bent(
    'C13',
    'repeats the password, in base64, when it was refused',
    [],
    class extends ReferenceDriver {
      protected override async denied(): Promise<Problem> {
        const sent = Buffer.from(this.password.reveal()).toString('base64');
        return { code: 'wrong-password', says: `the device refuses ${sent}`, ...NEXT, lasting: true };
      }
    },
  ),
  bent(
    'C14',
    'maps a plug name to the number that it begins with',
    [],
    class extends ReferenceDriver {
      override order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
        return super.order(String(Math.abs(Number.parseInt(plug, 10))), wanted, within);
      }
    },
  ),
  bent(
    'C14',
    'calls a plug that does not exist already off',
    [],
    class extends ReferenceDriver {
      protected override noSuchPlug(plug: string): Words {
        return ['', 'plug', plug, 'off'];
      }
    },
  ),
  bent(
    'C15',
    'has on and off the wrong way round, in orders and in readings',
    ['C01', 'C02', 'C03', 'C04', 'C05', 'C06', 'C07', 'C08', 'C09', 'C12', 'C16', 'C19', 'C20'],
    class extends ReferenceDriver {
      protected override orderWord(_plug: string, wanted: WantedPower): string {
        return wanted === 'on' ? 'off' : 'on';
      }
      protected override powerOf(plug: string, word: string | undefined): Reading {
        return super.powerOf(plug, word === 'on' ? 'off' : 'on');
      }
    },
  ),
  bent(
    'C16',
    'does not log in again when the device has forgotten it',
    [],
    class extends ReferenceDriver {
      protected override loginAgain(): boolean {
        return false;
      }
    },
  ),
  bent(
    'C17',
    'throws when it is closed twice',
    [],
    class extends ReferenceDriver {
      #once = false;
      override async close(): Promise<void> {
        if (this.#once) throw new Error('already closed');
        this.#once = true;
        await super.close();
      }
    },
  ),
  bent(
    'C17',
    'takes an order when it is closed, and carries it out nowhere',
    [],
    class extends ReferenceDriver {
      #ended = false;
      override order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
        return this.#ended ? Promise.resolve({ result: 'accepted' }) : super.order(plug, wanted, within);
      }
      override async close(): Promise<void> {
        this.#ended = true;
        await super.close();
      }
    },
  ),
  {
    ...bent('C18', 'has a default that its own schema refuses', [], ReferenceDriver),
    module: { ...referenceModule(), settings: { ...SETTINGS, tries: { kind: 'integer', says: 'how often', min: 1, max: 5, default: 9 } } },
  },
  bent(
    'C19',
    'gives a reading in flight to everybody who asks',
    [],
    class extends ReferenceDriver {
      #inFlight: Promise<Reading> | undefined;
      override read(plug: string, within: Deadline): Promise<Reading> {
        this.#inFlight ??= super.read(plug, within).finally(() => {
          this.#inFlight = undefined;
        });
        return this.#inFlight;
      }
    },
  ),
  bent(
    'C20',
    'takes its nonce from a random of its own',
    [],
    class extends ReferenceDriver {
      protected override nonce(): string {
        return Math.random().toString(16).slice(2, 10);
      }
    },
  ),
  bent(
    'C20',
    'says one byte otherwise than before',
    [],
    class extends ReferenceDriver {
      protected override nonce(): string {
        return super.nonce().toUpperCase();
      }
    },
  ),
  bent(
    'C21',
    'sends an order whenever its turn comes',
    [],
    class extends ReferenceDriver {
      protected override mayLeave(): boolean {
        return true;
      }
    },
  ),
  bent(
    'C21',
    'repeats an order until it is answered, whatever the time',
    [],
    class extends ReferenceDriver {
      protected override async ask(request: string, plug: string, rest: Rest): Promise<Words | Problem> {
        const asked = super.ask(request, plug, rest);
        return rest.notAfter === undefined ? await asked : await this.repeated(request, asked);
      }

      async repeated<T>(request: string, asked: Promise<T>): Promise<T> {
        let cancel = (): void => undefined;
        const again = (): void => {
          cancel = this.tools.after(100, () => {
            this.connection?.send(`0 ${request}`);
            again();
          });
        };
        again();
        try {
          return await asked;
        } finally {
          cancel();
        }
      }
    },
  ),
  bent(
    'C11',
    'repeats an order once more, also when it was called off',
    [],
    class extends ReferenceDriver {
      protected override async ask(request: string, plug: string, rest: Rest): Promise<Words | Problem> {
        const answer = await super.ask(request, plug, rest);
        if (isProblem(answer) && rest.signal?.aborted === true && request.startsWith('order'))
          this.tools.after(600, () => this.connection?.send(`0 ${request}`));
        return answer;
      }
    },
  ),
];
