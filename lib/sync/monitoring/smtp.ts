/**
 * Sends one text mail by SMTP (RFC 5321): TLS from the start with `smtps://`, or STARTTLS when the server offers it. A password is
 * sent over TLS only, except to this machine. No library: an alert is one short text to a few addresses.
 */
import { randomUUID } from "node:crypto";
import { createConnection, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export type Mail = { from: string; to: string[]; subject: string; text: string };

type Reply = { code: number; lines: string[] };

class SmtpError extends Error {
  override name = "SmtpError";
}

const MAX_REPLY = 64 * 1024;

/** Reads replies one after another. A reply of several lines has a hyphen after the code in all but the last. */
class Connection {
  #buffer = "";
  #waiting: ((error?: Error) => void) | null = null;
  #error: Error | null = null;
  #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  #listen(socket: Socket) {
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      this.#buffer += chunk;
      if (this.#buffer.length > MAX_REPLY) socket.destroy(new SmtpError("the reply is too long"));
      this.#waiting?.();
    });
    const end = (error?: Error) => {
      if (socket !== this.#socket) return;
      this.#error ??= error ?? new SmtpError("the server closed the connection");
      this.#waiting?.();
    };
    socket.on("error", end);
    socket.on("close", () => end());
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Goes on over TLS. What came before the handshake is dropped: it was not encrypted. */
  async upgrade(host: string): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners("data");
    this.#buffer = "";
    const secure = connectTls({ socket: plain, servername: host });
    this.#socket = secure;
    await new Promise<void>((resolve, reject) => {
      secure.once("secureConnect", resolve);
      secure.once("error", reject);
    });
    this.#listen(secure);
  }

  async read(): Promise<Reply> {
    for (;;) {
      const end = /^\d{3}(?: [^\n]*)?\r?\n/m.exec(this.#buffer);
      if (end) {
        const text = this.#buffer.slice(0, end.index + end[0].length);
        this.#buffer = this.#buffer.slice(text.length);
        const lines = text.trimEnd().split(/\r?\n/);
        return {
          code: Number(lines.at(-1)?.slice(0, 3)),
          lines: lines.map((line) => line.slice(4)),
        };
      }
      if (this.#error) throw this.#error;
      await new Promise<void>((resolve) => {
        this.#waiting = () => resolve();
      });
      this.#waiting = null;
    }
  }

  /** Sends a command. @throws SmtpError unless the reply begins like `expected`. The error has no argument of the command. */
  async ask(command: string, expected: number): Promise<Reply> {
    this.#socket.write(`${command}\r\n`);
    return this.expect(expected, command.split(" ")[0] ?? "");
  }

  async expect(expected: number, step: string): Promise<Reply> {
    const reply = await this.read();
    if (Math.floor(reply.code / 100) !== Math.floor(expected / 100))
      throw new SmtpError(`${step}: the server answered ${reply.code}`);
    return reply;
  }
}

const isLoopback = (host: string) => /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host);
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A header's text: as it is if it is ASCII, or else in encoded words of at most 75 characters (RFC 2047). */
function headerText(text: string): string {
  const line = text.replaceAll(/[\r\n]+/g, " ");
  if (/^[\x20-\x7e]*$/.test(line)) return line;
  const words: string[] = [];
  let word = "";
  for (const character of line) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map((each) => `=?utf-8?B?${base64(each)}?=`).join("\r\n ");
}

/** The message in RFC 5322's format. The text is base64, so no line of it is too long or begins with a dot. */
function messageOf({ from, to, subject, text }: Mail): string {
  const host = from.split("@")[1] ?? "localhost";
  const body = base64(text.replaceAll(/\r?\n/g, "\r\n")).replaceAll(/.{76}/g, "$&\r\n");
  return [
    `From: Rollcall <${from}>`,
    `To: ${to.join(", ")}`,
    `Subject: ${headerText(subject)}`,
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${randomUUID()}@${host}>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "Auto-Submitted: auto-generated",
    "",
    body,
  ].join("\r\n");
}

async function converse(connection: Connection, url: URL, mail: Mail): Promise<void> {
  const host = url.hostname;
  await connection.expect(220, "connect");
  const greet = async () => (await connection.ask("EHLO rollcall.invalid", 250)).lines;
  let extensions = await greet();
  const offers = (name: string) => extensions.some((line) => line.toUpperCase().startsWith(name));
  let isSecure = url.protocol === "smtps:";
  if (!isSecure && offers("STARTTLS")) {
    await connection.ask("STARTTLS", 220);
    await connection.upgrade(host);
    isSecure = true;
    extensions = await greet();
  }
  if (url.username) {
    if (!isSecure && !isLoopback(host))
      throw new SmtpError("the server offers no TLS, so no password was sent");
    const [user, password] = [url.username, url.password].map(decodeURIComponent);
    await connection.ask(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`, 235);
  }
  await connection.ask(`MAIL FROM:<${mail.from}>`, 250);
  for (const address of mail.to) await connection.ask(`RCPT TO:<${address}>`, 250);
  await connection.ask("DATA", 354);
  await connection.ask(`${messageOf(mail)}\r\n.`, 250);
  // The mail is accepted. A server that does not answer QUIT changes nothing.
  await connection.ask("QUIT", 221).catch(() => undefined);
}

const DEFAULT_PORT: Record<string, number> = { "smtps:": 465, "smtp:": 587 };

/** @throws SmtpError or a network error, without the password. */
export async function sendMail(smtpUrl: string, mail: Mail, timeoutMs: number): Promise<void> {
  const url = new URL(smtpUrl);
  const port = Number(url.port) || (DEFAULT_PORT[url.protocol] ?? 587);
  const host = url.hostname.replaceAll(/[[\]]/g, "");
  const socket =
    url.protocol === "smtps:"
      ? connectTls({ host, port, servername: host })
      : createConnection({ host, port });
  const connection = new Connection(socket);
  const timer = setTimeout(
    () => connection.socket.destroy(new SmtpError("the server did not answer in time")),
    timeoutMs,
  );
  try {
    await converse(connection, url, mail);
  } finally {
    clearTimeout(timer);
    connection.socket.destroy();
  }
}
