/** The log of `npm run dev`: prefixes each line with the name of its part, and masks secrets. */

export type Log = {
  say(name: string, line: string): void;
  plain(text: string): void;
  /** Masks these values in all later lines. */
  hide(...secrets: string[]): void;
};

export function createLog(write: (text: string) => void, secrets: string[] = []): Log {
  const hidden = new Set<string>();
  const hide = (...values: string[]) => {
    // A value of fewer than 8 characters is no secret, and masking it would make the log unreadable.
    for (const value of values) if (value.length >= 8) hidden.add(value);
  };
  const mask = (text: string) =>
    [...hidden].reduce((masked, secret) => masked.replaceAll(secret, "•••"), text);
  hide(...secrets);
  return {
    hide,
    say: (name, line) => write(`${name.padEnd(8)} ${mask(line)}\n`),
    plain: (text) => write(`${mask(text)}\n`),
  };
}
