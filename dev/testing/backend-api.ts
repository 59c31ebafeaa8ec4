/**
 * A stub of Clerk's Backend API on a free port of loopback: it serves the objects that a test puts into its lists, and the test
 * can intercept any request. The local Clerk is no substitute: these tests need objects and errors that it refuses to make.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";

type Json = { id: string } & Record<string, unknown>;
type Listed = Json & { created_at: number };

const address = z.object({ port: z.number() });
const memberOf = z.object({
  organization: z.object({ id: z.string() }),
  public_user_data: z.object({ user_id: z.string() }),
});

export type BackendApi = {
  url: string;
  users: Listed[];
  organizations: Listed[];
  memberships: Listed[];
  invitations: Listed[];
  domains: Listed[];
  roles: Listed[];
  permissions: Listed[];
  jwks: object[];
  /** Method and path of every request, in order. */
  requests: string[];
  /**
   * Called before each response. If it returns true, it has sent the response itself. If it returns false or is null, the stub
   * responds from its lists.
   */
  intercept: ((response: ServerResponse, url: URL, request: IncomingMessage) => boolean) | null;
  close(): Promise<void>;
};

/** Sends a JSON response. Returns true, so that `intercept` can return the result of this call. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers = {},
): true {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
  return true;
}

export const clerkError = (code: string) => ({ errors: [{ code, message: code }] });

const byCreation = (a: Listed, b: Listed) => a.created_at - b.created_at;

function pageOf(list: Listed[], parameters: URLSearchParams): Listed[] {
  const after = Number(parameters.get("created_at_after") ?? 0);
  const offset = Number(parameters.get("offset") ?? 0);
  const limit = Number(parameters.get("limit") ?? 10);
  const sorted = list.filter(({ created_at }) => created_at > after).sort(byCreation);
  return sorted.slice(offset, offset + limit);
}

function answerFromLists(api: BackendApi, response: ServerResponse, url: URL): void {
  const [, , resource, id, nested, nestedId] = url.pathname.split("/");
  const send = (body: unknown) => answerJson(response, 200, body);
  const sendPage = (list: Listed[]) =>
    send({ data: pageOf(list, url.searchParams), total_count: list.length });
  const sendOne = (list: Json[], wantedId = id) => {
    const found = list.find((each) => each.id === wantedId);
    if (found) send(found);
    else answerJson(response, 404, clerkError("resource_not_found"));
  };
  const sendPageOrOne = (list: Listed[]) => (id ? sendOne(list) : sendPage(list));

  if (resource === "jwks") send({ keys: api.jwks });
  else if (resource === "users" && id === "count")
    send({ object: "total_count", total_count: api.users.length });
  else if (resource === "users" && id) sendOne(api.users);
  else if (resource === "users") send(pageOf(api.users, url.searchParams));
  else if (resource === "organization_memberships") sendPage(api.memberships);
  else if (resource === "organizations" && nested === "memberships") {
    const userIds = url.searchParams.getAll("user_id");
    sendPage(
      api.memberships.filter((each) => {
        const { organization, public_user_data } = memberOf.parse(each);
        return organization.id === id && userIds.includes(public_user_data.user_id);
      }),
    );
  } else if (resource === "organizations" && nested === "invitations")
    sendOne(api.invitations, nestedId);
  else if (resource === "organizations") sendPageOrOne(api.organizations);
  else if (resource === "organization_invitations") sendPage(api.invitations);
  else if (resource === "organization_domains") {
    const organizationId = url.searchParams.get("organization_id");
    sendPage(
      api.domains.filter((each) => !organizationId || each.organization_id === organizationId),
    );
  } else if (resource === "organization_roles") sendPageOrOne(api.roles);
  else if (resource === "organization_permissions") sendPageOrOne(api.permissions);
  else answerJson(response, 404, clerkError("resource_not_found"));
}

export async function startBackendApi(): Promise<BackendApi> {
  const api: BackendApi = {
    url: "",
    users: [],
    organizations: [],
    memberships: [],
    invitations: [],
    domains: [],
    roles: [],
    permissions: [],
    jwks: [],
    requests: [],
    intercept: null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://clerk.test");
    api.requests.push(`${request.method} ${url.pathname}`);
    if (!api.intercept?.(response, url, request)) answerFromLists(api, response, url);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  api.url = `http://127.0.0.1:${address.parse(server.address()).port}`;
  return api;
}
