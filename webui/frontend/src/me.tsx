/** Who is asking, and what they may do, for every component that offers something. */

import { createContext, useContext } from "react";
import type { Ability, Me } from "./types";

const MeContext = createContext<Me | null>(null);

export const MeProvider = MeContext.Provider;

/** Who is asking; null while that is not known. */
export function useMe(): Me | null {
  return useContext(MeContext);
}

/** Whether this login may do *ability*.  The server judges again whatever the pages show. */
export function useCan(ability: Ability): boolean {
  return useMe()?.can.includes(ability) ?? false;
}

/** Whether the engine can do *feature*, such as `drain`. */
export function useFeature(feature: string): boolean {
  return useMe()?.features.includes(feature) ?? false;
}
