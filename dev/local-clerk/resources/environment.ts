// The environment that Clerk's components load first: the instance's settings and the URLs of its pages. It has
// no captcha, no telemetry host, and no image or link to another site.

import type { ClerkContext } from "../context";
import { derivedId } from "../ids";
import { creatorRole, defaultRole } from "../instance/roles";
import { allowsSecondFactor } from "../instance/settings";
import { emailStrategies, identifiers } from "./factors";
import { userSettings } from "./user-settings";

export function environmentJson(context: ClerkContext) {
  return {
    auth_config: authConfig(context),
    display_config: displayConfig(context),
    user_settings: userSettings(context),
    organization_settings: organizationSettings(context),
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
      enabled: context.settings.hasApiKeys,
      user_api_keys_enabled: context.settings.hasApiKeys,
      orgs_api_keys_enabled: context.settings.hasApiKeys,
    },
    protect_config: { loaders: [] },
    client_debug_mode: false,
    partitioned_cookies: false,
    maintenance_mode: false,
  };
}

const attributeState = { off: "off", optional: "on", required: "required" } as const;

function authConfig(context: ClerkContext) {
  const { settings } = context;
  const known = identifiers(context);
  const hasPhone = settings.phone !== "off";
  const strategies = settings.email === "off" ? [] : emailStrategies(context);
  const phoneFactors = hasPhone ? ["phone_code", "reset_password_phone_code"] : [];
  return {
    object: "auth_config",
    id: derivedId("aconf", context.keys.instanceId),
    first_name: attributeState[settings.names],
    last_name: attributeState[settings.names],
    email_address: attributeState[settings.email],
    phone_number: attributeState[settings.phone],
    username: attributeState[settings.username],
    password: attributeState[settings.password],
    identification_requirements: [
      settings.email === "required" ? known.filter((each) => each !== "username") : known,
      [],
    ],
    identification_strategies: known,
    first_factors: [
      ...(settings.password === "off" ? [] : ["password"]),
      ...strategies,
      ...(settings.email === "off" ? [] : ["reset_password_email_code"]),
      ...phoneFactors,
      "ticket",
    ],
    second_factors: allowsSecondFactor(settings)
      ? ["totp", ...(hasPhone ? ["phone_code"] : []), "backup_code"]
      : [],
    email_address_verification_strategies: strategies,
    single_session_mode: context.settings.sessions === "single",
    enhanced_email_deliverability: false,
    test_mode: settings.hasTestMode,
    cookieless_dev: context.isDevelopment,
    url_based_session_syncing: context.isDevelopment,
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

function displayConfig(context: ClerkContext) {
  const page = (path: string) => `${context.appOrigin}${path}`;
  const home = page("/");
  const consentUrl = (path: string) => (context.settings.hasLegalConsent ? page(path) : null);
  return {
    object: "display_config",
    id: derivedId("display_config", context.keys.instanceId),
    instance_environment_type: context.isDevelopment ? "development" : "production",
    application_name: context.settings.applicationName,
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
    show_devmode_warning: context.isDevelopment,
    google_one_tap_client_id: null,
    help_url: null,
    privacy_policy_url: consentUrl("/privacy"),
    terms_url: consentUrl("/terms"),
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

function organizationSettings(context: ClerkContext) {
  return {
    enabled: true,
    max_allowed_memberships: context.settings.maxAllowedMemberships,
    force_organization_selection: context.settings.needsOrganization,
    actions: { admin_delete: true },
    domains: {
      enabled: context.settings.hasOrganizationDomains,
      enrollment_modes: ["manual_invitation", "automatic_invitation", "automatic_suggestion"],
      default_role: defaultRole,
    },
    slug: { disabled: false },
    organization_creation_defaults: { enabled: false },
    creator_role: creatorRole,
  };
}
