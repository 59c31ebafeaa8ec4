// The `user_settings` of the environment: the attributes and factors of users, as Clerk's components read them.

import type { ClerkContext } from "../context";
import { enabledProviders, providerName } from "../instance/providers";
import { allowsSecondFactor, type Settings } from "../instance/settings";
import { usernameRules } from "../instance/usernames";
import { emailStrategies } from "./factors";

type AttributeOptions = {
  isEnabled?: boolean;
  isRequired?: boolean;
  firstFactors?: string[];
  verifications?: string[];
};

function attribute({
  isEnabled = false,
  isRequired = false,
  firstFactors = [],
  verifications = [],
}: AttributeOptions = {}) {
  return {
    enabled: isEnabled,
    required: isRequired,
    used_for_first_factor: firstFactors.length > 0,
    first_factors: firstFactors,
    used_for_second_factor: false,
    second_factors: [],
    verifications,
    verify_at_sign_up: verifications.length > 0,
    immutable: false,
  };
}

function secondFactor(context: ClerkContext, factors: string[]) {
  if (!allowsSecondFactor(context.settings)) return attribute();
  const verifications = factors.filter((factor) => factor === "totp");
  return {
    ...attribute({ isEnabled: true, verifications }),
    verify_at_sign_up: false,
    used_for_second_factor: true,
    second_factors: factors,
  };
}

function emailAttribute(context: ClerkContext) {
  const { email, verifiesAtSignUp } = context.settings;
  if (email === "off") return attribute();
  const factors = emailStrategies(context);
  const isRequired = email === "required";
  const options = { isEnabled: true, isRequired, firstFactors: factors, verifications: factors };
  return { ...attribute(options), verify_at_sign_up: verifiesAtSignUp };
}

function phoneAttribute(context: ClerkContext) {
  const { phone, verifiesAtSignUp } = context.settings;
  if (phone === "off") return attribute();
  const factors = ["phone_code"];
  const isRequired = phone === "required";
  const options = { isEnabled: true, isRequired, firstFactors: factors, verifications: factors };
  return {
    ...attribute(options),
    verify_at_sign_up: verifiesAtSignUp,
    used_for_second_factor: allowsSecondFactor(context.settings),
    second_factors: allowsSecondFactor(context.settings) ? factors : [],
  };
}

function social(settings: Settings) {
  return Object.fromEntries(
    enabledProviders(settings).map((provider) => [
      `oauth_${provider}`,
      {
        enabled: true,
        required: false,
        authenticatable: true,
        block_email_subaddresses: false,
        strategy: `oauth_${provider}`,
        not_selectable: false,
        deprecated: false,
        name: providerName(provider),
        logo_url: null,
      },
    ]),
  );
}

export function userSettings(context: ClerkContext) {
  const { settings } = context;
  const hasUsername = settings.username !== "off";
  const of = (state: "off" | "optional" | "required") =>
    attribute({ isEnabled: state !== "off", isRequired: state === "required" });
  const name = of(settings.names);
  return {
    attributes: {
      email_address: emailAttribute(context),
      phone_number: phoneAttribute(context),
      username: {
        ...of(settings.username),
        used_for_first_factor: hasUsername,
      },
      web3_wallet: attribute(),
      first_name: name,
      last_name: name,
      password: of(settings.password),
      authenticator_app: secondFactor(context, ["totp"]),
      ticket: attribute({ isEnabled: true }),
      backup_code: secondFactor(context, ["backup_code"]),
      passkey: attribute(),
    },
    social: social(settings),
    saml: { enabled: false },
    enterprise_sso: { enabled: false, self_serve_sso: false },
    sign_in: { second_factor: { required: settings.needsSecondFactor } },
    sign_up: {
      captcha_enabled: false,
      captcha_widget_type: "smart",
      custom_action_required: false,
      progressive: true,
      mode: context.settings.signUp,
      legal_consent_enabled: context.settings.hasLegalConsent,
    },
    restrictions: {
      allowlist: { enabled: false },
      blocklist: { enabled: false },
      allowlist_blocklist_disabled_on_sign_in: { enabled: false },
      block_email_subaddresses: { enabled: false },
      block_disposable_email_domains: { enabled: false },
    },
    password_settings: {
      disable_hibp: true,
      disable_password_reverification: true,
      min_length: settings.passwordMinLength,
      max_length: settings.passwordMaxLength,
      require_special_char: false,
      require_numbers: false,
      require_uppercase: false,
      require_lowercase: false,
      show_zxcvbn: false,
      min_zxcvbn_strength: 0,
      enforce_hibp_on_sign_in: false,
      allowed_special_characters: "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~",
    },
    username_settings: usernameRules,
    actions: { delete_self: true, create_organization: true, create_organizations_limit: null },
    attack_protection: {
      user_lockout: {
        enabled: true,
        max_attempts: settings.lockAfter,
        duration_in_minutes: settings.lockMs / 60_000,
      },
      pii: { enabled: false },
      email_link: { require_same_client: false },
      enumeration_protection: { enabled: false },
    },
    passkey_settings: {
      allow_autofill: false,
      show_sign_in_button: false,
      satisfies_second_factor: false,
    },
  };
}
