/**
 * Connects to Postgres with `sslmode=prefer` as libpq does: encrypted if the server supports it, otherwise not encrypted.
 * node-postgres has no such mode: it fails when the server has no TLS.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
 */
import { isIP, Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";

/** The message SSLRequest, two 32-bit integers: its length in bytes (8) and its code (80877103). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * The stream of one connection. It has the methods of a socket that node-postgres calls. It emits `connect` once the server has
 * said whether it supports TLS. If the server supports TLS, it emits `connect` only after the TLS session is set up.
 */
export class PreferredTlsStream extends Duplex {
  readonly #socket = new Socket();
  /** The socket, or the TLS session over it. */
  #transport: Duplex = this.#socket;

  constructor() {
    super();
    this.#socket.on("error", (error) => this.destroy(error));
    this.#socket.on("close", () => this.destroy());
  }

  /** Connects to a port and a host, or to the path of a local socket. Over a local socket, Postgres does not offer TLS. */
  connect(port: number | string, host?: string): this {
    if (typeof port === "string" && port.startsWith("/")) {
      this.#socket.connect(port);
      this.#socket.once("connect", () => this.#use(this.#socket));
      return this;
    }
    this.#socket.connect(Number(port), host ?? "localhost");
    this.#socket.once("connect", () => this.#socket.write(SSL_REQUEST));
    this.#socket.once("data", (answer) => this.#negotiate(answer.toString("latin1"), host));
    return this;
  }

  #negotiate(answer: string, host = ""): void {
    if (answer === "N") {
      this.#use(this.#socket);
    } else if (answer === "S") {
      // As in libpq, `prefer` does not verify the certificate. The server name that TLS sends must not be an IP address.
      const name = isIP(host) === 0 ? { servername: host } : {};
      const session = connectTls({ socket: this.#socket, rejectUnauthorized: false, ...name });
      session.on("error", (error) => this.destroy(error));
      session.once("secureConnect", () => this.#use(session));
    } else {
      // Also refuses a response of more than one byte: a man in the middle could have added unencrypted bytes before the TLS
      // session.
      this.destroy(new Error("The server did not answer the request for TLS as Postgres does."));
    }
  }

  #use(transport: Duplex): void {
    this.#transport = transport;
    transport.on("data", (chunk) => {
      if (!this.push(chunk)) transport.pause();
    });
    transport.on("end", () => this.push(null));
    this.emit("connect");
  }

  override _read(): void {
    // Reading before the negotiation has ended would lose the server's response.
    if (this.#transport.listenerCount("data") > 0) this.#transport.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.#transport.write(chunk, encoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#transport.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#transport.destroy();
    this.#socket.destroy();
    done(error);
  }

  setNoDelay(isOn = true): this {
    this.#socket.setNoDelay(isOn);
    return this;
  }

  setKeepAlive(isOn = true, delayMs = 0): this {
    this.#socket.setKeepAlive(isOn, delayMs);
    return this;
  }

  ref(): this {
    this.#socket.ref();
    return this;
  }

  unref(): this {
    this.#socket.unref();
    return this;
  }
}

/**
 * Returns the options with which a node-postgres client or pool connects as `sslmode=prefer` does; none if `prefersTls` is false.
 */
export function tlsConfig({ prefersTls }: { prefersTls: boolean }) {
  return prefersTls ? { stream: () => new PreferredTlsStream() } : {};
}
