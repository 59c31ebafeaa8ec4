/** The cookie that hides the next steps on the home page. Not in the component's file, because the server reads it too. */
export const HIDDEN_STEPS_COOKIE = "rollcall_steps_hidden";
