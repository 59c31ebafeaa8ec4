/** A stand-in for the lists of Clerk's Backend API, whose every answer a test can spoil. Starts on a free port of loopback. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";

type Json = { id: string; created_at: number } & Record<string, unknown>;

const memberOf = z.object({
  organization: z.object({ id: z.string() }),
  public_user_data: z.object({ user_id: z.string() }),
});

export type BackendLists = {
  url: string;
  users: Json[];
  organizations: Json[];
  memberships: Json[];
  invitations: Json[];
  domains: Json[];
  roles: Json[];
  permissions: Json[];
  /** Every path that was asked for. */
  asked: string[];
  /** Answers instead, when it returns true; called before each answer. */
  spoil: (url: URL, response: ServerResponse, request: IncomingMessage) => boolean;
  close(): Promise<void>;
};

const byCreation = (a: Json, b: Json) => a.created_at - b.created_at;

export function json(response: ServerResponse, body: unknown, status = 200, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

export const clerkError = (code: string) => ({ errors: [{ code, message: code }] });

export async function startBackendLists(): Promise<BackendLists> {
  const api: BackendLists = {
    url: "",
    users: [],
    organizations: [],
    memberships: [],
    invitations: [],
    domains: [],
    roles: [],
    permissions: [],
    asked: [],
    spoil: () => false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  function page(url: URL, list: Json[]): Json[] {
    const after = Number(url.searchParams.get("created_at_after") ?? 0);
    const offset = Number(url.searchParams.get("offset") ?? 0);
    const limit = Number(url.searchParams.get("limit") ?? 10);
    const sorted = list.filter(({ created_at }) => created_at > after).sort(byCreation);
    return sorted.slice(offset, offset + limit);
  }

  function reply(url: URL, response: ServerResponse): void {
    const [, , first = "", id, nested, below] = url.pathname.split("/");
    const paged = (list: Json[]) =>
      json(response, { data: page(url, list), total_count: list.length });
    const one = (list: Json[], wanted = id) => {
      const found = list.find((each) => each.id === wanted);
      if (found) json(response, found);
      else json(response, clerkError("resource_not_found"), 404);
    };
    if (first === "users" && id === "count") {
      json(response, { object: "total_count", total_count: api.users.length });
    } else if (first === "users" && id) one(api.users);
    else if (first === "users") json(response, page(url, api.users));
    else if (first === "organization_memberships") paged(api.memberships);
    else if (first === "organizations" && nested === "memberships") {
      const wanted = url.searchParams.getAll("user_id");
      paged(
        api.memberships.filter((each) => {
          const { organization, public_user_data } = memberOf.parse(each);
          return organization.id === id && wanted.includes(public_user_data.user_id);
        }),
      );
    } else if (first === "organizations" && nested === "invitations") one(api.invitations, below);
    else if (first === "organization_invitations") paged(api.invitations);
    else if (first === "organization_domains") {
      const wanted = url.searchParams.get("organization_id");
      paged(api.domains.filter((each) => !wanted || each.organization_id === wanted));
    } else if (first === "organization_roles" && id) one(api.roles);
    else if (first === "organization_roles") paged(api.roles);
    else if (first === "organization_permissions" && id) one(api.permissions);
    else if (first === "organization_permissions") paged(api.permissions);
    else if (first === "organizations" && id) one(api.organizations);
    else paged(api.organizations);
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://clerk.test");
    api.asked.push(url.pathname);
    if (!api.spoil(url, response, request)) reply(url, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("no port");
  api.url = `http://127.0.0.1:${address.port}`;
  return api;
}
