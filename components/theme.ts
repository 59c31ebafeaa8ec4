/** The theme that a reader chose. Kept in a cookie, which the server reads before it renders. */
export const THEME_COOKIE = "rollcall-theme";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

/** The theme in a cookie or a form; the system's for anything else. */
export function parseTheme(value: string | undefined): Theme {
  return themes.find((theme) => theme === value) ?? "system";
}
