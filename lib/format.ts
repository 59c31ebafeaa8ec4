/** Values spelled once, for people. */

/** How a person is called: their name, else their username, else their e-mail address. */
export function displayName(person: {
  firstName: string | null;
  lastName: string | null;
  username: string | null;
  email: string | null;
}): string {
  const fullName = [person.firstName, person.lastName].filter(Boolean).join(" ");
  return fullName || person.username || person.email || "Unnamed";
}

/** Clerk's role key in words: "org:admin" is "Admin", "org:billing_manager" is "Billing manager". */
export function roleName(role: string | null): string {
  const words = role?.replace(/^org:/, "").replaceAll("_", " ").trim();
  return words ? `${words.charAt(0).toUpperCase()}${words.slice(1)}` : "No role";
}

const thousands = new Intl.NumberFormat("en-GB");

export function formatCount(count: number): string {
  return thousands.format(count);
}
