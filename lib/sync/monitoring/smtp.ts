/**
 * Sends one text mail by SMTP: TLS from the start with `smtps://`, or STARTTLS when the server offers it. A password is sent over
 * TLS only, except to this machine.
 */
import { createTransport } from "nodemailer";
import { z } from "zod";
import { withDeadline } from "../../deadline";

export type Mail = { from: string; to: string[]; subject: string; text: string };

class SmtpError extends Error {
  override name = "SmtpError";
}

const isLoopback = (host: string) => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);

const LATE = "the server did not answer in time";

/** What nodemailer adds to its errors. Its message is left out: it may quote an address, or what the server answered. */
const refused = z.object({
  command: z.string().optional(),
  responseCode: z.number().optional(),
  code: z.string().optional(),
});

function smtpError(error: unknown): SmtpError {
  const { command = "connect", responseCode, code = "unknown" } = refused.parse(error);
  if (code === "ETIMEDOUT") return new SmtpError(LATE);
  const reason = responseCode ? `the server answered ${responseCode}` : code;
  return new SmtpError(`${command}: ${reason}`);
}

/** @throws SmtpError, which names the failed command and the server's code, but neither the password nor an address. */
export async function sendMail(smtpUrl: string, mail: Mail, timeoutMs: number): Promise<void> {
  const url = new URL(smtpUrl);
  const host = url.hostname.replaceAll(/[[\]]/g, "");
  const secure = url.protocol === "smtps:";
  const [user, pass] = [url.username, url.password].map(decodeURIComponent);
  const transport = createTransport({
    ...{ host, port: Number(url.port) || (secure ? 465 : 587), secure },
    name: "rollcall.invalid",
    ...(user && { auth: { user, pass }, requireTLS: !isLoopback(host) }),
    // Each phase ends in time as well, so that no connection stays open after the deadline.
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const sent = transport.sendMail({
    ...{ from: { name: "Rollcall", address: mail.from }, to: mail.to },
    ...{ subject: mail.subject, textEncoding: "base64" },
    // In base64, a line of text ends with CRLF as well (RFC 2045, section 6.8).
    text: mail.text.replaceAll(/\r?\n/g, "\r\n"),
    headers: { "Auto-Submitted": "auto-generated" },
  });
  await withDeadline(
    sent.catch((error) => {
      throw smtpError(error);
    }),
    timeoutMs,
    () => {
      throw new SmtpError(LATE);
    },
  );
}
