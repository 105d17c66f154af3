/**
 * How to log in, without hammering: every credential is offered once. Methods are learned from the device first where there is a choice,
 * so that a password is not spent on a method that the device does not have.
 */
import { createHmac } from 'node:crypto';
import type { Secret } from '../kit/contract.ts';

type Method = 'publickey' | 'agent' | 'password' | 'keyboard-interactive';

/** Secrets as they are now; they live no longer than one connection attempt. */
export interface Credentials {
  readonly username: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly password?: string;
  /** Path of an ssh-agent's socket. */
  readonly agent?: string;
}

export interface CredentialSources {
  readonly username: string;
  readonly key?: Secret;
  readonly passphrase?: Secret;
  readonly password?: Secret;
  readonly agent?: string;
}

/** Fetches every secret now; the origin of the one that could not be had otherwise. */
export function fetchCredentials(sources: CredentialSources): Credentials | { readonly missing: string } {
  const found: Record<string, string> = {};
  for (const name of ['key', 'passphrase', 'password'] as const) {
    const secret = sources[name];
    if (secret === undefined) continue;
    try {
      found[name] = secret.reveal();
    } catch {
      return { missing: secret.origin };
    }
  }
  return { username: sources.username, ...(sources.agent === undefined ? {} : { agent: sources.agent }), ...found };
}

/** Tells whether credentials are the ones that were refused, without keeping them. */
export function credentialMark(credentials: Credentials, salt: Uint8Array): string {
  const hmac = createHmac('sha256', salt);
  for (const part of [credentials.username, credentials.key, credentials.passphrase, credentials.password, credentials.agent]) {
    hmac.update(`${part === undefined ? '-' : part.length}:${part ?? ''};`);
  }
  return hmac.digest('hex');
}

/** The order of methods of one attempt. */
export class LoginPlan {
  readonly tried: Method[] = [];
  readonly #mine: readonly Method[];
  #asked = false;

  constructor(credentials: Credentials) {
    this.#mine = [
      ...(credentials.key === undefined ? [] : (['publickey'] as const)),
      ...(credentials.agent === undefined ? [] : (['agent'] as const)),
      ...(credentials.password === undefined ? [] : (['password', 'keyboard-interactive'] as const)),
    ];
  }

  /** `left`: what the device would still take, null before it was asked. Undefined: nothing more to offer. */
  next(left: readonly string[] | null): Method | 'none' | undefined {
    if (left === null && !this.#asked && this.#mine.length !== 1) {
      this.#asked = true;
      return 'none';
    }
    const method = this.#mine.find((each) => !this.#spent(each) && (left === null || left.includes(each === 'agent' ? 'publickey' : each)));
    if (method !== undefined) this.tried.push(method);
    return method;
  }

  /** Password and keyboard-interactive carry the same secret: one of them is enough for a device to count a failure. */
  #spent(method: Method): boolean {
    const same: readonly Method[] =
      method === 'password' || method === 'keyboard-interactive' ? ['password', 'keyboard-interactive'] : [method];
    return this.tried.some((each) => same.includes(each));
  }
}

/** Answers to the prompts of keyboard-interactive: the password for one hidden prompt, once. Undefined: this cannot be answered. */
export class PromptAnswers {
  readonly #password: string;
  #given = false;

  constructor(password: string) {
    this.#password = password;
  }

  answer(prompts: readonly { readonly prompt: string; readonly echo?: boolean }[]): readonly string[] | undefined {
    const [prompt] = prompts;
    if (prompts.length !== 1 || prompt === undefined || this.#given) return undefined;
    if (prompt.echo === true && !/passw/i.test(prompt.prompt)) return undefined;
    this.#given = true;
    return [this.#password];
  }
}
