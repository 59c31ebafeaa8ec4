/** Set when the user has hidden the next steps on the home page. In a file of its own: the server reads it too. */
export const HIDDEN_STEPS_COOKIE = "rollcall_steps_hidden";
