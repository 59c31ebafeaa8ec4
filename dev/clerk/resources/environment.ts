// What the components ask first: what this instance allows and where its pages are. No captcha, no
// telemetry host, no image or link that leads outside.

import { derivedId } from "../ids";
import { providerNames, providers } from "../oauth";
import { creatorRole, defaultRole } from "../roles";
import type { World } from "../world";
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

function secondFactor(world: World, factors: string[]) {
  if (!world.settings.hasSecondFactor) return attribute();
  const verifications = factors.filter((factor) => factor === "totp");
  return {
    ...attribute({ isEnabled: true, verifications }),
    verify_at_sign_up: false,
    used_for_second_factor: true,
    second_factors: factors,
  };
}

function phoneAttribute(world: World) {
  if (world.settings.phone === "off") return attribute();
  const factors = ["phone_code"];
  return {
    ...attribute({ isEnabled: true, firstFactors: factors, verifications: factors }),
    used_for_second_factor: world.settings.hasSecondFactor,
    second_factors: world.settings.hasSecondFactor ? factors : [],
  };
}

function social() {
  return Object.fromEntries(
    providers.map((provider) => [
      `oauth_${provider}`,
      {
        enabled: true,
        required: false,
        authenticatable: true,
        block_email_subaddresses: false,
        strategy: `oauth_${provider}`,
        not_selectable: false,
        deprecated: false,
        name: providerNames[provider],
        logo_url: null,
      },
    ]),
  );
}

export function environmentJson(world: World) {
  return {
    auth_config: authConfig(world),
    display_config: displayConfig(world),
    user_settings: userSettings(world),
    organization_settings: organizationSettings(world),
    fraud_settings: { object: "fraud_settings", native: { device_attestation_mode: "disabled" } },
    commerce_settings: {
      billing: {
        stripe_publishable_key: null,
        free_trial_requires_payment_method: false,
        user: { enabled: false, has_paid_plans: false },
        organization: { enabled: false, has_paid_plans: false },
      },
    },
    api_keys_settings: {
      enabled: false,
      user_api_keys_enabled: false,
      orgs_api_keys_enabled: false,
    },
    protect_config: { loaders: [] },
    client_debug_mode: false,
    partitioned_cookies: false,
    maintenance_mode: false,
  };
}

function authConfig(world: World) {
  const { settings } = world;
  const username = settings.username === "off" ? "off" : "on";
  const hasPhone = settings.phone !== "off";
  const identifiers = ["email_address", ...(hasPhone ? ["phone_number"] : [])];
  const phoneFactors = hasPhone ? ["phone_code", "reset_password_phone_code"] : [];
  return {
    object: "auth_config",
    id: derivedId("aconf", world.keys.instanceId),
    first_name: "on",
    last_name: "on",
    email_address: hasPhone ? "on" : "required",
    phone_number: hasPhone ? "on" : "off",
    username,
    password: "required",
    identification_requirements: [identifiers, []],
    identification_strategies: [...identifiers, ...(username === "off" ? [] : ["username"])],
    first_factors: [
      "password",
      ...emailStrategies(world),
      "reset_password_email_code",
      ...phoneFactors,
      "ticket",
    ],
    second_factors: settings.hasSecondFactor
      ? ["totp", ...(hasPhone ? ["phone_code"] : []), "backup_code"]
      : [],
    email_address_verification_strategies: emailStrategies(world),
    single_session_mode: world.settings.sessions === "single",
    enhanced_email_deliverability: false,
    test_mode: false,
    cookieless_dev: false,
    url_based_session_syncing: false,
    claimed_at: null,
    reverification: settings.needsReverification,
    native_settings: {
      object: "native_settings",
      api_enabled: false,
      trusted_device_sign_in_enabled: false,
      trusted_device_enrollment_prompt_after_sign_in_enabled: false,
      trusted_device_enrollment_prompt_after_sign_up_enabled: false,
    },
  };
}

function displayConfig(world: World) {
  const page = (path: string) => `${world.appOrigin}${path}`;
  const home = page("/");
  return {
    object: "display_config",
    id: derivedId("display_config", world.keys.instanceId),
    instance_environment_type: "production",
    application_name: world.settings.applicationName,
    theme: {},
    preferred_sign_in_strategy: "password",
    logo_image_url: null,
    favicon_image_url: null,
    home_url: home,
    sign_in_url: page("/sign-in"),
    sign_up_url: page("/sign-up"),
    user_profile_url: page("/user"),
    waitlist_url: page("/waitlist"),
    oauth_consent_url: page("/oauth-consent"),
    after_sign_in_url: home,
    after_sign_up_url: home,
    after_sign_out_one_url: home,
    after_sign_out_all_url: home,
    after_switch_session_url: home,
    after_join_waitlist_url: home,
    organization_profile_url: page("/organization"),
    create_organization_url: page("/create-organization"),
    after_leave_organization_url: home,
    after_create_organization_url: home,
    logo_link_url: home,
    support_email: null,
    branded: false,
    experimental_force_oauth_first: false,
    clerk_js_version: null,
    show_devmode_warning: false,
    google_one_tap_client_id: null,
    help_url: null,
    privacy_policy_url: null,
    terms_url: null,
    logo_url: null,
    favicon_url: null,
    logo_image: null,
    favicon_image: null,
    captcha_public_key: null,
    captcha_widget_type: null,
    captcha_public_key_invisible: null,
    captcha_provider: null,
    captcha_oauth_bypass: [],
    captcha_heartbeat: false,
  };
}

function userSettings(world: World) {
  const { settings } = world;
  const hasPhone = settings.phone !== "off";
  const hasUsername = settings.username !== "off";
  return {
    attributes: {
      email_address: attribute({
        isEnabled: true,
        isRequired: !hasPhone,
        firstFactors: emailStrategies(world),
        verifications: emailStrategies(world),
      }),
      phone_number: phoneAttribute(world),
      username: attribute({ isEnabled: hasUsername }),
      web3_wallet: attribute(),
      first_name: attribute({ isEnabled: true }),
      last_name: attribute({ isEnabled: true }),
      password: attribute({ isEnabled: true, isRequired: true }),
      authenticator_app: secondFactor(world, ["totp"]),
      ticket: attribute({ isEnabled: true }),
      backup_code: secondFactor(world, ["backup_code"]),
      passkey: attribute(),
    },
    social: world.settings.hasSocial ? social() : {},
    saml: { enabled: false },
    enterprise_sso: { enabled: false, self_serve_sso: false },
    sign_in: { second_factor: { required: false } },
    sign_up: {
      captcha_enabled: false,
      captcha_widget_type: "smart",
      custom_action_required: false,
      progressive: true,
      mode: world.settings.signUp,
      legal_consent_enabled: world.settings.hasLegalConsent,
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
    username_settings: {
      min_length: 4,
      max_length: 64,
      allow_extended_special_characters: false,
      allow_numeric_usernames: false,
    },
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

function organizationSettings(world: World) {
  return {
    enabled: true,
    max_allowed_memberships: world.settings.maxAllowedMemberships,
    force_organization_selection: world.settings.needsOrganization,
    actions: { admin_delete: true },
    domains: {
      enabled: world.settings.hasOrganizationDomains,
      enrollment_modes: ["manual_invitation", "automatic_invitation", "automatic_suggestion"],
      default_role: defaultRole,
    },
    slug: { disabled: false },
    organization_creation_defaults: { enabled: false },
    creator_role: creatorRole,
  };
}
