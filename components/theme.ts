/** The name of the cookie that stores the user's theme. A cookie, so that the server knows the theme before it renders. */
export const THEME_COOKIE = "rollcall-theme";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

/** Parses the theme in a cookie or a form. Any other value counts as `system`. */
export function parseTheme(value: string | undefined): Theme {
  return themes.find((theme) => theme === value) ?? "system";
}
