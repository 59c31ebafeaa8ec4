// The domains of the instance itself: the primary one, which is the app's, and satellites, which share its
// people. They are kept and listed; nothing is served for a satellite here.

import type { World } from "../context";
import { formRefusal, notFound, paramInvalid, refusal } from "../errors";
import { newId } from "../ids";
import type { InstanceDomainRecord } from "../store/records-instance";
import { frontendHost } from "./keys";

export type DomainChange = Partial<Pick<InstanceDomainRecord, "name" | "proxyUrl">>;

export function allDomains(world: World): InstanceDomainRecord[] {
  const primary = primaryDomain(world);
  const others = [...world.state.instanceDomains.all()].filter(({ id }) => id !== primary.id);
  return [...others.reverse(), primary];
}

export function findDomain(world: World, id: string): InstanceDomainRecord {
  const domain = allDomains(world).find((each) => each.id === id);
  if (!domain) throw notFound("domain", id);
  return domain;
}

export function addSatellite(
  world: World,
  given: { name: string; isSatellite: boolean; proxyUrl: string | null },
): InstanceDomainRecord {
  if (!given.isSatellite) {
    const long =
      "Currently, only a single primary domain is supported and the current instance already has one. All new domains need to be set a satellites.";
    const message = "primary domain already exists";
    throw formRefusal("primary_domain_already_exists", "is_satellite", message, long);
  }
  const name = requireFreeName(world, given.name);
  const now = world.clock.now();
  return world.state.instanceDomains.put({ ...given, id: newId("dmn", now), name, createdAt: now });
}

export function changeDomain(world: World, id: string, change: DomainChange): InstanceDomainRecord {
  const domain = findDomain(world, id);
  const isRenamed = change.name !== undefined && change.name !== domain.name;
  const name = isRenamed ? requireFreeName(world, change.name ?? "") : domain.name;
  return world.state.instanceDomains.put({ ...domain, ...change, name });
}

export function removeSatellite(world: World, id: string): void {
  if (!findDomain(world, id).isSatellite) {
    const long =
      "This operation is not allowed on a primary domain. Try again with a satellite domain of the instance.";
    const code = "operation_not_allowed_on_primary_domain";
    throw refusal(403, code, "operation not allowed", long);
  }
  world.state.instanceDomains.drop(id);
}

export function frontendApiUrl(domain: InstanceDomainRecord): string {
  return `https://${domain.isSatellite ? `clerk.${domain.name}` : frontendHost}`;
}

/** As the app is reached, unless it was set differently. */
function primaryDomain(world: World): InstanceDomainRecord {
  const id = `dmn_${world.keys.instanceId.slice(4)}`;
  return (
    world.state.instanceDomains.get(id) ?? {
      id,
      name: new URL(world.appOrigin).hostname,
      isSatellite: false,
      proxyUrl: world.proxyUrl,
      createdAt: 0,
    }
  );
}

function requireFreeName(world: World, given: string): string {
  const name = given.trim().toLowerCase();
  if (!/^([a-z0-9-]+\.)+[a-z]{2,}$/.test(name)) {
    throw paramInvalid("name", "name must be a valid domain name, without scheme, port and path.");
  }
  if (allDomains(world).some((each) => each.name === name)) {
    const long = `The ${name} root domain is already in use by another application.`;
    throw formRefusal("home_url_taken", "name", "Domain already in use", long);
  }
  return name;
}
