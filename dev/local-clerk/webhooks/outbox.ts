// The emails and text messages that Clerk would send. They are stored, logged, displayed on the control page and emitted as
// `email.created` or `sms.created`. None leaves this machine.

import { randomInt } from "node:crypto";
import type { ClerkContext } from "../context";
import { newId } from "../ids";
import type { MailRecord } from "../store/records";
import { emit } from "./events";

type Mail = {
  to: string;
  slug: string;
  subject: string;
  text: string;
  code?: string | null;
  /** The URL of the button in the email. */
  link?: string | null;
  userId?: string | null;
  emailId?: string | null;
};

const testCode = "424242";
const testAddress = /\+clerk_test[^@]*@/;
const testNumber = /^\+1\d{3}55501\d{2}$/;

/** Whether an address or number is a test recipient of test mode: it accepts the fixed code, and no message is sent to it. */
export function isTestRecipient({ settings }: ClerkContext, to: string): boolean {
  return settings.hasTestMode && (testAddress.test(to) || testNumber.test(to));
}

export function newCode(context: ClerkContext, to: string): string {
  if (isTestRecipient(context, to)) return testCode;
  return randomInt(0, 1_000_000).toString().padStart(6, "0");
}

export function sendMail(context: ClerkContext, mail: Mail): MailRecord {
  const now = context.clock.now();
  const { applicationName } = context.settings;
  const record = context.state.change(() => {
    emit(context, "email.created", {
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
        app: { name: applicationName, url: context.appOrigin },
        ...(mail.code ? { otp_code: mail.code } : {}),
        ...(mail.link ? { action_url: mail.link } : {}),
      },
      delivered_by_clerk: true,
    });
    return context.state.mails.make({
      id: newId("mail", now),
      to: mail.to,
      subject: mail.subject,
      text: mail.text,
      code: mail.code ?? null,
      link: mail.link ?? null,
      createdAt: now,
    });
  });
  context.state.afterCommit(() => context.log(`Mail to ${mail.to}: ${mail.subject}`));
  return record;
}

type CodePurpose = "verification_code" | "reset_password_code";

export type Recipient = {
  /** An email address, or a phone number for text messages. */
  to: string;
  userId: string | null;
  /** The id of the address or number, if a user has it already; else null. */
  identificationId: string | null;
};

const codeNouns = {
  verification_code: "verification code",
  reset_password_code: "password reset code",
} as const;

/** Creates a code, emails it unless `recipient` is a test address, and returns it. */
export function emailCode(
  context: ClerkContext,
  recipient: Recipient,
  purpose: CodePurpose,
): string {
  const code = newCode(context, recipient.to);
  if (isTestRecipient(context, recipient.to)) return code;
  const { applicationName, codeLifetimeMs } = context.settings;
  sendMail(context, {
    to: recipient.to,
    slug: purpose,
    subject: `${code} is your ${applicationName} ${codeNouns[purpose]}`,
    text: `Your ${codeNouns[purpose]} is ${code}. It works for ${codeLifetimeMs / 60_000} minutes.`,
    code,
    userId: recipient.userId,
    emailId: recipient.identificationId,
  });
  return code;
}

export function emailLink(context: ClerkContext, recipient: Recipient, link: string): void {
  const { applicationName, codeLifetimeMs } = context.settings;
  sendMail(context, {
    to: recipient.to,
    slug: "magic_link_sign_in",
    subject: `Your link to ${applicationName}`,
    text: `Open the link to continue. It works for ${codeLifetimeMs / 60_000} minutes.`,
    link,
    userId: recipient.userId,
    emailId: recipient.identificationId,
  });
}

/** Creates a code, sends it as a text message unless `recipient` is a test number, and returns it. */
export function smsCode(context: ClerkContext, recipient: Recipient, purpose: CodePurpose): string {
  const code = newCode(context, recipient.to);
  if (isTestRecipient(context, recipient.to)) return code;
  const now = context.clock.now();
  const { applicationName } = context.settings;
  const message = `${code} is your ${applicationName} ${codeNouns[purpose]}. Do not share this with anyone.`;
  context.state.change(() => {
    emit(context, "sms.created", {
      object: "sms_message",
      id: newId("sms", now),
      slug: purpose,
      from_phone_number: "+12025550100",
      to_phone_number: recipient.to,
      phone_number_id: recipient.identificationId,
      user_id: recipient.userId,
      message,
      status: "queued",
      data: { app: { name: applicationName, url: context.appOrigin }, otp_code: code },
      delivered_by_clerk: true,
      created_at_ms: now,
    });
    context.state.mails.make({
      id: newId("sms", now),
      to: recipient.to,
      subject: message,
      text: message,
      code,
      channel: "sms",
      createdAt: now,
    });
  });
  context.state.afterCommit(() => context.log(`Text message to ${recipient.to}`));
  return code;
}
