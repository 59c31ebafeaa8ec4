// The domains of the instance: the primary domain of the app, and satellites, which share its users. Satellites are only stored
// and listed: the local Clerk serves no requests for them.

import type { ClerkContext } from "../context";
import { formRefusal, notFound, paramInvalid, refusal } from "../errors";
import { newId } from "../ids";
import type { InstanceDomainRecord } from "../store/records-instance";

type DomainChange = Partial<Pick<InstanceDomainRecord, "name" | "proxyUrl">>;

export function allDomains(context: ClerkContext): InstanceDomainRecord[] {
  const primary = primaryDomain(context);
  const others = [...context.state.instanceDomains.all()].filter(({ id }) => id !== primary.id);
  return [...others.reverse(), primary];
}

function findDomain(context: ClerkContext, id: string): InstanceDomainRecord {
  const domain = allDomains(context).find((each) => each.id === id);
  if (!domain) throw notFound("domain", id);
  return domain;
}

export function addSatellite(
  context: ClerkContext,
  given: { name: string; isSatellite: boolean; proxyUrl: string | null },
): InstanceDomainRecord {
  if (!given.isSatellite) {
    const long =
      "Currently, only a single primary domain is supported and the current instance already has one. All new domains need to be set a satellites.";
    const message = "primary domain already exists";
    throw formRefusal("primary_domain_already_exists", "is_satellite", message, long);
  }
  const name = requireFreeName(context, given.name);
  const now = context.clock.now();
  return context.state.instanceDomains.put({
    ...given,
    id: newId("dmn", now),
    name,
    createdAt: now,
  });
}

export function changeDomain(
  context: ClerkContext,
  id: string,
  change: DomainChange,
): InstanceDomainRecord {
  const domain = findDomain(context, id);
  const isRenamed = change.name !== undefined && change.name !== domain.name;
  const name = isRenamed ? requireFreeName(context, change.name ?? "") : domain.name;
  return context.state.instanceDomains.put({ ...domain, ...change, name });
}

export function removeSatellite(context: ClerkContext, id: string): void {
  if (!findDomain(context, id).isSatellite) {
    const long =
      "This operation is not allowed on a primary domain. Try again with a satellite domain of the instance.";
    const code = "operation_not_allowed_on_primary_domain";
    throw refusal(403, code, "operation not allowed", long);
  }
  context.state.instanceDomains.drop(id);
}

export function frontendApiUrl(context: ClerkContext, domain: InstanceDomainRecord): string {
  return `https://${domain.isSatellite ? `clerk.${domain.name}` : context.keys.frontendHost}`;
}

/** Returns the primary domain: the app's host and proxy URL, unless the Backend API has changed them. */
function primaryDomain(context: ClerkContext): InstanceDomainRecord {
  const id = `dmn_${context.keys.instanceId.slice(4)}`;
  return (
    context.state.instanceDomains.get(id) ?? {
      id,
      name: new URL(context.appOrigin).hostname,
      isSatellite: false,
      proxyUrl: context.proxyUrl,
      createdAt: 0,
    }
  );
}

function requireFreeName(context: ClerkContext, given: string): string {
  const name = given.trim().toLowerCase();
  if (!/^([a-z0-9-]+\.)+[a-z]{2,}$/.test(name)) {
    throw paramInvalid("name", "name must be a valid domain name, without scheme, port and path.");
  }
  if (allDomains(context).some((each) => each.name === name)) {
    const long = `The ${name} root domain is already in use by another application.`;
    throw formRefusal("home_url_taken", "name", "Domain already in use", long);
  }
  return name;
}
