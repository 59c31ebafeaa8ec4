"use client";

import { useClerk } from "@clerk/nextjs";
import { z } from "zod";
import apple from "@/components/clerk/apple.svg";
import google from "@/components/clerk/google.svg";
import { Button } from "@/components/ui/button";
import { type SocialProvider, socialProviders } from "./social-flow";

const environment = z.object({
  userSettings: z.object({ authenticatableSocialStrategies: z.array(z.string()) }),
});

/** Returns the providers that the instance has switched on; none until clerk-js has loaded. clerk-js has no public API for this. */
function useEnabledProviders(): SocialProvider[] {
  const clerk = useClerk();
  const parsed = environment.safeParse(
    clerk.loaded ? Reflect.get(clerk, "__internal_environment") : undefined,
  );
  const enabled = parsed.data?.userSettings.authenticatableSocialStrategies ?? [];
  return socialProviders.filter((provider) => enabled.includes(`oauth_${provider}`));
}

const names: Record<SocialProvider, string> = { google: "Google", apple: "Apple" };

const icons: Record<SocialProvider, React.ReactNode> = {
  google: (
    <span
      aria-hidden="true"
      className="size-4 bg-contain bg-center bg-no-repeat"
      style={{ backgroundImage: `url(${google.src})` }}
    />
  ),
  // The Apple mark is a CSS mask, so that it has the colour of the text in both themes.
  apple: (
    <span
      aria-hidden="true"
      className="size-4 bg-ink"
      style={{ mask: `url(${apple.src}) center / contain no-repeat` }}
    />
  ),
};

export function SocialButtons(props: {
  /** The provider to which the browser is being redirected. */
  leavingTo: SocialProvider | null;
  isDisabled: boolean;
  onChoose: (provider: SocialProvider) => void;
}) {
  const providers = useEnabledProviders();
  if (providers.length === 0) return null;
  return (
    <div className="flex flex-col gap-3">
      <p className="flex items-center gap-3 text-sm text-ink-soft before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or
      </p>
      {providers.map((provider) => (
        <Button
          key={provider}
          size="large"
          disabled={props.isDisabled}
          onClick={() => props.onChoose(provider)}
        >
          {icons[provider]}
          {props.leavingTo === provider
            ? `Opening ${names[provider]}…`
            : `Continue with ${names[provider]}`}
        </Button>
      ))}
    </div>
  );
}
