/** Leaving, where a login can be left. */

import { send } from "../api";
import type { Me } from "../types";
import { Button } from "../ui";

/** Ways of logging in that end with their cookie; the others come with every request. */
const LEAVABLE = ["link", "token", "basic"];

export const leavable = (me: Me): boolean => LEAVABLE.includes(me.method);

export function LogOut() {
  const leave = async () => {
    await send("POST", "logout").catch(() => undefined);
    window.location.reload();
  };
  return (
    <Button kind="quiet" onClick={leave}>
      Log out
    </Button>
  );
}
