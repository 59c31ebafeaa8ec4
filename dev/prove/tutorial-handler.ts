/**
 * The webhook handler of common tutorials, for comparison only: verifies, switches on the type, and creates, updates or
 * deletes with Prisma. A failure is answered with 500, so that Svix retries.
 */
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { Webhook } from "svix";
import { z } from "zod";
import { ignoreConnectionErrors } from "../../lib/db";
import { PrismaClient } from "../../lib/generated/prisma/client";
import type { Subject } from "./subject";

const metadata = z.record(z.string(), z.string().nullable());
const user = z.object({
  id: z.string(),
  first_name: z.string(),
  username: z.string().nullable(),
  banned: z.boolean(),
  email_addresses: z.tuple([z.object({ email_address: z.string() })]),
  phone_numbers: z.array(z.object({ id: z.string(), phone_number: z.string() })),
  public_metadata: metadata,
  locale: z.string().nullable(),
});
const organization = z
  .object({ id: z.string(), name: z.string(), slug: z.string(), public_metadata: metadata })
  .transform(({ public_metadata: publicMetadata, ...data }) => ({ ...data, publicMetadata }));
const membership = z.object({
  id: z.string(),
  role: z.string(),
  public_metadata: metadata,
  organization: z.object({ id: z.string() }),
  public_user_data: z.object({ user_id: z.string() }),
});
const invitation = z.object({
  id: z.string(),
  email_address: z.string(),
  role: z.string(),
  status: z.string(),
  public_metadata: metadata,
  organization_id: z.string(),
});
const eventSchema = z.object({ type: z.string(), data: z.unknown() });
const objectId = z.object({ id: z.string() });

/** The proof counts a row as visible if its version is above 0. */
const notDeleted = { version: 1n };

function userData(data: unknown) {
  const parsed = user.parse(data);
  const [{ email_address: email }] = parsed.email_addresses;
  return {
    ...notDeleted,
    id: parsed.id,
    firstName: parsed.first_name,
    username: parsed.username,
    isBanned: parsed.banned,
    email,
    phoneNumbers: parsed.phone_numbers,
    publicMetadata: parsed.public_metadata,
    otherAttributes: { locale: parsed.locale },
  };
}

function membershipData(data: unknown) {
  const {
    id,
    role,
    public_metadata: publicMetadata,
    organization: organizationJson,
    public_user_data: userJson,
  } = membership.parse(data);
  const parents = { organizationId: organizationJson.id, userId: userJson.user_id };
  return { ...notDeleted, id, role, publicMetadata, ...parents };
}

function invitationData(data: unknown) {
  const parsed = invitation.parse(data);
  return {
    ...notDeleted,
    id: parsed.id,
    email: parsed.email_address,
    role: parsed.role,
    status: parsed.status,
    publicMetadata: parsed.public_metadata,
    organizationId: parsed.organization_id,
  };
}

async function handle(prisma: PrismaClient, type: string, data: unknown): Promise<void> {
  const where = objectId.parse(data);
  switch (type) {
    case "user.created":
      await prisma.user.create({ data: userData(data) });
      break;
    case "user.updated":
      await prisma.user.update({ where, data: userData(data) });
      break;
    case "user.deleted":
      await prisma.user.delete({ where });
      break;
    case "organization.created":
      await prisma.organization.create({ data: { ...notDeleted, ...organization.parse(data) } });
      break;
    case "organization.updated":
      await prisma.organization.update({ where, data: organization.parse(data) });
      break;
    case "organization.deleted":
      await prisma.organization.delete({ where });
      break;
    case "organizationMembership.created":
      await prisma.membership.create({ data: membershipData(data) });
      break;
    case "organizationMembership.updated":
      await prisma.membership.update({ where, data: membershipData(data) });
      break;
    case "organizationMembership.deleted":
      await prisma.membership.delete({ where });
      break;
    case "organizationInvitation.created":
      await prisma.invitation.create({ data: invitationData(data) });
      break;
    case "organizationInvitation.accepted":
    case "organizationInvitation.revoked":
      await prisma.invitation.update({ where, data: invitationData(data) });
      break;
  }
}

/** Verifies the signature and parses the event. Throws if either fails. */
export async function readVerifiedEvent(request: Request): Promise<z.output<typeof eventSchema>> {
  const body = await request.text();
  const secret = new Webhook(process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "");
  secret.verify(body, Object.fromEntries(request.headers));
  return eventSchema.parse(JSON.parse(body));
}

export function tutorialSubject(databaseUrl: string): Subject {
  const pool = new pg.Pool({ connectionString: databaseUrl });
  ignoreConnectionErrors(pool);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    name: "the handler of common tutorials",
    receive: async (request) => {
      const { type, data } = await readVerifiedEvent(request);
      await handle(prisma, type, data);
      return new Response("ok");
    },
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
