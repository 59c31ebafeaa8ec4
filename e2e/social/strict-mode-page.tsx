/** The page of strict-mode.spec.ts: the wishlist button of a country inside React's StrictMode. */
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ActionsProvider } from "@/components/intents/actions-provider";
import { WishButton } from "@/components/social/wish-button";

const ignore = () => {};
const router = {
  back: ignore,
  forward: ignore,
  refresh: ignore,
  push: ignore,
  replace: ignore,
  prefetch: ignore,
  experimental_gesturePush: ignore,
  bfcacheId: "",
};

const isSignedIn = new URL(window.location.href).searchParams.has("intent");

createRoot(document.body).render(
  <StrictMode>
    <AppRouterContext value={router}>
      <ActionsProvider isSignedIn={isSignedIn} hasIntents={isSignedIn}>
        <WishButton countryId="LI" name="Liechtenstein" isWished={false} />
      </ActionsProvider>
    </AppRouterContext>
  </StrictMode>,
);
