import { ClerkProvider, Show, SignUp, useAuth } from "@clerk/react";
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

const { VITE_CLERK_PUBLISHABLE_KEY, VITE_CLERK_PROXY_URL, VITE_CLERK_JS_URL, VITE_CLERK_UI_URL } =
  import.meta.env;

/** What the Express server says of the token that this page sends. */
function Me() {
  const { getToken } = useAuth();
  const [userId, setUserId] = useState();
  useEffect(() => {
    const ask = async () => {
      const headers = { authorization: `Bearer ${await getToken()}` };
      const response = await fetch("/api/me", { headers });
      setUserId((await response.json()).userId);
    };
    void ask();
  }, [getToken]);
  return <p>{userId ? `Signed in as ${userId}` : "Asking the server"}</p>;
}

createRoot(document.getElementById("root")).render(
  <ClerkProvider
    publishableKey={VITE_CLERK_PUBLISHABLE_KEY}
    proxyUrl={VITE_CLERK_PROXY_URL}
    __internal_clerkJSUrl={VITE_CLERK_JS_URL}
    __internal_clerkUIUrl={VITE_CLERK_UI_URL}
    afterSignOutUrl="/"
  >
    <Show when="signed-out">
      <SignUp routing="hash" />
    </Show>
    <Show when="signed-in">
      <Me />
    </Show>
  </ClerkProvider>,
);
