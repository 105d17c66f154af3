/** Nothing that an agent says is shown before every secret that it was given is taken out, in every spelling. */

const MASK = '(secret)';
const LONGEST_EXCERPT = 200;

function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const hex = bytes.toString('hex');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    // As a shell word: agents quote what they hand to other programs, and some print that.
    `'${secret.replaceAll("'", `'"'"'`)}'`,
    secret.replaceAll("'", `'\\''`),
    hex,
    hex.toUpperCase(),
    (hex.match(/../g) ?? []).join(' '),
    bytes.toString('base64').replace(/=+$/, ''),
    encodeURIComponent(secret),
  ];
}

export function redact(text: string, secrets: readonly string[]): string {
  const words = [...new Set(secrets.filter((secret) => secret !== '').flatMap(spellings))].toSorted((a, b) => b.length - a.length);
  return words.reduce((left, word) => left.replaceAll(word, MASK), text);
}

/** One short line out of what an agent said, fit for people. */
export function excerpt(text: string, secrets: readonly string[]): string {
  const shown = redact(text, secrets)
    .replaceAll(/[^\P{C}\n]/gu, ' ')
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))
    .filter((line) => line !== '' && !NOISE.test(line))
    .join('; ');
  return shown.length > LONGEST_EXCERPT ? `${shown.slice(0, LONGEST_EXCERPT)} …` : shown;
}

/** Lines that say nothing about the device: advice to the user of a terminal, warnings of the Python that runs the agent. */
const NOISE = /^Please use '-h' for usage$|DeprecationWarning|^from pipes import quote$/;
