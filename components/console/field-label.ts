import { capitalized } from "@/lib/format";

/** Labels for the columns whose label cannot be derived from the column's name. */
const labels: Record<string, string> = {
  is_admin: "Platform admin",
  image_url: "Picture",
  totp_enabled: "Authenticator app",
  other_attributes: "Other attributes",
  last_sign_in_at: "Last sign-in",
};

/** The label of a column: "is_banned" is "Banned", "first_name" is "First name". */
export function fieldLabel(column: string): string {
  const words = column.replace(/^is_/, "").replace(/_at$/, "").replaceAll("_", " ");
  return labels[column] ?? capitalized(words);
}
