import { capitalized } from "@/lib/format";

/** Labels for the columns whose label cannot be derived from the column's name. */
const labels: Record<string, string> = {
  is_admin: "Platform admin",
  image_url: "Picture",
  totp_enabled: "Authenticator app",
  other_attributes: "Other attributes",
  last_sign_in_at: "Last sign-in",
};

/** Returns the label of a column: "Banned" for "is_banned", "First name" for "first_name". */
export function fieldLabel(column: string): string {
  const words = column.replace(/^is_/, "").replace(/_at$/, "").replaceAll("_", " ");
  return labels[column] ?? capitalized(words);
}
