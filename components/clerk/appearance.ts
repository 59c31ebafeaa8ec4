/**
 * Styles Clerk's components with our design tokens. The tokens are CSS variables in `app/globals.css`, which covers both themes.
 * Their names have the prefix `--rc-`, because Clerk's buttons define an `--accent` too.
 */
import type { Appearance } from "@clerk/ui";
import apple from "./apple.svg";
import google from "./google.svg";

const line = "1px solid var(--rc-line)";
const card = { border: line, borderRadius: "0.625rem", boxShadow: "none" };
const float = { ...card, boxShadow: "0 8px 24px -6px var(--rc-shadow-tint)" };
const focused = {
  outline: "2px solid var(--rc-accent)",
  outlineOffset: "0",
  boxShadow: "none",
};
const control = { border: "1px solid var(--rc-line-strong)", boxShadow: "none" };
const field = {
  ...control,
  "&:hover": control,
  '&:focus, &[data-focus-within="true"]': { ...control, ...focused },
  '&[data-feedback="error"]': { borderColor: "var(--rc-bad)" },
};
const link = { color: "var(--rc-accent)", "&:hover": { color: "var(--rc-accent-strong)" } };

export const clerkAppearance: Appearance = {
  // Clerk's theme without shadows and gradients, which would otherwise have to be removed one by one.
  theme: "simple",
  // Shows the optional fields in the sign-up form, so that it also asks for the name. Without a name, the console lists the user
  // by e-mail address.
  options: { showOptionalFields: true },
  variables: {
    colorPrimary: "var(--rc-accent)",
    colorPrimaryForeground: "var(--rc-accent-contrast)",
    colorDanger: "var(--rc-bad)",
    colorSuccess: "var(--rc-good)",
    colorWarning: "var(--rc-warn)",
    colorNeutral: "var(--rc-ink)",
    colorForeground: "var(--rc-ink)",
    colorMuted: "var(--rc-sunken)",
    colorMutedForeground: "var(--rc-ink-soft)",
    colorBackground: "var(--rc-surface)",
    colorInput: "var(--rc-surface)",
    colorInputForeground: "var(--rc-ink)",
    colorRing: "var(--rc-accent)",
    colorBorder: "var(--rc-line-strong)",
    colorModalBackdrop: "var(--rc-veil)",
    colorShadow: "var(--rc-shadow-tint)",
    fontFamily: "var(--rc-sans)",
    fontFamilyMono: "var(--rc-mono)",
    fontSize: "0.875rem",
    fontWeight: { normal: 400, medium: 550, semibold: 550, bold: 550 },
    borderRadius: "0.375rem",
  },
  elements: {
    rootBox: { width: "100%" },
    // The app's own bar says who is impersonated, and ends the session. Clerk's button would cover the user menu of a phone.
    impersonationFab: { display: "none" },
    cardBox: { ...card, width: "100%" },
    card: { border: 0, boxShadow: "none" },
    scrollBox: { border: 0, boxShadow: "none" },
    footer: { background: "var(--rc-surface)", borderTop: line },
    headerTitle: { fontSize: "1.25rem" },
    button: {
      "&:focus-visible": focused,
      '&[data-variant="outline"], &[data-variant="bordered"]': {
        ...control,
        color: "var(--rc-ink)",
      },
    },
    badge: { color: "var(--rc-ink-soft)", background: "var(--rc-sunken)", border: 0 },
    formButtonPrimary: { "&:hover": { backgroundColor: "var(--rc-accent-strong)" } },
    socialButtonsBlockButton: control,
    socialButtonsIconButton: control,
    input: field,
    otpCodeFieldInput: field,
    footerActionLink: link,
    formFieldAction: link,
    formResendCodeLink: link,
    identityPreviewEditButton: link,
    navbar: { background: "var(--rc-canvas)", borderRight: line },
    profileSection: { borderColor: "var(--rc-line)" },
    menuList: float,
    popoverBox: float,
    userButtonPopoverMain: { border: 0, boxShadow: "none" },
    organizationSwitcherPopoverMain: { border: 0, boxShadow: "none" },
    organizationSwitcherTrigger: {
      maxWidth: "100%",
      padding: "0.375rem 0.5rem",
      color: "var(--rc-ink)",
      "&:hover": { backgroundColor: "var(--rc-sunken)" },
    },
    // Replaces Clerk's own icons, the only files that Clerk's components load from a third host. Google's icon is an image.
    // Apple's icon is a mask, filled with the colour of the text.
    providerIcon__apple: { maskImage: `url(${apple.src})`, WebkitMaskImage: `url(${apple.src})` },
    providerIcon__google: { backgroundImage: `url(${google.src})` },
  },
};
