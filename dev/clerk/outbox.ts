// Mail that Clerk would send. It is kept, shown in the log and on the dev page, and announced by
// `email.created`; it goes nowhere.

import { randomInt } from "node:crypto";
import { emit } from "./events";
import { newId } from "./ids";
import type { MailRecord } from "./records";
import type { World } from "./world";

export type Mail = {
  to: string;
  slug: string;
  subject: string;
  text: string;
  code?: string | null;
  /** Shown as a button in the mail. */
  link?: string | null;
  userId?: string | null;
  emailId?: string | null;
};

export function newCode(): string {
  return randomInt(0, 1_000_000).toString().padStart(6, "0");
}

export function sendMail(world: World, mail: Mail): MailRecord {
  const now = world.clock.now();
  const { applicationName } = world.settings;
  const record = world.state.change(() => {
    emit(world, "email.created", {
      object: "email",
      id: newId("ema", now),
      slug: mail.slug,
      from_email_name: "notifications",
      reply_to_email_name: null,
      to_email_address: mail.to,
      email_address_id: mail.emailId ?? null,
      user_id: mail.userId ?? null,
      subject: mail.subject,
      body: `<p>${mail.text}</p>`,
      body_plain: mail.text,
      status: "queued",
      data: {
        app: { name: applicationName, url: world.appOrigin },
        ...(mail.code ? { otp_code: mail.code } : {}),
        ...(mail.link ? { action_url: mail.link } : {}),
      },
      delivered_by_clerk: true,
    });
    return world.state.mails.make({
      id: newId("mail", now),
      to: mail.to,
      subject: mail.subject,
      text: mail.text,
      code: mail.code ?? null,
      link: mail.link ?? null,
      createdAt: now,
    });
  });
  world.log(`Mail to ${mail.to}: ${mail.subject}`);
  return record;
}

export function sendCode(
  world: World,
  to: { address: string; userId: string | null; emailId: string | null },
  purpose: "verification_code" | "reset_password_code",
): string {
  const code = newCode();
  const words = purpose === "verification_code" ? "verification code" : "password reset code";
  const minutes = world.settings.codeLifetimeMs / 60_000;
  sendMail(world, {
    to: to.address,
    slug: purpose,
    subject: `${code} is your ${world.settings.applicationName} ${words}`,
    text: `Your ${words} is ${code}. It works for ${minutes} minutes.`,
    code,
    userId: to.userId,
    emailId: to.emailId,
  });
  return code;
}
